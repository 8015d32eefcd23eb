//! Asking for a link with which one chooses another password.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::resets::api;
use crate::resets::view::ForgotForm;

#[component]
pub fn ForgotPage() -> impl IntoView {
    let sent = use_query_map().with_untracked(|query| query.get("sent").is_some());
    let by_mail = Resource::new(|| (), |()| api::by_mail());
    view! {
        <Title text="Forgot your password?"/>
        <main class="door">
            <h1>"Forgot your password?"</h1>
            <Suspense>
                {move || Suspend::new(async move {
                    match (by_mail.await, sent) {
                        (Ok(false), _) => view! {
                            <p>"This server sends no mail. Ask an administrator for a link with which you choose a new one."</p>
                        }.into_any(),
                        (_, true) => view! {
                            <p role="status">"If there is an account with this address, a link is on its way to it. It is good for one hour."</p>
                        }.into_any(),
                        (_, false) => view! {
                            <p>"We send you a link with which you choose a new one."</p>
                            <ForgotForm/>
                        }.into_any(),
                    }
                })}
            </Suspense>
            <p><a href="/sign-in">"Back to signing in"</a></p>
        </main>
    }
}
