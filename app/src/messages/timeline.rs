//! The messages of a room, oldest first; older ones come as one scrolls up, those on their way stand at the end.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::messages::outbox::Outbox;
use crate::messages::stretch::Stretch;
use crate::messages::view::{MessageView, OutgoingView};
use crate::people::Me;

/// Pixels from the oldest message at which older ones are fetched.
const NEAR: i32 = 400;
/// Pixels from the newest message within which one still follows the talk.
const AT_THE_END: i32 = 60;

/// `older` asks for the page before the oldest message.
#[component]
pub fn Timeline<F: Fn() + Clone + Send + Sync + 'static>(
    me: Me,
    room: i64,
    stretch: Stretch,
    log: NodeRef<Div>,
    outbox: Outbox,
    older: F,
) -> impl IntoView {
    let Stretch { messages, more, following, held, .. } = stretch;
    let scrolled = {
        let older = older.clone();
        move |_| {
            let Some(log) = log.get_untracked() else { return };
            following.set(-log.scroll_top() < AT_THE_END);
            if log.scroll_height() - log.client_height() + log.scroll_top() < NEAR {
                older();
            }
        }
    };
    let waiting = outbox.waiting;
    let before_oldest = move || messages.all().first().map(|(id, _)| format!("/rooms/{room}?before={id}"));
    let empty = move || messages.all().is_empty() && waiting.with(Vec::is_empty);
    let author = me.person.clone();
    view! {
        <div node_ref=log role="log" class="timeline" tabindex="0" aria-label="Conversation" on:scroll=scrolled>
            <div class="messages">
                <Show when=move || more.get()>
                    <a class="older" href=before_oldest on:click={
                        let older = older.clone();
                        move |event| {
                            event.prevent_default();
                            older();
                        }
                    }>"Older messages"</a>
                </Show>
                <Show when=empty>
                    <p class="empty">"Nothing has been said here yet. Say hello!"</p>
                </Show>
                <For each=move || messages.all() key=|(id, _)| *id let((id, message))>
                    <MessageView me=me.clone() room message editing=Memo::new(move |_| held.get() == Some(id))/>
                </For>
                <For each=move || waiting.get() key=|outgoing| (outgoing.client_id.clone(), outgoing.state.clone()) let(outgoing)>
                    <OutgoingView author=author.clone() outgoing outbox=outbox.clone()/>
                </For>
            </div>
        </div>
    }
}

/// What one reads stays where it is while older messages come before it: the position counts from the end, which does not
/// move (see `timeline.css`). Left alone, some browsers hold on to the topmost element instead. What has the focus may be
/// moved in the document, and keeps it.
pub fn stay(log: NodeRef<Div>, change: impl FnOnce()) {
    let before = log.get_untracked().map(|log| log.scroll_top());
    let focused = document().active_element().and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    change();
    request_animation_frame(move || {
        if document().active_element() != focused.clone().map(Into::into) {
            // Focus is a convenience: a browser that refuses it loses nothing.
            focused.into_iter().for_each(|element| drop(element.focus()));
        }
        if let (Some(log), Some(before)) = (log.try_get_untracked().flatten(), before) {
            log.set_scroll_top(before);
        }
    });
}

/// Shows the newest message.
pub fn to_the_end(log: NodeRef<Div>) {
    request_animation_frame(move || {
        if let Some(log) = log.try_get_untracked().flatten() {
            log.set_scroll_top(0);
        }
    });
}
