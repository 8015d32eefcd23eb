//! A room: its head, what was said, and where one writes.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::error::Error;
use crate::messages::{self, Conversation, Page};
use crate::pages::id_param;
use crate::rooms::view::RoomHeader;
use crate::rooms::{self, Room};
use crate::ui::Fault;

#[component]
pub fn RoomPage() -> impl IntoView {
    let id = id_param();
    let query = use_query_map();
    let before = Memo::new(move |_| query.with(|query| query.get("before")?.parse::<i64>().ok()));
    let read = Resource::new(
        move || (id.get(), before.get()),
        |(id, before)| async move {
            Ok::<_, Error>((rooms::api::get(id).await?, messages::api::page(id, before).await?, before))
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match read.await {
                    Ok((room, page, before)) => Either::Left(view! { <RoomView room page latest=before.is_none()/> }),
                    Err(error) => Either::Right(view! { <Fault error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn RoomView(room: Room, page: Page, latest: bool) -> impl IntoView {
    let (gone, set_gone) = signal(None::<Error>);
    let id = room.id;
    view! {
        <Title text=room.name.clone()/>
        <Show when=move || gone.with(Option::is_none) fallback=move || gone.get().map(|error| view! { <Fault error/> })>
            <section class="room">
                <RoomHeader room=room.clone() gone=set_gone/>
                <Conversation room=id page=page.clone() latest/>
            </section>
        </Show>
    }
}
