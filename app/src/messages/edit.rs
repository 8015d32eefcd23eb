//! The form that stands in a message's place while it is edited. Which one that is stands in the address: `?edit=<id>`. What
//! is written there is kept until it is saved or cancelled.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html::{Div, Textarea};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::messages::Address;
use crate::messages::api::Edit;
use crate::messages::composer::send_on_enter;
use crate::ui::storage::Storage;
use crate::ui::{COMPOSER, Form, composes, pass_focus_on, raw_text, typed};

#[component]
pub fn EditForm(address: Address, id: i64, body: String) -> impl IntoView {
    let text = raw_text(typed::<Edit>("body").as_ref().unwrap_or(&body));
    let (whole, field) = (NodeRef::<Div>::new(), NodeRef::<Textarea>::new());
    pass_focus_on(whole, COMPOSER.to_owned());
    let kept = format!("earshot.edit.{id}");
    take_up(field, kept.clone(), body);
    let done = address.path();
    let leave = {
        let (navigate, done, kept) = (use_navigate(), done.clone(), kept.clone());
        move || {
            Storage::Tab.delete(&kept);
            navigate(&done, Default::default());
        }
    };
    let (action, saved) = (ServerAction::<Edit>::new(), leave.clone());
    let cancelled = leave.clone();
    let written = move || field.get_untracked().map(|field| field.value());
    let sent = StoredValue::new(None);
    Effect::new(move |_| {
        // Who has written on meanwhile goes on.
        if matches!(action.value().get(), Some(Ok(()))) && written() == sent.get_value() {
            saved();
        }
    });
    let keys = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !composes(&event) { leave() } else { send_on_enter(event) }
    };
    let keep = move |text: String| {
        Storage::Tab.set(&kept, &text);
    };
    let cancel = move |event: MouseEvent| {
        event.prevent_default();
        cancelled();
    };
    view! {
        <div node_ref=whole>
        <Form action class="edit" on:submit=move |_| sent.set_value(written())>
            <input type="hidden" name="id" value=id/>
            <textarea
                node_ref=field
                name="body"
                aria-label="New text"
                rows="3"
                dir="auto"
                required
                on:keydown=keys
                on:input:target=move |event| keep(event.target().value())
            >
                {text}
            </textarea>
            <div class="row">
                <button class="primary">"Save"</button>
                <a class="button quiet" href=done on:click=cancel>"Cancel"</a>
            </div>
        </Form>
        </div>
    }
}

/// Puts what was kept into the field when it comes, and the focus. What was refused, or written before the page became live,
/// counts more, and is kept from now on.
fn take_up(field: NodeRef<Textarea>, kept: String, body: String) {
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let written = field.value();
            if written != body {
                Storage::Tab.set(&kept, &written);
            } else if let Some(text) = Storage::Tab.get::<String>(&kept) {
                field.set_value(&text);
            }
            // Focus is a convenience: a browser that refuses it loses nothing.
            let _ = field.focus();
        }
    });
}
