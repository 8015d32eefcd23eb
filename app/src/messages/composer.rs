//! Where one writes. What is not sent yet is kept for each room, and is there again after a reload of the page.

use gloo_storage::{LocalStorage, Storage};
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wasm_bindgen::JsCast;

use crate::messages::api::Post;
use crate::messages::check_body;
use crate::messages::outbox::new_client_id;
use crate::ui::{PageForm, Sentence, raw_text, typed};

/// `send` takes what was written over. Without JavaScript the form is posted as it stands.
#[component]
pub fn Composer<F: Fn(String) + Send + Sync + 'static>(me: i64, room: i64, send: F) -> impl IntoView {
    let field = NodeRef::<Textarea>::new();
    let refused = RwSignal::new(None);
    let draft = format!("earshot.draft.{me}.{room}");
    let (kept, keep) = (draft.clone(), draft.clone());
    Effect::new(move |_| {
        let Some(field) = field.get() else { return };
        if let Some(text) = LocalStorage::get::<String>(&kept).ok().filter(|_| field.value().is_empty()) {
            field.set_value(&text);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(field) = field.get_untracked() else { return };
        match check_body(&field.value()) {
            Ok(body) => {
                refused.set(None);
                field.set_value("");
                LocalStorage::delete(&draft);
                send(body);
            }
            Err(error) => refused.set(Some(error)),
        }
    };
    view! {
        <PageForm action=Post::PATH class="composer" on:submit=submit>
            <input type="hidden" name="room" value=room/>
            <input type="hidden" name="client_id" value=new_client_id()/>
            <textarea
                node_ref=field
                name="body"
                aria-label="Message"
                placeholder="Write to everyone here"
                rows="1"
                dir="auto"
                required
                on:keydown=send_on_enter
                // A browser that keeps nothing loses the draft only with the page.
                on:input:target=move |event| drop(LocalStorage::set(&keep, event.target().value()))
            >
                {typed::<Post>("body").map(|text| raw_text(&text))}
            </textarea>
            <button class="primary">"Send"</button>
            <Sentence error=refused/>
        </PageForm>
    }
}

/// Enter sends the form, Shift+Enter breaks the line, and Enter that ends the input of a character does neither.
pub fn send_on_enter(event: KeyboardEvent) {
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
