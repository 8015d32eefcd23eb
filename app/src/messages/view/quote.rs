//! What a message answers, above it; and the way to it.

use leptos::ev::MouseEvent;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::messages::scrolling::to_element;
use crate::messages::{Address, Message, Place, Quote, api};
use crate::people::current;
use crate::ui::focus_composer;

/// The message to which one was led, which stands out.
#[derive(Clone, Copy)]
pub struct Spot(RwSignal<Option<i64>>);

impl Spot {
    /// For a conversation that is opened at `address`, in the scrolling element `log`.
    pub fn provide(address: Address, log: NodeRef<Div>) {
        let led_to = if let Place::At(id) = address.place { Some(id) } else { None };
        let spot = Self(RwSignal::new(led_to));
        provide_context(spot);
        Effect::new(move |_| {
            if let (Some(_), Some(id)) = (log.get(), spot.0.get()) {
                to_element(format!("message-{id}"));
            }
        });
    }

    pub fn expect() -> Self {
        expect_context()
    }

    pub fn is_at(self, id: i64) -> bool {
        self.0.get() == Some(id)
    }

    /// Leads to a message that is on the page, and says whether it is.
    fn lead_to(self, id: i64) -> bool {
        let there = document().get_element_by_id(&format!("message-{id}")).is_some();
        if there {
            self.0.set(Some(id));
        }
        there
    }
}

#[component]
pub fn QuoteView(address: Address, quote: Quote) -> impl IntoView {
    let spot = Spot::expect();
    let id = quote.id;
    let lead = move |event: MouseEvent| {
        let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key();
        if !elsewhere && spot.lead_to(id) {
            event.prevent_default();
        }
    };
    view! {
        <a class="quote" href=address.of_message(id) on:click=lead>
            <span class="unseen">"In answer to "</span>
            <Quoted quote/>
        </a>
    }
}

/// Stands in the composer while an answer is written, and in its form.
#[component]
pub fn ReplyingTo(
    address: Address,
    message: i64,
    quote: Option<Quote>,
    dismiss: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    let unknown = quote.is_none();
    let quote = RwSignal::new(quote);
    // What stands elsewhere in the room is asked for.
    Effect::new(move |_| {
        if unknown {
            spawn_local(async move {
                if let Ok(found) = api::reload(address.room, vec![message]).await {
                    quote.try_set(found.first().map(Message::quote));
                }
            });
        }
    });
    let dismiss = move |event: MouseEvent| {
        event.prevent_default();
        dismiss();
        focus_composer();
    };
    view! {
        <div class="replying">
            <input type="hidden" name="reply_to" value=message/>
            <span class="hint">"Answering"</span>
            <span class="quote">
                {move || match quote.get() {
                    Some(quote) => view! { <Quoted quote/> }.into_any(),
                    None => "a message".into_any(),
                }}
            </span>
            <a class="button quiet" href=address.path() aria-label="Do not answer" on:click=dismiss>"×"</a>
        </div>
    }
}

#[component]
pub fn Quoted(quote: Quote) -> impl IntoView {
    let author = current(quote.author);
    view! {
        <strong dir="auto">{move || author.with(|author| author.name.clone())}</strong>
        " "
        {match quote.line {
            Some(line) => view! { <span dir="auto">{line}</span> }.into_any(),
            None => view! { <span class="line gone">"This message was deleted."</span> }.into_any(),
        }}
    }
}
