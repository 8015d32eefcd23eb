//! Earshot: a chat in which a commit makes a notice, and whoever listens reloads the object by id, under their own rights.
//! This file is the table of contents: the routes and the HTML around them. ARCHITECTURE.md walks through the rest.
#![recursion_limit = "256"]

#[cfg(feature = "ssr")]
pub mod context;
pub mod error;
pub mod listen;
pub mod messages;
pub mod moment;
pub mod object;
mod pages;
mod patience;
pub mod people;
pub mod pusher;
pub mod rooms;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode::Async;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::error::Kind;
use crate::pages::{
    HomePage, NewRoomPage, PeoplePage, RoomPage, RoomSettingsPage, RoomsPage, SignInPage, SignUpPage, SignedIn,
};
use crate::ui::{Fault, provide_rejected};

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_rejected();
    let not_found = || view! { <main class="door"><Fault error=Kind::NotFound.into()/></main> };
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Earshot".to_owned() } else { format!("{title} · Earshot") }/>
        <Router>
            <ErrorBoundary fallback=mistake>
                <Routes fallback=not_found>
                    <Route path=path!("/sign-in") view=SignInPage ssr=Async/>
                    <Route path=path!("/sign-up") view=SignUpPage ssr=Async/>
                    <ParentRoute path=path!("") view=SignedIn ssr=Async>
                        <Route path=path!("/") view=HomePage ssr=Async/>
                        <Route path=path!("/rooms") view=RoomsPage ssr=Async/>
                        <Route path=path!("/rooms/new") view=NewRoomPage ssr=Async/>
                        <Route path=path!("/rooms/:id") view=RoomPage ssr=Async/>
                        <Route path=path!("/rooms/:id/settings") view=RoomSettingsPage ssr=Async/>
                        <Route path=path!("/people") view=PeoplePage ssr=Async/>
                    </ParentRoute>
                </Routes>
            </ErrorBoundary>
        </Router>
    }
}

/// A page that was put together wrongly, as with an action list that names an action twice.
fn mistake(errors: ArcRwSignal<Errors>) -> AnyView {
    leptos::logging::error!("this page cannot be built: {:?}", errors.get_untracked());
    view! { <Fault error=Kind::Internal.into()/> }.into_any()
}
