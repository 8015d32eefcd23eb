//! Where one writes.

use leptos::ev::KeyboardEvent;
use leptos::html::Textarea;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::messages::api::Post;
use crate::ui::{Form, raw_text, typed};

/// `posted` is called with the id of each message that got through, so that it is shown even without live updates.
#[component]
pub fn Composer<F: Fn(i64) + Send + Sync + 'static>(room: i64, posted: F) -> impl IntoView {
    let post = ServerAction::<Post>::new();
    let client_id = RwSignal::new(new_client_id());
    let field = NodeRef::<Textarea>::new();
    Effect::new(move |_| {
        let Some(Ok(id)) = post.value().get() else { return };
        client_id.set(new_client_id());
        posted(id);
        if let Some(field) = field.get_untracked() {
            field.set_value("");
        }
    });
    view! {
        <Form action=post class="composer">
            <input type="hidden" name="room" value=room/>
            <input type="hidden" name="client_id" value=client_id/>
            <textarea
                node_ref=field
                name="body"
                aria-label="Message"
                placeholder="Write to everyone here"
                rows="1"
                dir="auto"
                required
                // What is written while a message is on its way would be taken for the same message.
                readonly=post.pending()
                on:keydown=move |event| if !post.pending().get_untracked() { send_on_enter(&event) }
            >
                {typed::<Post>("body").map(|text| raw_text(&text))}
            </textarea>
            <button class="primary" disabled=post.pending()>"Send"</button>
        </Form>
    }
}

/// Enter sends the form, Shift+Enter breaks the line, and Enter that ends the input of a character does neither.
pub fn send_on_enter(event: &KeyboardEvent) {
    if event.key() != "Enter" || event.shift_key() || event.is_composing() {
        return;
    }
    event.prevent_default();
    let field = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
    if let Some(form) = field.and_then(|field| field.form()) {
        // Fails only for a form without the given button, and none is given.
        let _ = form.request_submit();
    }
}

/// Tells one filled-in form from the next, so that a second sending of one makes no second message.
fn new_client_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
