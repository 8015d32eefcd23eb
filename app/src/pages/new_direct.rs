//! Choosing whom to talk with.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::pages::ReadMe;
use crate::people::api;
use crate::rooms::view::NewDirectForm;
use crate::ui::Fault;

#[component]
pub fn NewDirectPage() -> impl IntoView {
    let me = expect_context::<ReadMe>();
    let everyone = Resource::new(|| (), |()| api::everyone());
    let form = move || {
        Suspend::new(async move {
            match (me.await, everyone.await) {
                (Ok(me), Ok(everyone)) => Either::Left(view! { <NewDirectForm me everyone/> }),
                (Err(error), _) | (_, Err(error)) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! {
        <Title text="New message"/>
        <section class="page">
            <p class="back"><a href="/rooms">"‹ Rooms"</a></p>
            <h1>"New message"</h1>
            <Transition>{form}</Transition>
        </section>
    }
}
