//! A message that is on its way, or has not got through.

use leptos::either::Either;
use leptos::prelude::*;

use crate::files::view::Attached;
use crate::messages::Quote;
use crate::messages::outbox::{Outbox, Outgoing, State};
use crate::messages::view::quote::Quoted;
use crate::people::{Avatar, Person, PersonName};

/// It is shown as it was typed: what Markdown makes of it the server knows. `quote` finds what it answers.
#[component]
pub fn OutgoingView(
    author: Person,
    outgoing: Outgoing,
    outbox: Outbox,
    quote: impl Fn(i64) -> Option<Quote>,
) -> impl IntoView {
    let Outgoing { client_id, body, reply_to, files, state, .. } = outgoing;
    let failed = matches!(state, State::Failed(_));
    let below = match state {
        State::Sending | State::Sent(_) => Either::Left(()),
        State::Failed(why) => {
            let discarded = client_id.clone();
            Either::Right(view! {
                <div class="row" role="alert">
                    <small>"Not sent. " {why.sentence}</small>
                    <button type="button" on:click=move |_| outbox.try_again(&client_id)>"Try again"</button>
                    <button type="button" class="quiet" on:click=move |_| outbox.discard(&discarded)>"Discard"</button>
                </div>
            })
        }
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
