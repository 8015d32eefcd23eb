//! One message, with what may be done to it.

use leptos::either::Either;
use leptos::prelude::*;

use crate::messages::Message;
use crate::messages::api::Delete;
use crate::messages::edit::EditForm;
use crate::messages::outbox::{Outbox, Outgoing, State};
use crate::people::{Avatar, Me, Person};
use crate::ui::{Form, Text, Time};

#[component]
pub fn MessageView(me: Me, room: i64, message: ArcRwSignal<Message>, editing: Memo<bool>) -> impl IntoView {
    let Message { id, author, posted, .. } = message.get_untracked();
    let changeable = message.with_untracked(|message| message.changeable_by(&me));
    let edited = {
        let message = message.clone();
        move || message.with(|message| message.edited.is_some())
    };
    let content = move || {
        if editing.get() && changeable {
            // What is being written stays as it is, whatever becomes of the message meanwhile.
            let body = message.with_untracked(|message| message.body.clone());
            view! { <EditForm room id body/> }.into_any()
        } else {
            let body = message.with(|message| message.body.clone());
            view! { <p class="body" dir="auto"><Text text=body/></p> }.into_any()
        }
    };
    view! {
        <article id=format!("message-{id}") class="message">
            <Avatar person=author.clone()/>
            <div class="content">
                <header>
                    <strong>{author.name}</strong>
                    <Time at=posted/>
                    <Show when=edited><small>"edited"</small></Show>
                </header>
                {content}
            </div>
            {changeable.then(|| view! { <MessageActions room id/> })}
        </article>
    }
}

#[component]
fn MessageActions(room: i64, id: i64) -> impl IntoView {
    let confirm = format!("delete-{id}");
    let (asks, cancels) = (confirm.clone(), confirm.clone());
    view! {
        <div class="actions">
            <a class="button quiet" href=format!("/rooms/{room}?edit={id}")>"Edit"</a>
            <button class="quiet" popovertarget=asks>"Delete"</button>
            <div popover id=confirm>
                <p>"Delete this message for everyone?"</p>
                <Form action={ServerAction::<Delete>::new()}>
                    <input type="hidden" name="id" value=id/>
                    <button class="danger">"Yes, delete it"</button>
                </Form>
                <button type="button" class="quiet" popovertarget=cancels popovertargetaction="hide">"Cancel"</button>
            </div>
        </div>
    }
}

/// A message that is on its way, or has not got through.
#[component]
pub fn OutgoingView(author: Person, outgoing: Outgoing, outbox: Outbox) -> impl IntoView {
    let Outgoing { client_id, body, state } = outgoing;
    let failed = matches!(state, State::Failed(_));
    let below = match state {
        State::Sending | State::Sent(_) => Either::Left(()),
        State::Failed(why) => {
            let (again, discarded) = (outbox.clone(), client_id.clone());
            Either::Right(view! {
                <div class="row" role="alert">
                    <small>"Not sent. " {why.sentence}</small>
                    <button type="button" on:click=move |_| again.try_again(client_id.clone())>"Try again"</button>
                    <button type="button" class="quiet" on:click=move |_| outbox.discard(&discarded)>"Discard"</button>
                </div>
            })
        }
    };
    view! {
        <article class="message outgoing" aria-busy=(!failed).to_string()>
            <Avatar person=author.clone()/>
            <div class="content">
                <header>
                    <strong>{author.name}</strong>
                    {(!failed).then(|| view! { <small>"Sending …"</small> })}
                </header>
                <p class="body" dir="auto"><Text text=body/></p>
                {below}
            </div>
        </article>
    }
}
