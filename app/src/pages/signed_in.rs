//! What surrounds every page of those who are signed in: the rooms at the side, and the line that keeps all of it fresh.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::components::{A, Outlet};
use leptos_router::location::Url;

use crate::error::Error;
use crate::listen::{Line, LiveStatus, Status, provide_line};
use crate::people::view::SignOutButton;
use crate::people::{self, Me};
use crate::rooms::view::RoomNav;
use crate::rooms::{self, RoomList};
use crate::ui::{Fault, here};

/// Who is at this browser, for every page inside.
pub type ReadMe = Resource<Result<Me, Error>>;

#[component]
pub fn SignedIn() -> impl IntoView {
    provide_line();
    let me: ReadMe = Resource::new(|| (), |()| people::api::me());
    provide_context(me);
    let rooms = Resource::new(|| (), |()| rooms::api::list());
    let sidebar = move || {
        Suspend::new(async move {
            match (me.await, rooms.await) {
                (Ok(me), Ok(rooms)) => Either::Left(view! { <Sidebar me rooms/> }),
                (Err(error), _) | (_, Err(error)) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    let status = expect_context::<Line>().status;
    view! {
        <Show when=move || status.get() != Status::SignedOut fallback=|| view! { <SessionOver/> }>
            <div class="frame">
                <Suspense>{sidebar}</Suspense>
                <main>
                    <LiveStatus/>
                    <Outlet/>
                </main>
            </div>
        </Show>
    }
}

/// Stands in place of everything once the session has ended, here or elsewhere.
#[component]
fn SessionOver() -> impl IntoView {
    let sign_in = format!("/sign-in?next={}", Url::escape(&here().get_untracked()));
    view! {
        <main class="door">
            <h1>"You are signed out"</h1>
            <p>"Your session has ended, here or elsewhere."</p>
            <p><a class="button primary" href=sign_in rel="external">"Sign in"</a></p>
        </main>
    }
}

#[component]
fn Sidebar(me: Me, rooms: RoomList) -> impl IntoView {
    view! {
        <aside class="sidebar">
            <p class="brand"><a href="/rooms">"Earshot"</a></p>
            <RoomNav me=me.clone() list=rooms/>
            <p><A href="/rooms/new">"New room"</A></p>
            <footer>
                <span class="me">{me.person.name}</span>
                {me.admin.then(|| view! { <A href="/people">"People"</A> })}
                <SignOutButton/>
            </footer>
        </aside>
    }
}
