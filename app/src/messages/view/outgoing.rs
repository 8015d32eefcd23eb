//! Messages that are on their way, or have not got through.

use earshot_live::error::Error;
use leptos::either::Either;
use leptos::prelude::*;

use crate::files::view::Attached;
use crate::messages::Quote;
use crate::messages::outbox::{Outbox, Outgoing, State};
use crate::messages::view::quote::Quoted;
use crate::people::{Avatar, Person, PersonName};
use crate::ui::focus_composer;

/// It is shown as it was typed: what Markdown makes of it the server knows. `quote` finds what it answers.
#[component]
pub fn OutgoingView(author: Person, outgoing: Outgoing, quote: impl Fn(i64) -> Option<Quote>) -> impl IntoView {
    let Outgoing { client_id, body, reply_to, files, state, .. } = outgoing;
    let failed = matches!(state, State::Failed(_));
    let below = match state {
        State::Sending | State::Sent(_) => Either::Left(()),
        State::Failed(why) => Either::Right(view! { <NotSent client_id why/> }),
    };
    let quote = reply_to.and_then(quote).map(|quote| view! { <span class="quote"><Quoted quote/></span> });
    view! {
        <article class="message outgoing" aria-busy=(!failed).to_string()>
            <Avatar person=author.clone()/>
            <div class="content">
                {quote}
                <header>
                    <PersonName person=author/>
                    {(!failed).then(|| view! { <small>"Sending …"</small> })}
                </header>
                {(!body.is_empty()).then(|| view! { <p class="body typed" dir="auto">{body}</p> })}
                {(!files.is_empty()).then(|| view! { <Attached files/> })}
                {below}
            </div>
        </article>
    }
}

/// Why a message has not got through, and what its author can do.
#[component]
fn NotSent(client_id: String, why: Error) -> impl IntoView {
    let (outbox, discarded) = (Outbox::expect(), client_id.clone());
    let try_again = move |_| {
        outbox.try_again(&client_id);
        focus_composer();
    };
    let discard = move |_| {
        outbox.discard(&discarded);
        focus_composer();
    };
    view! {
        <div class="row" role="alert">
            <small>"Not sent. " {why.sentence}</small>
            <button type="button" on:click=try_again>"Try again"</button>
            <button type="button" class="quiet" on:click=discard>"Discard"</button>
        </div>
    }
}

/// What has not got through to rooms that are none of `rooms`, as one that has gone: nobody would find it there.
#[component]
pub fn LostMessages(rooms: Signal<Vec<i64>>) -> impl IntoView {
    let outbox = Outbox::expect();
    let message = |Outgoing { client_id, body, files, state, .. }: Outgoing| {
        let State::Failed(why) = state else { return ().into_any() };
        let names = files.into_iter().map(|file| file.name);
        let content = if body.is_empty() { names.collect::<Vec<_>>().join(", ") } else { body };
        view! {
            <li>
                <p class="typed" dir="auto">{content}</p>
                <NotSent client_id why/>
            </li>
        }
        .into_any()
    };
    move || {
        let mut lost = outbox.failed();
        lost.retain(|outgoing| !rooms.with(|rooms| rooms.contains(&outgoing.room)));
        (!lost.is_empty()).then(|| {
            view! {
                <p class="group" aria-hidden="true">"To rooms that are gone"</p>
                <ul class="lost" aria-label="Messages to rooms that are gone">{lost.into_iter().map(message).collect_view()}</ul>
            }
        })
    }
}
