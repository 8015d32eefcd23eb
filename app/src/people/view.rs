//! Signing in, signing up, signing out; the list of people.

use gloo_storage::{LocalStorage, Storage};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::people::api::{SetActive, SetPusherUser, SignIn, SignOut, SignUp};
use crate::people::{Account, Avatar, MAX_EMAIL, MAX_NAME, MAX_PASSWORD, MIN_PASSWORD};
use crate::ui::{Form, PageForm, typed};

/// `next`: where to go afterwards.
#[component]
pub fn SignInForm(next: Option<String>) -> impl IntoView {
    view! {
        <PageForm action=SignIn::PATH class="card">
            <EmailField typed={typed::<SignIn>("email")}/>
            <label>
                "Password"
                <input name="password" type="password" autocomplete="current-password" required maxlength=MAX_PASSWORD/>
            </label>
            <input type="hidden" name="next" value=next/>
            <button class="primary">"Sign in"</button>
        </PageForm>
    }
}

#[component]
pub fn SignUpForm(next: Option<String>) -> impl IntoView {
    view! {
        <PageForm action=SignUp::PATH class="card">
            <label>
                "Name"
                <input name="name" autocomplete="name" required maxlength=MAX_NAME value={typed::<SignUp>("name")}/>
            </label>
            <EmailField typed={typed::<SignUp>("email")}/>
            <label>
                "Password"
                <input
                    name="password"
                    type="password"
                    autocomplete="new-password"
                    required
                    minlength=MIN_PASSWORD
                    maxlength=MAX_PASSWORD
                    aria-describedby="password-hint"
                />
            </label>
            <p id="password-hint" class="hint">"At least " {MIN_PASSWORD} " characters."</p>
            <input type="hidden" name="next" value=next/>
            <button class="primary">"Sign up"</button>
        </PageForm>
    }
}

#[component]
fn EmailField(typed: Option<String>) -> impl IntoView {
    view! {
        <label>
            "Email"
            <input name="email" type="email" autocomplete="username" required maxlength=MAX_EMAIL value=typed/>
        </label>
    }
}

#[component]
pub fn SignOutButton() -> impl IntoView {
    view! {
        // Who signs out leaves no drafts behind in this browser.
        <PageForm action=SignOut::PATH on:submit=|_| LocalStorage::clear()>
            <button class="quiet">"Sign out"</button>
        </PageForm>
    }
}

/// One row of the administrators' list.
#[component]
pub fn AccountRow(
    account: Account,
    /// Whether this is the administrator's own.
    mine: bool,
    set_role: ServerAction<SetPusherUser>,
    set_active: ServerAction<SetActive>,
) -> impl IntoView {
    let Account { person, email, admin, pusher_user, active } = account;
    let standing = match (active, pusher_user) {
        (false, _) => "Deactivated",
        (true, true) => "Live updates on",
        (true, false) => "Live updates off",
    };
    let name = person.name.clone();
    let role =
        if pusher_user { ("Turn off", "Turn off live updates for") } else { ("Turn on", "Turn on live updates for") };
    let life = if active { ("Deactivate", "Deactivate") } else { ("Bring back", "Bring back") };
    view! {
        <li class="person">
            <Avatar person=person.clone()/>
            <span class="who">
                <strong>{person.name.clone()}</strong>
                {admin.then_some(" (administrator)")}
                <br/>
                <small>{email}</small>
            </span>
            <span>{standing}</span>
            {active.then(|| view! {
                <Form action=set_role>
                    <input type="hidden" name="user" value=person.id/>
                    <input type="hidden" name="given" value=(!pusher_user).to_string()/>
                    <button aria-label=format!("{} {name}", role.1)>{role.0}</button>
                </Form>
            })}
            {(!mine).then(|| view! {
                <Form action=set_active>
                    <input type="hidden" name="user" value=person.id/>
                    <input type="hidden" name="active" value=(!active).to_string()/>
                    <button aria-label=format!("{} {}", life.1, person.name)>{life.0}</button>
                </Form>
            })}
        </li>
    }
}
