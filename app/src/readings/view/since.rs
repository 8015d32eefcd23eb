//! Where the new begins in a room, and how to say that one will come back to it.

use leptos::prelude::*;

use crate::readings::api;
use crate::readings::view::Reader;
use crate::ui::Form;

/// Stands before the first message that is new.
#[component]
pub fn NewLine() -> impl IntoView {
    view! { <p class="new-line"><span>"New since you were here"</span></p> }
}

/// In the menu of a message: from it on all counts as unread.
#[component]
pub fn MarkUnread(room: i64, message: i64) -> impl IntoView {
    let action = ServerAction::<api::MarkUnread>::new();
    let (input, reader) = (action.input(), use_context::<Reader>());
    Effect::new(move |_| {
        if let (Some(_), Some(reader)) = (&*input.read(), reader) {
            reader.put_back(message);
        }
    });
    view! {
        <Form action>
            <input type="hidden" name="room" value=room/>
            <input type="hidden" name="first" value=message/>
            <button class="quiet">"Mark as unread"</button>
        </Form>
    }
}
