//! Everyone, with their roles, for administrators.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::people::api::{self, SetPusherUser};
use crate::people::view::AccountRow;
use crate::ui::Fault;

#[component]
pub fn PeoplePage() -> impl IntoView {
    let set_role = ServerAction::<SetPusherUser>::new();
    let read = Resource::new(move || set_role.version().get(), |_| api::accounts());
    view! {
        <Title text="People"/>
        <Transition>
            {move || Suspend::new(async move {
                match read.await {
                    Ok(accounts) => Either::Left(view! {
                        <section class="page">
                            <p class="back"><a href="/rooms">"‹ Rooms"</a></p>
                            <h1>"People"</h1>
                            <p class="hint">"Live updates show what others do at once. Without them a page is as fresh as its last reload."</p>
                            <ul class="people card">
                                {accounts.into_iter().map(|account| view! { <AccountRow account set_role/> }).collect_view()}
                            </ul>
                        </section>
                    }),
                    Err(error) => Either::Right(view! { <Fault error/> }),
                }
            })}
        </Transition>
    }
}
