//! A room's name, members and end.

use futures::future::try_join;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::pages::{ReadMe, id_param};
use crate::rooms::api;
use crate::rooms::view::RoomSettings;
use crate::ui::Fault;

#[component]
pub fn RoomSettingsPage() -> impl IntoView {
    let id = id_param();
    let me = expect_context::<ReadMe>();
    let read = Resource::new(move || id.get(), |id| try_join(api::get(id), api::members(id)));
    let settings = move || {
        Suspend::new(async move {
            match (me.await, read.await) {
                (Ok(me), Ok((room, members))) => Either::Left(view! {
                    <section class="page">
                        <p><a href=format!("/rooms/{}", room.id)>"‹ Back to " {room.name.clone()}</a></p>
                        <h1>"Room settings"</h1>
                        <RoomSettings me room members/>
                    </section>
                }),
                (Err(error), _) | (_, Err(error)) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! {
        <Title text="Room settings"/>
        <Transition>{settings}</Transition>
    }
}
