//! The messages of a room, oldest first; older ones come as one scrolls up.

use leptos::ev::Event;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use wasm_bindgen::JsCast;

use crate::listen::Keyed;
use crate::messages::view::MessageView;
use crate::messages::{Message, api};
use crate::people::Me;

/// Pixels from the oldest message at which older ones are fetched.
const NEAR: i32 = 400;

#[component]
pub fn Timeline(me: Me, room: i64, messages: Keyed<Message>, more: RwSignal<bool>) -> impl IntoView {
    let query = use_query_map();
    let editing = Memo::new(move |_| query.with(|query| query.get("edit")?.parse::<i64>().ok()));
    let loading = RwSignal::new(false);
    let log = NodeRef::<Div>::new();
    let load_older = move || {
        let Some(oldest) = messages.first().filter(|_| more.get_untracked() && !loading.get_untracked()) else {
            return;
        };
        loading.set(true);
        spawn_local(async move {
            if let Ok(page) = api::page(room, Some(oldest)).await {
                stay(log, || messages.apply(&[], page.messages));
                more.try_set(page.more);
            }
            loading.try_set(false);
        });
    };
    let older = move || messages.all().first().map(|(id, _)| format!("/rooms/{room}?before={id}"));
    let empty = move || messages.all().is_empty();
    view! {
        <div node_ref=log role="log" class="timeline" tabindex="0" aria-label="Conversation" on:scroll=move |event| {
            if near_the_oldest(&event) {
                load_older();
            }
        }>
            <div class="messages">
                <Show when=move || more.get()>
                    <a class="older" href=older on:click=move |event| {
                        event.prevent_default();
                        load_older();
                    }>"Older messages"</a>
                </Show>
                <Show when=empty>
                    <p class="empty">"Nothing has been said here yet. Say hello!"</p>
                </Show>
                <For each=move || messages.all() key=|(id, _)| *id let((id, message))>
                    <MessageView me=me.clone() room message editing=Memo::new(move |_| editing.get() == Some(id))/>
                </For>
            </div>
        </div>
    }
}

/// What one reads stays where it is while older messages come before it: the position counts from the end, which does not
/// move. Left alone, some browsers hold on to the topmost element instead.
fn stay(log: NodeRef<Div>, change: impl FnOnce()) {
    let before = log.get_untracked().map(|log| log.scroll_top());
    change();
    request_animation_frame(move || {
        if let (Some(log), Some(before)) = (log.try_get_untracked().flatten(), before) {
            log.set_scroll_top(before);
        }
    });
}

/// The timeline's scroll position counts from its end, downwards negative: see `timeline.css`.
fn near_the_oldest(event: &Event) -> bool {
    let Some(log) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return false };
    log.scroll_height() - log.client_height() + log.scroll_top() < NEAR
}
