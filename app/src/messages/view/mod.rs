//! One message, with what may be done to it.

mod actions;
mod outgoing;
mod quote;

use leptos::prelude::*;

use crate::files::view::Attached;
use crate::mentions::EVERYONE;
use crate::messages::edit::EditForm;
use crate::messages::grouping::Standing;
use crate::messages::{Address, Message};
use crate::people::{Avatar, Me, PersonName};
use crate::reactions::view::{Picker, Reactions};
use crate::ui::{Clock, zone};

use actions::Actions;
use quote::QuoteView;

pub use actions::MenusForm;
pub use outgoing::{LostMessages, OutgoingView};
pub use quote::{ReplyingTo, Spot};

#[component]
pub fn MessageView(
    me: Me,
    address: Address,
    message: ArcRwSignal<Message>,
    standing: Memo<Standing>,
    editing: Memo<bool>,
    reacting: Memo<bool>,
    menu: bool,
) -> impl IntoView {
    let (my_id, Message { id, author, posted, .. }) = (me.person.id, message.get_untracked());
    let message = RwSignal::from(message);
    let changeable = Memo::new(move |_| message.with(|message| message.changeable_by(&me)));
    let deleted = Memo::new(move |_| message.with(|message| message.deleted.is_some()));
    let for_me = move || message.with(|message| message.mentions.iter().any(|one| [my_id, EVERYONE].contains(&one.id)));
    let quoted = Memo::new(move |_| message.with(|message| message.reply_to.clone()));
    let files = Memo::new(move |_| message.with(|message| message.files.clone()));
    let reactions = Memo::new(move |_| message.with(|message| message.reactions.clone()));
    let spot = Spot::expect();
    let goes_on = move || standing.get().goes_on;
    let name = author.clone();
    let content = move || {
        if editing.get() && changeable.get_untracked() {
            // What is being written stays as it is, whatever becomes of the message meanwhile.
            let body = message.with_untracked(|message| message.body.clone());
            view! { <EditForm address id body/> }.into_any()
        } else if deleted.get() {
            view! { <p class="body gone">"This message was deleted."</p> }.into_any()
        } else {
            view! { <div class="body" dir="auto" inner_html=move || message.with(|message| message.html.clone())></div> }.into_any()
        }
    };
    view! {
        <article id=format!("message-{id}") class="message" tabindex="-1" class:goes-on=goes_on class:spot=move || spot.is_at(id) class:for-me=for_me>
            <Avatar person=author.clone()/>
            <div class="content">
                {move || quoted.get().map(|quote| view! { <QuoteView address quote/> })}
                <header>
                    <Show when=goes_on fallback=move || view! { <PersonName person=name.clone()/> }>
                        <span class="unseen">{author.name.clone()}</span>
                    </Show>
                    <a class="when" href=address.of_message(id)><Clock at=posted/></a>
                </header>
                {content}
                <Show when=move || !files.with(Vec::is_empty)>
                    <Attached files=files.get()/>
                </Show>
                <Edited message/>
                <Reactions message=id me=my_id reactions/>
                <Show when=move || reacting.get() && !deleted.get()>
                    <Picker message=id done=address.path()/>
                </Show>
            </div>
            <Show when=move || !deleted.get()>
                <Actions address id changeable opened=menu/>
            </Show>
        </article>
    }
}

/// Says that the text is not the first one.
#[component]
fn Edited(message: RwSignal<Message>) -> impl IntoView {
    let zone = zone();
    let edited = Memo::new(move |_| message.with(|message| message.edited));
    move || edited.get().map(|at| view! { <small class="edited" title=move || zone.get().full(at)>"edited"</small> })
}
