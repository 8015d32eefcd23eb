//! What waits for the person at this browser.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::inbox::view::InboxList;
use crate::pages::ReadInbox;
use crate::ui::Fault;

#[component]
pub fn InboxPage() -> impl IntoView {
    let read = expect_context::<ReadInbox>();
    let list = move || {
        Suspend::new(async move {
            match read.await {
                Ok(unread) => Either::Left(view! { <InboxList unread/> }),
                Err(error) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! {
        <Title text="Inbox"/>
        <section class="page">
            <p class="back"><a href="/rooms">"‹ Rooms"</a></p>
            <h1>"Inbox"</h1>
            <Suspense>{list}</Suspense>
        </section>
    }
}
