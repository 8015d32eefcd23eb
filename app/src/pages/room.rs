//! A room: its head, what was said, and where one writes.

use earshot_live::error::Error;
use earshot_live::listen::Listen;
use futures::future::try_join;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::entities::USER;
use crate::messages::{Address, Conversation, Page, Place, page_at};
use crate::pages::{ReadMe, id_param};
use crate::people::Me;
use crate::rooms::view::{RoomHeader, put_out};
use crate::rooms::{self, Room};
use crate::ui::{Fault, Lasting, Part};

#[component]
pub fn RoomPage() -> impl IntoView {
    let (id, query) = (id_param(), use_query_map());
    let place = Memo::new(move |_| {
        let wish = |name: &str| query.with(|query| query.get_str(name)?.parse::<i64>().ok());
        Place::asked(wish("at"), wish("before"), wish("after"))
    });
    let me = expect_context::<ReadMe>();
    let read = Resource::new(
        move || (id.get(), place.get().wishes()),
        |(id, (at, before, after))| try_join(rooms::api::get(id), page_at(id, Place::asked(at, before, after))),
    );
    let lasting = Lasting::here();
    let room = move || {
        let (place, lasting) = (place.get(), lasting.clone());
        Suspend::new(async move {
            match (me.await, read.await) {
                (Ok(me), Ok((room, page))) => {
                    Either::Left(lasting.view(|| view! { <RoomView me room page place wanted=id/> }))
                }
                (Err(error), _) | (_, Err(error)) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! { <Transition>{room}</Transition> }
}

/// `wanted`: the room that the address names. While that is on its way, the one before stands there still, and takes nothing
/// that is meant for the other.
#[component]
fn RoomView(me: Me, room: Room, page: Page, place: Place, wanted: Memo<i64>) -> impl IntoView {
    let (gone, why) = (RwSignal::new(None::<Error>), RwSignal::new(None::<String>));
    let id = room.id;
    let there = !matches!(place, Place::At(id) if page.messages.iter().all(|message| message.id != id));
    let address = Address { room: room.id, place: if there { place } else { Place::Newest } };
    view! {
        <Part class="room" inert=Signal::derive(move || wanted.get() != id)>
            // It may be heard only when the room has gone from the page.
            <Listen to=USER.object(me.person.id) seq=me.seq actions=put_out(id, why)/>
            <Show when=move || gone.with(Option::is_none) fallback=move || gone.get().map(|error| farewell(error, why))>
                <RoomHeader me=me.clone() room=room.clone() gone why/>
                {(!there).then(|| view! { <p class="hint" role="status">"The message you were led to is not in this room. Here is the newest."</p> })}
                <Conversation me=me.clone() address reading=room.reading page=page.clone()/>
            </Show>
        </Part>
    }
}

/// What stands in the place of a room that has gone: why, if that is known.
fn farewell(error: Error, why: RwSignal<Option<String>>) -> impl IntoView {
    move || {
        let sentence = why.get().unwrap_or_else(|| error.sentence.clone());
        view! { <Fault error=Error { kind: error.kind, sentence }/> }
    }
}
