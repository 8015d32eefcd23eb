//! A room's name, members and end.

use futures::future::try_join;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::exports::view::OrderForm;
use crate::pages::{ReadMe, id_param};
use crate::rooms::api;
use crate::rooms::view::RoomSettings;
use crate::ui::{Fault, Lasting};

#[component]
pub fn RoomSettingsPage() -> impl IntoView {
    let id = id_param();
    let me = expect_context::<ReadMe>();
    let read = Resource::new(move || id.get(), |id| try_join(api::get(id), api::members(id)));
    let lasting = Lasting::here();
    let settings = move || {
        let lasting = lasting.clone();
        Suspend::new(async move {
            match (me.await, read.await) {
                (Ok(me), Ok((room, members))) => {
                    let id = room.id;
                    Either::Left(lasting.view(|| {
                        view! {
                            <section class="page">
                                <p><a href=format!("/rooms/{}", room.id)>"‹ Back to " {room.name.clone()}</a></p>
                                <h1>"Room settings"</h1>
                                <RoomSettings me room members export=move || view! { <OrderForm room=id/> }/>
                            </section>
                        }
                    }))
                }
                (Err(error), _) | (_, Err(error)) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! {
        <Title text="Room settings"/>
        <Transition>{settings}</Transition>
    }
}
