//! Where one writes. What is not sent yet is kept for each room, and is there again after a reload of the page.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use crate::error::Error;
use crate::files::view::{AttachButton, DropZone, TrayView, take_pasted};
use crate::files::{File, Tray};
use crate::listen::Client;
use crate::listen::presence::Change;
use crate::mentions::{Completion, MentionList};
use crate::messages::api::Post;
use crate::messages::outbox::new_client_id;
use crate::messages::view::ReplyingTo;
use crate::messages::{Address, Quote, check_post};
use crate::object::Object;
use crate::ui::storage::Storage;
use crate::ui::{PageForm, Sentence, composes, raw_text, typed, types_on_screen};

/// `answering` is the message that is answered, if any, and `quote` finds it; `edit_last` opens one's last message; `send` takes
/// over what was written and the files that go with it. Without JavaScript the form is posted as it stands.
#[component]
pub fn Composer<Q, E, F>(
    me: i64,
    address: Address,
    answering: Memo<Option<i64>>,
    quote: Q,
    edit_last: E,
    send: F,
) -> impl IntoView
where
    Q: Fn(i64) -> Option<Quote> + Send + Sync + 'static,
    E: Fn() + Send + Sync + 'static,
    F: Fn(String, Vec<File>) + Send + Sync + 'static,
{
    let room = address.room;
    let field = NodeRef::<Textarea>::new();
    let refused = RwSignal::new(None);
    let draft = format!("earshot.draft.{me}.{room}");
    restore(field, draft.clone());
    focus_when(field, answering);
    let (client, object, keep) = (expect_context::<Client>(), Object::Room(room), draft.clone());
    let writes = client.clone();
    let tray = Tray::new(room);
    let waits = send_once_complete(tray, field);
    let completion = Completion::new(room, field);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(field) = field.get_untracked() else { return };
        if tray.is_busy() {
            return waits.set(true);
        }
        if tray.has_failed() {
            let sentence = "A file has not got through. Please try it again or remove it.";
            return refused.set(Some(Error::invalid(sentence)));
        }
        match check_post(&field.value(), tray.items.with_untracked(Vec::len)) {
            Ok(body) => {
                refused.set(None);
                field.set_value("");
                completion.forget();
                client.presence(Change::Type { object, me, typing: false });
                Storage::Browser.delete(&draft);
                send(body, tray.take());
            }
            Err(error) => refused.set(Some(error)),
        }
    };
    let navigate = use_navigate();
    let keys = move |event: KeyboardEvent| {
        if composes(&event) || completion.takes(&event) {
            return;
        }
        let empty = field.get_untracked().is_some_and(|field| field.value().is_empty());
        match event.key().as_str() {
            "Escape" if answering.get_untracked().is_some() => navigate(&address.path(), Default::default()),
            "ArrowUp" if empty => {
                event.prevent_default();
                edit_last();
            }
            _ => send_on_enter(event),
        }
    };
    let replying = move || answering.get().map(|message| view! { <ReplyingTo address message quote=quote(message)/> });
    view! {
        <PageForm action=Post::PATH class="composer" on:submit=submit>
            <input type="hidden" name="room" value=room/>
            <input type="hidden" name="client_id" value=new_client_id()/>
            {replying}
            <TrayView tray/>
            <AttachButton tray/>
            <MentionList completion/>
            <textarea
                node_ref=field
                name="body"
                aria-autocomplete="list"
                aria-haspopup="listbox"
                aria-controls=move || completion.controls()
                aria-activedescendant=move || completion.active()
                aria-label="Message"
                placeholder="Write a message"
                rows="1"
                dir="auto"
                required=move || tray.is_empty()
                on:paste=move |event| take_pasted(tray, &event)
                on:keydown=keys
                on:click=move |_| completion.look()
                on:blur=move |_| completion.close()
                on:input:target=move |event| {
                    completion.look();
                    let text = event.target().value();
                    writes.presence(Change::Type { object, me, typing: !text.is_empty() });
                    Storage::Browser.set(&keep, &text);
                }
            >
                {typed::<Post>("body").map(|text| raw_text(&text))}
            </textarea>
            <button class="primary">"Send"</button>
            <Sentence error=refused/>
            <Show when=move || waits.get()>
                <p class="hint" role="status">"It will be sent once the files are there."</p>
            </Show>
            <DropZone tray/>
        </PageForm>
    }
}

/// Puts what was being written when the page was left into the field again.
fn restore(field: NodeRef<Textarea>, draft: String) {
    Effect::new(move |_| {
        let Some(field) = field.get() else { return };
        if let Some(text) = Storage::Browser.get::<String>(&draft).filter(|_| field.value().is_empty()) {
            field.set_value(&text);
        }
    });
}

/// Who begins an answer writes it.
fn focus_when(field: NodeRef<Textarea>, answering: Memo<Option<i64>>) {
    Effect::new(move |_| {
        if let (Some(field), Some(_)) = (field.get(), answering.get()) {
            // Focus is a convenience: a browser that refuses it loses nothing.
            let _ = field.focus();
        }
    });
}

/// Sends the form of `field` as soon as nothing in the tray is on its way, once that was asked for by setting what is
/// returned. When something has not got through, its author decides.
fn send_once_complete(tray: Tray, field: NodeRef<Textarea>) -> RwSignal<bool> {
    let waits = RwSignal::new(false);
    Effect::new(move |_| {
        if waits.get() && !tray.is_busy() {
            waits.set(false);
            submit_form_of(field.get_untracked().as_ref());
        }
    });
    waits
}

/// Enter sends the form, Shift+Enter breaks the client, and Enter that ends the input of a character does neither. On a screen
/// Enter breaks the client, and the button sends.
pub fn send_on_enter(event: KeyboardEvent) {
    if event.key() != "Enter" || event.shift_key() || composes(&event) || types_on_screen() {
        return;
    }
    event.prevent_default();
    let field = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
    submit_form_of(field.as_ref());
}

fn submit_form_of(field: Option<&web_sys::HtmlTextAreaElement>) {
    if let Some(form) = field.and_then(|field| field.form()) {
        // Fails only for a form without the given button, and none is given.
        let _ = form.request_submit();
    }
}
