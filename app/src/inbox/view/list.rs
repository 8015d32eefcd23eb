//! The inbox itself.

use leptos::prelude::*;

use crate::inbox::api::Clear;
use crate::inbox::view::Inbox;
use crate::inbox::view::desktop::DesktopSwitch;
use crate::inbox::{Cause, Entry, Unread};
use crate::people::{Avatar, current};
use crate::ui::{Form, Time};

#[component]
pub fn InboxList(unread: Unread) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    inbox.fill(&unread);
    let clear = ServerAction::<Clear>::new();
    // What comes while the answer is on its way stays.
    let asked = StoredValue::new(Vec::new());
    Effect::new(move |_| {
        if clear.pending().get() {
            asked.set_value(inbox.entries.ids());
        }
    });
    Effect::new(move |_| {
        if matches!(*clear.value().read(), Some(Ok(()))) {
            inbox.entries.apply(&asked.get_value(), Vec::new());
        }
    });
    let newest_first = move || inbox.entries.all().into_iter().rev().collect::<Vec<_>>();
    let empty = move || inbox.entries.all().is_empty();
    view! {
        <Show
            when=move || !empty()
            fallback=|| view! {
                <p class="hint">"Nothing waits for you. What mentions you, and what is said to you alone, is found here until you have read it."</p>
            }
        >
            <Form action=clear>
                <button>"Mark all as read"</button>
            </Form>
            <ul class="inbox card">
                <For each=newest_first key=|(id, _)| *id let((_, entry))>
                    <EntryView entry/>
                </For>
            </ul>
        </Show>
        <DesktopSwitch/>
    }
}

#[component]
fn EntryView(entry: ArcRwSignal<Entry>) -> impl IntoView {
    let Entry { author, room_name, cause, posted, .. } = entry.get_untracked();
    let href = entry.with_untracked(Entry::href);
    let author_now = current(author.clone());
    let place = match cause {
        Cause::Direct => "to you".to_owned(),
        Cause::Mention => format!("mentions you in {room_name}"),
        Cause::Everyone => format!("to everyone in {room_name}"),
    };
    view! {
        <li>
            <a href=href>
                <Avatar person=author/>
                <span class="about">
                    <strong dir="auto">{move || author_now.with(|author| author.name.clone())}</strong>
                    " "
                    <span class="hint" dir="auto">{place}</span>
                    " "
                    <Time at=posted/>
                </span>
                <span dir="auto">{move || entry.with(|entry| entry.excerpt.clone())}</span>
            </a>
        </li>
    }
}
