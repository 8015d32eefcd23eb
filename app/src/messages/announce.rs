//! Says what others have just said to those who do not see it. The timeline itself says nothing: older messages, edits and
//! dates come and go in it that nobody wants to be told of.

use leptos::prelude::*;

use crate::messages::window::MessageWindow;

/// Characters of a message that are said.
const MAX_SAID: usize = 300;

#[component]
pub fn Announce(me: i64, window: MessageWindow) -> impl IntoView {
    let said = RwSignal::new(String::new());
    Effect::new(move |before: Option<(i64, bool)>| {
        let all = window.messages.all();
        let newest = all.last().map_or(0, |(id, _)| *id);
        // What one scrolls to was said before.
        if let Some((last, live)) = before.filter(|(_, live)| *live) {
            let new = all.iter().filter(|(id, _)| *id > last).map(|(_, message)| message.get_untracked());
            let new: Vec<_> = new.filter(|message| message.author.id != me).collect();
            match new.as_slice() {
                [] => {}
                [one] => {
                    said.set(format!("{}: {}", one.author.name, one.body.chars().take(MAX_SAID).collect::<String>()))
                }
                many => said.set(format!("{} new messages", many.len())),
            }
            return (newest.max(last), live);
        }
        (newest, !window.newer.get_untracked())
    });
    view! { <div class="unseen" aria-live="polite">{said}</div> }
}
