//! The join link: what the first administrator sees first, and every administrator later.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::join_link::api;
use crate::join_link::view::JoinLinkCard;
use crate::ui::Fault;

#[component]
pub fn InvitePage() -> impl IntoView {
    let read = Resource::new(|| (), |()| api::get());
    let card = move || {
        Suspend::new(async move {
            match read.await {
                Ok(link) => Either::Left(view! {
                    <section class="page">
                        <p class="back"><a href="/people">"‹ People"</a></p>
                        <h1>"Invite your team"</h1>
                        <JoinLinkCard link/>
                        <p><a class="button primary" href="/">"To your rooms"</a></p>
                    </section>
                }),
                Err(error) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! {
        <Title text="Invite your team"/>
        <Transition>{card}</Transition>
    }
}
