//! Tells who reads older messages how many new ones wait below.

use leptos::html::Div;
use leptos::prelude::*;

use crate::messages::scrolling::to_the_end;
use crate::messages::window::MessageWindow;

#[component]
pub fn Newer(window: MessageWindow, log: NodeRef<Div>) -> impl IntoView {
    let MessageWindow { messages, following, .. } = window;
    let last_seen = RwSignal::new(messages.ids().last().copied().unwrap_or_default());
    Effect::new(move |was_live: Option<bool>| {
        let newest = messages.all().last().map_or(0, |(id, _)| *id);
        // What one scrolls to was said before.
        if following.get() || was_live == Some(false) {
            last_seen.set(newest);
        }
        window.is_live().unwrap_or_default()
    });
    let count = Memo::new(move |_| {
        let seen = last_seen.get();
        messages.all().iter().filter(|(id, _)| *id > seen).count()
    });
    let label = move || match count.get() {
        1 => "1 new message".to_owned(),
        count => format!("{count} new messages"),
    };
    view! {
        <div class="newer" role="status">
            <Show when=move || { count.get() > 0 }>
                <button type="button" class="primary" on:click=move |_| to_the_end(log)>{label} " ↓"</button>
            </Show>
        </div>
    }
}
