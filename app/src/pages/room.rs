//! A room: its head, what was said, and where one writes.

use futures::future::try_join;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::error::Error;
use crate::messages::{self, Conversation, Page};
use crate::pages::{ReadMe, id_param};
use crate::people::Me;
use crate::rooms::view::RoomHeader;
use crate::rooms::{self, Room};
use crate::ui::Fault;

#[component]
pub fn RoomPage() -> impl IntoView {
    let (id, query) = (id_param(), use_query_map());
    let before = Memo::new(move |_| query.with(|query| query.get("before")?.parse::<i64>().ok()));
    let me = expect_context::<ReadMe>();
    let read = Resource::new(
        move || (id.get(), before.get()),
        |(id, before)| try_join(rooms::api::get(id), messages::api::page(id, before)),
    );
    let room = move || {
        let before = before.get();
        Suspend::new(async move {
            match (me.await, read.await) {
                (Ok(me), Ok((room, page))) => Either::Left(view! { <RoomView me room page before/> }),
                (Err(error), _) | (_, Err(error)) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! { <Transition>{room}</Transition> }
}

#[component]
fn RoomView(me: Me, room: Room, page: Page, before: Option<i64>) -> impl IntoView {
    let (gone, set_gone) = signal(None::<Error>);
    let id = room.id;
    view! {
        <Show
            when=move || gone.with(Option::is_none)
            fallback=move || gone.get().map(|error| view! { <Fault error/> })
        >
            <section class="room">
                <RoomHeader me=me.clone() room=room.clone() gone=set_gone/>
                <Conversation me=me.clone() room=id page=page.clone() before/>
            </section>
        </Show>
    }
}
