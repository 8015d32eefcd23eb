//! A room's name, members and end.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::error::Error;
use crate::pages::id_param;
use crate::rooms::api;
use crate::rooms::view::RoomSettings;
use crate::ui::Fault;

#[component]
pub fn RoomSettingsPage() -> impl IntoView {
    let id = id_param();
    let read = Resource::new(
        move || id.get(),
        |id| async move { Ok::<_, Error>((api::get(id).await?, api::members(id).await?)) },
    );
    view! {
        <Title text="Room settings"/>
        <Transition>
            {move || Suspend::new(async move {
                match read.await {
                    Ok((room, members)) => Either::Left(view! {
                        <section class="page">
                            <p><a href=format!("/rooms/{}", room.id)>"‹ Back to " {room.name.clone()}</a></p>
                            <h1>"Room settings"</h1>
                            <RoomSettings room members/>
                        </section>
                    }),
                    Err(error) => Either::Right(view! { <Fault error/> }),
                }
            })}
        </Transition>
    }
}
