//! Search: a form, and what was found.

use earshot_live::error::Kind;
use leptos::either::EitherOf4;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::search::api;
use crate::search::view::{SearchForm, SearchResults};
use crate::ui::{Fault, Lasting};

#[component]
pub fn SearchPage() -> impl IntoView {
    let parameters = use_query_map();
    let asked = Memo::new(move |_| {
        parameters.with(|parameters| {
            let before = parameters.get("before").and_then(|before| before.parse::<i64>().ok());
            (parameters.get("q").unwrap_or_default(), before)
        })
    });
    let read = Resource::new(
        move || asked.get(),
        async |(query, before)| if query.is_empty() { None } else { Some(api::messages(query, before).await) },
    );
    let lasting = Lasting::here();
    let found = move || {
        let ((query, _), lasting) = (asked.get(), lasting.clone());
        Suspend::new(async move {
            match read.await {
                None => EitherOf4::A(view! {
                    <p>"Every word has to occur in a message. Of the last one its beginning is enough, as long as you have not typed a space behind it."</p>
                }),
                Some(Ok(found)) => EitherOf4::B(lasting.view(|| view! { <SearchResults query found/> })),
                Some(Err(error)) if error.kind == Kind::Invalid => {
                    EitherOf4::C(view! { <p class="form-error" role="alert">{error.sentence}</p> })
                }
                Some(Err(error)) => EitherOf4::D(view! { <Fault error/> }),
            }
        })
    };
    view! {
        <Title text="Search"/>
        <section class="page">
            <p class="back"><a href="/rooms">"‹ Rooms"</a></p>
            <h1>"Search"</h1>
            {move || view! { <SearchForm query=asked.get().0/> }}
            <Transition>{found}</Transition>
        </section>
    }
}
