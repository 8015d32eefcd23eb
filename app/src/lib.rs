//! Earshot: a chat in which a commit makes a notice, and whoever listens reloads the object by id, under their own rights.
//! This file is the table of contents: the routes and the HTML around them. ARCHITECTURE.md walks through the rest.
#![recursion_limit = "256"]

#[cfg(feature = "ssr")]
pub mod access;
pub mod accounts;
pub mod client_id;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod database;
pub mod entities;
pub mod exports;
pub mod files;
pub mod inbox;
pub mod join_link;
#[cfg(feature = "ssr")]
pub mod mail;
pub mod mentions;
pub mod messages;
mod pages;
pub mod people;
pub mod profiles;
pub mod reactions;
pub mod readings;
pub mod resets;
pub mod rooms;
pub mod search;
pub mod sessions;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod text;
pub mod ui;
#[cfg(feature = "ssr")]
pub mod work;

use earshot_live::error::Kind;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode::Async;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::files::provide_max_file;
use crate::inbox::view::provide_waiting;
use crate::pages::{
    ExportsPage, ForgotPage, HomePage, InboxPage, InvitePage, MePage, NewDirectPage, NewRoomPage, PeoplePage,
    PersonPage, ResetPage, RoomPage, RoomSettingsPage, RoomsPage, SearchPage, SignInPage, SignUpPage, SignedIn,
};
use crate::readings::capped;
use crate::ui::{Fault, ForgetRefusal, limit_requests, provide_rejected, provide_zone, send_forms_once};

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_rejected();
    provide_max_file();
    provide_zone();
    send_forms_once();
    limit_requests();
    let waiting = provide_waiting();
    let not_found = || view! { <main class="door"><Fault error=Kind::NotFound.into()/></main> };
    view! {
        <Title formatter=move |title: String| titled(&title, waiting.0.get())/>
        <Router>
            <ForgetRefusal/>
            <ErrorBoundary fallback=mistake>
                <Routes fallback=not_found>
                    <Route path=path!("/sign-in") view=SignInPage ssr=Async/>
                    <Route path=path!("/sign-up") view=SignUpPage ssr=Async/>
                    <Route path=path!("/join/:token") view=SignUpPage ssr=Async/>
                    <Route path=path!("/forgot") view=ForgotPage ssr=Async/>
                    <Route path=path!("/reset/:token") view=ResetPage ssr=Async/>
                    <ParentRoute path=path!("") view=SignedIn ssr=Async>
                        <Route path=path!("/") view=HomePage ssr=Async/>
                        <Route path=path!("/inbox") view=InboxPage ssr=Async/>
                        <Route path=path!("/rooms") view=RoomsPage ssr=Async/>
                        <Route path=path!("/rooms/new") view=NewRoomPage ssr=Async/>
                        <Route path=path!("/rooms/direct/new") view=NewDirectPage ssr=Async/>
                        <Route path=path!("/rooms/:id") view=RoomPage ssr=Async/>
                        <Route path=path!("/rooms/:id/settings") view=RoomSettingsPage ssr=Async/>
                        <Route path=path!("/exports") view=ExportsPage ssr=Async/>
                        <Route path=path!("/search") view=SearchPage ssr=Async/>
                        <Route path=path!("/people") view=PeoplePage ssr=Async/>
                        <Route path=path!("/people/:id") view=PersonPage ssr=Async/>
                        <Route path=path!("/invite") view=InvitePage ssr=Async/>
                        <Route path=path!("/me") view=MePage ssr=Async/>
                    </ParentRoute>
                </Routes>
            </ErrorBoundary>
        </Router>
    }
}

/// What stands in the tab: how many messages wait for one, the page, the product.
fn titled(page: &str, waiting: usize) -> String {
    let count = if waiting > 0 { format!("({}) ", capped(waiting)) } else { String::new() };
    let page = if page.is_empty() { String::new() } else { format!("{page} · ") };
    format!("{count}{page}Earshot")
}

/// A page that was put together wrongly, as with an action list that names an action twice.
fn mistake(errors: ArcRwSignal<Errors>) -> AnyView {
    leptos::logging::error!("this page cannot be built: {:?}", errors.get_untracked());
    view! { <Fault error=Kind::Internal.into()/> }.into_any()
}
