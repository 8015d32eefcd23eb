//! Everyone, with their roles, for administrators.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::pages::ReadMe;
use crate::people::api::{self, SetActive, SetPusherUser};
use crate::people::view::AccountRow;
use crate::ui::Fault;

#[component]
pub fn PeoplePage() -> impl IntoView {
    let (set_role, set_active) = (ServerAction::<SetPusherUser>::new(), ServerAction::<SetActive>::new());
    let me = expect_context::<ReadMe>();
    let read = Resource::new(move || (set_role.version().get(), set_active.version().get()), |_| api::accounts());
    view! {
        <Title text="People"/>
        <Transition>
            {move || Suspend::new(async move {
                match (me.await, read.await) {
                    (Ok(me), Ok(accounts)) => Either::Left(view! {
                        <section class="page">
                            <p class="back"><a href="/rooms">"‹ Rooms"</a></p>
                            <h1>"People"</h1>
                            <p class="hint">"Live updates show what others do at once. Without them a page is as fresh as its last reload. Whoever is deactivated is signed out at once and cannot come back; what they wrote stays."</p>
                            <ul class="people card">
                                {accounts.into_iter().map(|account| {
                                    let mine = account.person.id == me.person.id;
                                    view! { <AccountRow account mine set_role set_active/> }
                                }).collect_view()}
                            </ul>
                        </section>
                    }),
                    (Err(error), _) | (_, Err(error)) => Either::Right(view! { <Fault error/> }),
                }
            })}
        </Transition>
    }
}
