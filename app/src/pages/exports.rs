//! One's own exports.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::exports::api;
use crate::exports::view::ExportList;
use crate::pages::ReadMe;
use crate::ui::Fault;

#[component]
pub fn ExportsPage() -> impl IntoView {
    let me = expect_context::<ReadMe>();
    let read = Resource::new(|| (), |()| api::list());
    let exports = move || {
        Suspend::new(async move {
            match (me.await, read.await) {
                (Ok(me), Ok(list)) => Either::Left(view! {
                    <section class="page">
                        <p class="back"><a href="/rooms">"‹ Rooms"</a></p>
                        <h1>"Your exports"</h1>
                        <ExportList me list/>
                    </section>
                }),
                (Err(error), _) | (_, Err(error)) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    view! {
        <Title text="Your exports"/>
        <Transition>{exports}</Transition>
    }
}
