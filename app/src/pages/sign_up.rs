//! Signing up. The first visitor of an empty server makes the administrator's account.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::people::api;
use crate::people::view::SignUpForm;

#[component]
pub fn SignUpPage() -> impl IntoView {
    let first_run = Resource::new(|| (), |_| api::nobody_yet());
    view! {
        <Title text="Sign up"/>
        <main class="door">
            <h1>"Earshot"</h1>
            <Suspense>
                {move || Suspend::new(async move {
                    (first_run.await == Ok(true)).then(|| view! {
                        <p>"Nobody is here yet. This first account will be the administrator's."</p>
                    })
                })}
            </Suspense>
            <SignUpForm next=None/>
            <p>"Have an account? " <a href="/sign-in">"Sign in"</a></p>
        </main>
    }
}
