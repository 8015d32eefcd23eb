//! The forms of those who have forgotten their password, and of the administrator who helps them.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::people::view::{EmailField, NewPasswordField};
use crate::resets::api::{Ask, Make, Redeem};
use crate::ui::{CopyField, Form, PageForm, typed};

#[component]
pub fn ForgotForm() -> impl IntoView {
    view! {
        <PageForm action=Ask::PATH class="card">
            <EmailField typed={typed::<Ask>("email")}/>
            <button class="primary">"Send me a link"</button>
        </PageForm>
    }
}

#[component]
pub fn ResetForm(token: String) -> impl IntoView {
    view! {
        <PageForm action=Redeem::PATH class="card">
            <input type="hidden" name="token" value=token/>
            <NewPasswordField label="New password"/>
            <button class="primary">"Set password"</button>
        </PageForm>
    }
}

/// For an administrator: makes a link and shows it once.
#[component]
pub fn MakeReset(user: i64) -> impl IntoView {
    let make = ServerAction::<Make>::new();
    let made = move || make.value().get().and_then(Result::ok);
    view! {
        <section class="card" aria-labelledby="reset">
            <h2 id="reset">"Forgotten password"</h2>
            <p>"Make a link with which they choose a new one. It is good for one hour, and once; all their sessions end when it is used."</p>
            {move || made().map(|link| view! {
                <CopyField label="Link, shown this once" text=link/>
            })}
            <noscript><p class="hint">"The link is shown in place, which takes JavaScript."</p></noscript>
            <Form action=make>
                <input type="hidden" name="user" value=user/>
                <button>"Make a reset link"</button>
            </Form>
        </section>
    }
}
