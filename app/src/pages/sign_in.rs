//! Signing in.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

use crate::people::api;
use crate::people::view::SignInForm;
use crate::ui::{left_behind, raw_text};

#[component]
pub fn SignInPage() -> impl IntoView {
    let next = use_query_map().with_untracked(|query| query.get("next"));
    let reset = use_query_map().with_untracked(|query| query.get("reset").is_some());
    let left_behind = left_behind();
    let first_run = Resource::new(|| (), |_| api::nobody_yet());
    view! {
        <Title text="Sign in"/>
        <main class="door">
            <h1>"Earshot"</h1>
            {reset.then(|| view! { <p role="status">"Your new password is set. Sign in with it."</p> })}
            {left_behind.clone().map(|text| view! {
                <p role="status">"You were signed out before this was sent. Take it along, and send it again once you are signed in."</p>
                <textarea readonly rows="6" dir="auto" aria-label="What you wrote">{raw_text(&text)}</textarea>
            })}
            <Suspense>
                {move || {
                    let (next, left_behind) = (next.clone(), left_behind.clone());
                    Suspend::new(async move {
                        if first_run.await == Ok(true) {
                            Either::Left(view! { <Redirect path="/sign-up"/> })
                        } else {
                            Either::Right(view! { <SignInForm next left_behind/> })
                        }
                    })
                }}
            </Suspense>
            <p><a href="/forgot">"Forgot your password?"</a></p>
            <p>"New here? " <a href="/sign-up">"Sign up"</a></p>
        </main>
    }
}
