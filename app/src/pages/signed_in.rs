//! What surrounds every page of those who are signed in: the rooms at the side, and the client that keeps all of it fresh.

use earshot_live::error::Error;
use earshot_live::listen::{Client, Keyed, Status, provide_client};
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::{A, Outlet};
use leptos_router::location::Url;

use crate::files::provide_trays;
use crate::inbox::view::{Inbox, InboxLink, provide_attention, provide_inbox};
use crate::inbox::{self, Unread};
use crate::messages::{Drafts, LostMessages, Outbox, provide_drafts, provide_outbox};
use crate::people::view::SignOutButton;
use crate::people::{self, Avatar, KeepBook, Me, current, provide_book};
use crate::rooms::view::RoomNav;
use crate::rooms::{self, RoomList};
use crate::search::view::{FindLink, Finder, Palette};
use crate::ui::{Fault, LiveStatus, Part, ToastList, ask_as, here, provide_toasts, storage};

/// Who is at this browser, for every page inside.
pub type ReadMe = Resource<Result<Me, Error>>;
/// What waits for them.
pub type ReadInbox = Resource<Result<Unread, Error>>;

#[component]
pub fn SignedIn() -> impl IntoView {
    provide_client();
    provide_book();
    let me: ReadMe = Resource::new(|| (), |()| people::api::me());
    provide_context(me);
    let unread: ReadInbox = Resource::new(|| (), |()| inbox::api::unread());
    provide_context(unread);
    provide_inbox(provide_attention());
    let outbox = provide_outbox();
    provide_drafts(outbox, provide_trays());
    // An effect, because only a browser sends, whatever else of the page could not be read.
    Effect::new(move |_| {
        if let Some(Ok(me)) = me.get() {
            outbox.open(me.person.id);
            ask_as(me.person.id);
        }
    });
    let toasts = provide_toasts();
    let rooms = Resource::new(|| (), |()| rooms::api::list());
    let sidebar = move || {
        Suspend::new(async move {
            match (me.await, rooms.await, unread.await) {
                (Ok(me), Ok(rooms), Ok(unread)) => Either::Left(view! { <Sidebar me rooms unread/> }),
                (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => Either::Right(view! { <Fault error/> }),
            }
        })
    };
    let (status, forgotten) = (expect_context::<Client>().status, RwSignal::new(false));
    // Who signs out leaves nothing on any screen, live or not.
    storage::on_change(move |key| forgotten.update(|forgotten| *forgotten |= key.is_none()));
    view! {
        <Show when=move || status.get() != Status::SignedOut && !forgotten.get() fallback=|| view! { <SessionOver/> }>
            <div class="frame">
                <Suspense>{sidebar}</Suspense>
                <main>
                    <LiveStatus/>
                    <Outlet/>
                </main>
            </div>
            <ToastList toasts/>
        </Show>
    }
}

/// Stands in place of everything once the session has ended, here or elsewhere.
#[component]
fn SessionOver() -> impl IntoView {
    let sign_in = format!("/sign-in?next={}", Url::escape(&untrack(here())));
    view! {
        <Title text="Signed out"/>
        <main class="door">
            <h1>"You are signed out"</h1>
            <p>"Your session has ended, here or elsewhere."</p>
            <p><a class="button primary" href=sign_in rel="external">"Sign in"</a></p>
        </main>
    }
}

#[component]
fn Sidebar(me: Me, rooms: RoomList, unread: Unread) -> impl IntoView {
    let (inbox, outbox, drafts) = (expect_context::<Inbox>(), Outbox::expect(), Drafts::expect());
    let failed = move || outbox.failed().into_iter().map(|outgoing| outgoing.room);
    let unsent = Memo::new(move |_| failed().chain(drafts.refused_rooms()).collect());
    let addressed = Memo::new(move |_| inbox.by_room());
    let myself = current(me.person.clone());
    let RoomList { rooms, team_seq, user_seq } = rooms;
    let rooms = Keyed::new(rooms);
    let finder = Finder::new(rooms);
    view! {
        <aside>
            <Part class="sidebar">
                <p class="brand"><a href="/rooms">"Earshot"</a></p>
                <KeepBook seq=team_seq/>
                <FindLink finder/>
                <InboxLink me=me.person.id unread/>
                <RoomNav me=me.clone() rooms team_seq user_seq addressed unsent/>
                <LostMessages rooms=Signal::derive(move || rooms.all().into_iter().map(|(id, _)| id).collect())/>
                <p class="new"><A href="/rooms/new">"New room"</A> <A href="/rooms/direct/new">"New message"</A></p>
                <footer>
                    <a class="me" href="/me" aria-label="Your account">
                        <Avatar person=me.person/>
                        <span dir="auto">{move || myself.with(|me| me.name.clone())}</span>
                    </a>
                    {me.admin.then(|| view! { <A href="/people">"People"</A> })}
                    <SignOutButton/>
                </footer>
            </Part>
        </aside>
        <Palette finder/>
    }
}
