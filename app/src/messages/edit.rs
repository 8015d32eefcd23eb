//! The form that stands in a message's place while it is edited. Which one that is stands in the address: `?edit=<id>`.

use leptos::ev::KeyboardEvent;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::messages::Address;
use crate::messages::api::Edit;
use crate::messages::composer::send_on_enter;
use crate::ui::{Form, composes, raw_text, typed};

#[component]
pub fn EditForm(address: Address, id: i64, body: String) -> impl IntoView {
    let text = raw_text(&typed::<Edit>("body").unwrap_or(body));
    let field = NodeRef::<Textarea>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // Focus is a convenience: a browser that refuses it loses nothing.
            let _ = field.focus();
        }
    });
    let done = address.path();
    let leave = {
        let (navigate, done) = (use_navigate(), done.clone());
        move || navigate(&done, Default::default())
    };
    let (action, saved) = (ServerAction::<Edit>::new(), leave.clone());
    Effect::new(move |_| {
        if matches!(action.value().get(), Some(Ok(()))) {
            saved();
        }
    });
    let keys = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !composes(&event) { leave() } else { send_on_enter(event) }
    };
    view! {
        <Form action class="edit">
            <input type="hidden" name="id" value=id/>
            <textarea node_ref=field name="body" aria-label="New text" rows="3" dir="auto" required on:keydown=keys>{text}</textarea>
            <div class="row">
                <button class="primary">"Save"</button>
                <a class="button quiet" href=done>"Cancel"</a>
            </div>
        </Form>
    }
}
