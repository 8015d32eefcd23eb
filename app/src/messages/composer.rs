//! Where one writes. What is not sent yet is kept for each room, and is there again after a reload of the page.

use earshot_live::listen::Client;
use earshot_live::listen::event::Change;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

use crate::client_id;
use crate::entities::ROOM;
use crate::files::view::{AttachButton, DropZone, TrayView, take_pasted};
use crate::files::{Tray, Trays};
use crate::mentions::{Completion, MentionList};
use crate::messages::answer::Answer;
use crate::messages::api::Post;
use crate::messages::view::ReplyingTo;
use crate::messages::{Address, Drafts, Quote};
use crate::ui::{COMPOSER, PageForm, Refusal, Sentence, composes, raw_text, typed, types_on_screen};

/// `quote` finds a message that is answered, and `edit_last` opens one's last message. Without JavaScript the form is posted as it
/// stands.
#[component]
pub fn Composer<Q, E>(me: i64, address: Address, drafts: Drafts, quote: Q, edit_last: E) -> impl IntoView
where
    Q: Fn(i64) -> Option<Quote> + Send + Sync + 'static,
    E: Fn() + Send + Sync + 'static,
{
    let room = address.room;
    let field = NodeRef::<Textarea>::new();
    let tray = Trays::expect().of(room);
    let opened = show_draft(field, drafts, me, room);
    let answer = Answer::new(address, drafts, opened);
    let (escape, dismiss) = (answer.dismiss(), answer.dismiss());
    drafts.on_sent(room, answer.dismiss());
    let completion = Completion::new(room, field);
    let typing = Typing::here(me, room);
    let (sent, refusal) = (typing.clone(), Refusal::expect());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(field) = field.get_untracked() else { return };
        completion.forget();
        sent.tell(false);
        refusal.forget();
        // Before the page is whole, no effect has run yet.
        if !opened.get_untracked() {
            drafts.open(me, room, field.value());
            opened.set(true);
        }
        send(&field, untrack(|| answer.to()), drafts, room);
    };
    let keys = move |event: KeyboardEvent| {
        if composes(&event) || completion.takes(&event) {
            return;
        }
        let empty = field.get_untracked().is_some_and(|field| field.value().is_empty());
        match event.key().as_str() {
            "Escape" if untrack(|| answer.to()).is_some() => escape(),
            "ArrowUp" if empty => {
                event.prevent_default();
                edit_last();
            }
            _ => send_on_enter(event),
        }
    };
    let answered = Memo::new(move |_| answer.to());
    let replying = move || {
        let dismiss = dismiss.clone();
        answered.get().map(|message| view! { <ReplyingTo address message quote=quote(message) dismiss/> })
    };
    view! {
        <PageForm action=Post::PATH class="composer" on:submit=submit>
            <input type="hidden" name="room" value=room/>
            <input type="hidden" name="client_id" value=client_id::new()/>
            {replying}
            <TrayView tray/>
            <AttachButton tray/>
            <MentionList completion/>
            <Field field drafts room tray completion typing keys/>
            <button class="primary">"Send"</button>
            <Sentence error=Signal::derive(move || drafts.refused(room))/>
            <Show when=move || drafts.waits(room)>
                <p class="hint" role="status">"It will be sent once the files are there."</p>
            </Show>
            <DropZone tray field/>
        </PageForm>
    }
}

/// Sends what stands in the field, as an answer to `reply_to`, and shows at once what is left.
fn send(field: &HtmlTextAreaElement, reply_to: Option<i64>, drafts: Drafts, room: i64) {
    drafts.change(room, |draft| (draft.text, draft.reply_to) = (field.value(), reply_to));
    untrack(|| {
        drafts.send(room);
        field.set_value(&drafts.text(room));
    });
}

/// What others in the room are told of who writes.
#[derive(Clone)]
struct Typing {
    client: Client,
    me: i64,
    room: i64,
}

impl Typing {
    fn here(me: i64, room: i64) -> Self {
        Self { client: expect_context(), me, room }
    }

    fn tell(&self, typing: bool) {
        self.client.presence(Change::Type { object: ROOM.object(self.room), me: self.me.to_string(), typing });
    }
}

/// The field itself. `keys` takes what is pressed in it.
#[component]
fn Field(
    field: NodeRef<Textarea>,
    drafts: Drafts,
    room: i64,
    tray: Tray,
    completion: Completion,
    typing: Typing,
    keys: impl Fn(KeyboardEvent) + 'static,
) -> impl IntoView {
    let write = move |text: String| {
        completion.look();
        typing.tell(!text.is_empty());
        drafts.change(room, |draft| draft.text = text);
    };
    view! {
        <textarea
            node_ref=field
            id=COMPOSER
            name="body"
            aria-autocomplete="list"
            aria-haspopup="listbox"
            aria-controls=move || completion.controls()
            aria-activedescendant=move || completion.active()
            aria-label="Message"
            placeholder="Write a message"
            rows="1"
            dir="auto"
            required=move || tray.items().is_empty()
            on:paste=move |event| take_pasted(tray, &event)
            on:keydown=keys
            on:click=move |_| completion.look()
            on:blur=move |_| completion.close()
            on:input:target=move |event| write(event.target().value())
        >
            {typed::<Post>("body").map(|text| raw_text(&text))}
        </textarea>
    }
}

/// What stands in the field is the draft: as it was kept when the field came, and empty once it was sent. The signal says whether
/// the kept draft has been taken up.
fn show_draft(field: NodeRef<Textarea>, drafts: Drafts, me: i64, room: i64) -> RwSignal<bool> {
    let opened = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(field) = field.get() else { return };
        if !opened.get_untracked() {
            drafts.open(me, room, field.value());
            opened.set(true);
        }
        let text = drafts.text(room);
        if field.value() != text {
            field.set_value(&text);
        }
    });
    opened
}

/// Enter sends the form, Shift+Enter breaks the line, and Enter that ends the input of a character does neither. On a screen
/// Enter breaks the line, and the button sends.
pub fn send_on_enter(event: KeyboardEvent) {
    if event.key() != "Enter" || event.shift_key() || composes(&event) || types_on_screen() {
        return;
    }
    event.prevent_default();
    let field = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
    submit_form_of(field.as_ref());
}

fn submit_form_of(field: Option<&HtmlTextAreaElement>) {
    if let Some(form) = field.and_then(|field| field.form()) {
        // Fails only for a form without the given button, and none is given.
        let _ = form.request_submit();
    }
}
