//! Signing in, signing up, signing out, and another password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::people::api::{ChangePassword, SignIn, SignOut, SignUp};
use crate::people::{MAX_PASSWORD, MIN_PASSWORD};
use crate::ui::{LeftBehind, PageForm, storage, typed};

/// `next`: where to go afterwards. `left_behind`: what was not sent, to stay on the page after a wrong password.
#[component]
pub fn SignInForm(next: Option<String>, left_behind: Option<String>) -> impl IntoView {
    view! {
        <PageForm action=SignIn::PATH class="card">
            <EmailField typed={typed::<SignIn>("email")}/>
            <PasswordField name="password" label="Password"/>
            <input type="hidden" name="next" value=next/>
            <LeftBehind text=left_behind/>
            <button class="primary">"Sign in"</button>
        </PageForm>
    }
}

/// `join`: the token of the join link, which the first visitor of an empty server does without.
#[component]
pub fn SignUpForm(join: Option<String>) -> impl IntoView {
    view! {
        <PageForm action=SignUp::PATH class="card">
            <label>
                "Name"
                <input name="name" autocomplete="name" required value={typed::<SignUp>("name")}/>
            </label>
            <EmailField typed={typed::<SignUp>("email")}/>
            <NewPasswordField label="Password"/>
            <input type="hidden" name="join" value=join/>
            <button class="primary">"Sign up"</button>
        </PageForm>
    }
}

/// The password that one has. No field here has a `maxlength`: a browser would cut what is pasted, and nobody would see it.
#[component]
fn PasswordField(name: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <label>
            {label}
            <input name=name type="password" autocomplete="current-password" required/>
        </label>
    }
}

/// A password to be chosen.
#[component]
pub fn NewPasswordField(label: &'static str) -> impl IntoView {
    view! {
        <label>
            {label}
            <input
                name="password"
                type="password"
                autocomplete="new-password"
                required
                minlength=MIN_PASSWORD
                aria-describedby="password-hint"
            />
        </label>
        <p id="password-hint" class="hint">{MIN_PASSWORD} " to " {MAX_PASSWORD} " characters."</p>
    }
}

#[component]
pub fn ChangePasswordForm() -> impl IntoView {
    view! {
        <PageForm action=ChangePassword::PATH class="card">
            <h2>"Password"</h2>
            <PasswordField name="old_password" label="The one you have"/>
            <NewPasswordField label="New password"/>
            <button class="primary">"Change password"</button>
        </PageForm>
    }
}

#[component]
pub fn EmailField(typed: Option<String>) -> impl IntoView {
    view! {
        <label>
            "Email"
            <input name="email" type="email" autocomplete="username" required value=typed/>
        </label>
    }
}

#[component]
pub fn SignOutButton() -> impl IntoView {
    view! {
        // Who signs out leaves no drafts behind in this browser, and nothing that was not sent.
        <PageForm action=SignOut::PATH on:submit=|_| storage::forget()>
            <button class="quiet">"Sign out"</button>
        </PageForm>
    }
}
