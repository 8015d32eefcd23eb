//! Choosing another password with a link.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::resets::api;
use crate::resets::view::ResetForm;
use crate::ui::Fault;

#[component]
pub fn ResetPage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let asked = token.clone();
    let good = Resource::new(|| (), move |()| api::check(asked.clone()));
    let form = move || {
        let token = token.clone();
        Suspend::new(async move {
            match good.await {
                Ok(()) => Either::Left(view! {
                    <h1>"Choose a new password"</h1>
                    <p>"You are signed out everywhere with it, and sign in anew."</p>
                    <ResetForm token/>
                }),
                Err(error) => {
                    Either::Right(view! { <Fault error/><p><a href="/forgot">"Ask for another link"</a></p> })
                }
            }
        })
    };
    view! {
        <Title text="Choose a new password"/>
        <main class="door"><Suspense>{form}</Suspense></main>
    }
}
