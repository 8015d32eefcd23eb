//! A person: what they say of themselves, and for administrators what can be done about their account.

use futures::future::try_join;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::accounts::view::AccountCard;
use crate::pages::{ReadMe, id_param};
use crate::people::Me;
use crate::profiles::view::ProfileCard;
use crate::resets::view::MakeReset;
use crate::rooms::view::MessageButton;
use crate::sessions::view::Sessions;
use crate::ui::{Fault, Lasting, raw_text};
use crate::{accounts, profiles, sessions};

#[component]
pub fn PersonPage() -> impl IntoView {
    let id = id_param();
    let me = expect_context::<ReadMe>();
    let read = Resource::new(move || id.get(), |id| profiles::api::get(Some(id)));
    let lasting = Lasting::here();
    let person = move || {
        let lasting = lasting.clone();
        Suspend::new(async move {
            match (me.await, read.await) {
                (Ok(me), Ok(profile)) => {
                    let (user, up) = (profile.person.id, if me.admin { "/people" } else { "/rooms" });
                    let title = raw_text(&profile.person.name);
                    let mine = user == me.person.id;
                    let reachable = !mine && profile.active;
                    Either::Left(lasting.view(|| {
                        view! {
                            <Title text=title/>
                            <section class="page">
                                <p class="back"><a href=up>{if me.admin { "‹ People" } else { "‹ Rooms" }}</a></p>
                                <ProfileCard profile/>
                                {reachable.then(|| view! { <MessageButton person=user/> })}
                                {mine.then(|| view! { <p><a class="button" href="/me">"Change your profile"</a></p> })}
                                {me.admin.then(|| view! { <Administer me user/> })}
                            </section>
                        }
                    }))
                }
                (Err(error), _) | (_, Err(error)) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! { <Transition>{person}</Transition> }
}

#[component]
fn Administer(me: Me, user: i64) -> impl IntoView {
    let read = Resource::new(|| (), move |()| try_join(accounts::api::get(user), sessions::api::list(Some(user))));
    let account = move || {
        let me = me.clone();
        Suspend::new(async move {
            match read.await {
                Ok((account, list)) => {
                    let mine = user == me.person.id;
                    let reset = (!mine && account.active).then(|| view! { <MakeReset user/> });
                    Either::Left(view! { <AccountCard account mine/>{reset}<Sessions me list/> })
                }
                Err(error) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! { <Suspense>{account}</Suspense> }
}
