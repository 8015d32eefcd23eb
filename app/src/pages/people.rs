//! Everyone with an account, for administrators.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::accounts::api;
use crate::accounts::view::{AccountList, AccountSearch};
use crate::ui::{Fault, Lasting};

#[component]
pub fn PeoplePage() -> impl IntoView {
    let query = use_query_map();
    let search = Memo::new(move |_| query.with(|query| query.get("search")).unwrap_or_default());
    let page = Memo::new(move |_| query.with(|query| query.get("page")?.parse::<u32>().ok()).map_or(0, i64::from));
    let read = Resource::new(move || (search.get(), page.get()), |(search, page)| api::page(search, page));
    let lasting = Lasting::here();
    let people = move || {
        let (search, page, lasting) = (search.get(), page.get(), lasting.clone());
        Suspend::new(async move {
            match read.await {
                Ok(found) => Either::Left(lasting.view(|| {
                    view! {
                        <section class="page">
                            <p class="back"><a href="/rooms">"‹ Rooms"</a></p>
                            <div class="page-head">
                                <h1>"People"</h1>
                                <a class="button" href="/invite">"Invite people"</a>
                            </div>
                            <AccountSearch search=search.clone()/>
                            <AccountList found search page/>
                        </section>
                    }
                })),
                Err(error) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! {
        <Title text="People"/>
        <Transition>{people}</Transition>
    }
}
