//! The messages of a room, oldest first; older ones come as one scrolls up, newer ones, where there are any, as one scrolls
//! down, those on their way stand at the end.

use leptos::html::Div;
use leptos::prelude::*;

use crate::messages::conversation::asked;
use crate::messages::grouping::standings;
use crate::messages::outbox::Outbox;
use crate::messages::view::{MenusForm, MessageView, OutgoingView};
use crate::messages::window::MessageWindow;
use crate::messages::{Address, Message, Place};
use crate::people::Me;
use crate::readings::view::{NewLine, Reader};
use crate::ui::{Day, Part, zone};

/// Pixels from the oldest or newest message at which more are fetched.
const NEAR: i32 = 400;
/// Pixels from the newest message within which one still follows the talk.
const AT_THE_END: i32 = 60;

/// `older` and `newer` ask for the page before the oldest and after the newest message.
#[component]
pub fn Timeline<F, G>(
    me: Me,
    address: Address,
    window: MessageWindow,
    reader: Reader,
    log: NodeRef<Div>,
    outbox: Outbox,
    older: F,
    newer: G,
) -> impl IntoView
where
    F: Fn() + Clone + Send + Sync + 'static,
    G: Fn() + Clone + Send + Sync + 'static,
{
    let MessageWindow { messages, following, .. } = window;
    let scrolled = {
        let (older, newer) = (older.clone(), newer.clone());
        move |_| {
            // The page may have been left for another place while it was still scrolling.
            let (Some(log), Some(live)) = (log.try_get_untracked().flatten(), window.is_live()) else { return };
            following.set(-log.scroll_top() < AT_THE_END && live);
            if log.scroll_height() - log.client_height() + log.scroll_top() < NEAR {
                older();
            } else if -log.scroll_top() < NEAR {
                newer();
            }
        }
    };
    let waiting = Memo::new(move |_| outbox.in_room(address.room));
    let ends = move || messages.all().first().zip(messages.all().last()).map(|((first, _), (last, _))| (*first, *last));
    let page = move |place: Place| Address { place, ..address }.path();
    // Beside nothing there is the newest page.
    let before = move || page(ends().map_or(Place::Newest, |(first, _)| Place::Before(first)));
    let after = move || page(ends().map_or(Place::Newest, |(_, last)| Place::After(last)));
    let empty = move || messages.all().is_empty() && waiting.with(Vec::is_empty);
    let admin = me.admin;
    view! {
        <div node_ref=log role="log" aria-live="off" class="timeline" tabindex="0" aria-label="Conversation" on:scroll=scrolled>
            <Part class="messages">
                <Show when=move || window.more.get()>
                    <Beyond href=before load=older.clone()>"Older messages"</Beyond>
                </Show>
                <Show when=empty>
                    <NoMessages window admin/>
                </Show>
                <Messages me=me.clone() address window reader/>
                <Show when=move || window.newer.get()>
                    <Beyond href=after load=newer.clone()>"Newer messages"</Beyond>
                </Show>
                <For each=move || waiting.get() key=|outgoing| (outgoing.client_id.clone(), outgoing.state.clone()) let(outgoing)>
                    <OutgoingView author=me.person.clone() outgoing quote=move |id| window.quote(id)/>
                </For>
            </Part>
        </div>
    }
}

/// What stands in place of messages.
#[component]
fn NoMessages(window: MessageWindow, admin: bool) -> impl IntoView {
    let elsewhere = move || window.more.get() || window.newer.get();
    view! {
        <p class="empty">
            {move || if elsewhere() { "There are no messages at this place." } else { "Nothing has been said here yet. Say hello!" }}
            {move || (admin && !elsewhere()).then(|| view! { " New people join with " <a href="/invite">"the join link"</a> "." })}
        </p>
    }
}

/// The first message of others that is new to the reader.
fn first_new(window: MessageWindow, reader: Reader, me: i64) -> Memo<Option<i64>> {
    Memo::new(move |_| {
        let since = reader.since.get();
        let is_new = |(id, message): &(i64, ArcRwSignal<Message>)| {
            *id > since && message.with(|message| message.author.id != me)
        };
        window.messages.all().into_iter().find(is_new).map(|(id, _)| id)
    })
}

#[component]
fn Messages(me: Me, address: Address, window: MessageWindow, reader: Reader) -> impl IntoView {
    let MessageWindow { messages, held, .. } = window;
    let zone = zone();
    let first_new = first_new(window, reader, me.person.id);
    let standings = Memo::new(move |_| {
        let shown: Vec<Message> = messages.all().iter().map(|(_, message)| message.get_untracked()).collect();
        standings(&shown, |at| zone.get().day(at))
    });
    let (reacting, menu) = (asked(address.room, "react"), asked(address.room, "menu").get_untracked());
    let me = StoredValue::new(me);
    view! {
        <MenusForm address/>
        <For each=move || messages.all() key=|(id, _)| *id children=move |(id, message)| {
            let standing = Memo::new(move |_| standings.with(|all| all.get(&id).copied().unwrap_or_default()));
            let posted = message.with_untracked(|message| message.posted);
            let editing = Memo::new(move |_| held.get() == Some(id));
            let reacting = Memo::new(move |_| reacting.get() == Some(id));
            view! {
                <Show when=move || standing.get().begins_day>
                    <h2 class="day"><Day at=posted/></h2>
                </Show>
                <Show when=move || first_new.get() == Some(id)><NewLine/></Show>
                <MessageView me=me.get_value() address message standing editing reacting menu={menu == Some(id)}/>
            }
        }/>
    }
}

/// A link to the next page, which comes by itself where scripts run.
#[component]
fn Beyond(
    #[prop(into)] href: Signal<String>,
    load: impl Fn() + Send + Sync + 'static,
    children: Children,
) -> impl IntoView {
    let load = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        load();
    };
    view! { <a class="beyond" href=move || href.get() on:click=load>{children()}</a> }
}
