//! One's own account: profile, picture, password, sessions.

use futures::future::try_join;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::pages::ReadMe;
use crate::people::view::ChangePasswordForm;
use crate::profiles::view::{PictureForm, ProfileForm};
use crate::sessions::view::Sessions;
use crate::ui::Fault;
use crate::{profiles, sessions};

#[component]
pub fn MePage() -> impl IntoView {
    let me = expect_context::<ReadMe>();
    let changed = use_query_map().with_untracked(|query| query.get("changed").is_some());
    let read = Resource::new(|| (), |()| try_join(profiles::api::get(None), sessions::api::list(None)));
    let account = move || {
        Suspend::new(async move {
            match (me.await, read.await) {
                (Ok(me), Ok((profile, list))) => Either::Left(view! {
                    <section class="page">
                        <p class="back"><a href="/rooms">"‹ Rooms"</a></p>
                        <h1>"Your account"</h1>
                        {changed.then(|| view! {
                            <p class="done" role="status">"Your password has been changed. Every other session has ended."</p>
                        })}
                        <ProfileForm profile/>
                        <PictureForm me=me.clone()/>
                        <ChangePasswordForm/>
                        <Sessions me list/>
                    </section>
                }),
                (Err(error), _) | (_, Err(error)) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! {
        <Title text="Your account"/>
        <Transition>{account}</Transition>
    }
}
