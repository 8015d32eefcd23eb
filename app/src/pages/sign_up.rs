//! Signing up: with the join link, or as the first visitor of an empty server, who makes the administrator's account.

use futures::future::join;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::people::view::SignUpForm;
use crate::{join_link, people};

#[component]
pub fn SignUpPage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token"));
    let asked = token.clone().unwrap_or_default();
    let read = Resource::new(|| (), move |()| join(people::api::nobody_yet(), join_link::api::admits(asked.clone())));
    view! {
        <Title text="Sign up"/>
        <main class="door">
            <h1>"Earshot"</h1>
            <Suspense>
                {move || {
                    let token = token.clone();
                    Suspend::new(async move {
                        match read.await {
                            (Ok(true), _) => view! {
                                <p>"Nobody is here yet. This first account will be the administrator's."</p>
                                <SignUpForm join=None/>
                            }.into_any(),
                            (_, Ok(true)) => view! { <SignUpForm join=token/> }.into_any(),
                            _ => view! {
                                <p>"Ask for the join link: one needs it to sign up here. An administrator can send it to you."</p>
                            }.into_any(),
                        }
                    })
                }}
            </Suspense>
            <p>"Have an account? " <a href="/sign-in">"Sign in"</a></p>
        </main>
    }
}
