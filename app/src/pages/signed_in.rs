//! What surrounds every page of those who are signed in: the rooms at the side, and the line that keeps all of it fresh.

use leptos::either::EitherOf3;
use leptos::prelude::*;
use leptos_router::components::{A, Outlet, Redirect};
use leptos_router::location::Url;

use crate::error::{Error, Kind};
use crate::listen::{LiveStatus, provide_line};
use crate::people::view::SignOutButton;
use crate::people::{Me, api};
use crate::rooms::{self, RoomList, view::RoomNav};
use crate::ui::{Fault, here};

#[component]
pub fn SignedIn() -> impl IntoView {
    provide_line();
    let read = Resource::new(|| (), |_| async { Ok::<_, Error>((api::me().await?, rooms::api::list().await?)) });
    let sign_in = format!("/sign-in?next={}", Url::escape(&here().get_untracked()));
    view! {
        <Suspense>
            {move || {
                let sign_in = sign_in.clone();
                Suspend::new(async move {
                    match read.await {
                        Ok((me, rooms)) => EitherOf3::A(view! { <Frame me rooms/> }),
                        Err(error) if error.kind == Kind::SignedOut => EitherOf3::B(view! { <Redirect path=sign_in/> }),
                        Err(error) => EitherOf3::C(view! { <main><Fault error/></main> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Frame(me: Me, rooms: RoomList) -> impl IntoView {
    provide_context(me.clone());
    view! {
        <div class="frame">
            <aside class="sidebar">
                <p class="brand"><a href="/rooms">"Earshot"</a></p>
                <RoomNav list=rooms/>
                <p><A href="/rooms/new">"New room"</A></p>
                <footer>
                    <span class="me">{me.person.name}</span>
                    {me.admin.then(|| view! { <A href="/people">"People"</A> })}
                    <SignOutButton/>
                </footer>
            </aside>
            <main>
                <LiveStatus/>
                <Outlet/>
            </main>
        </div>
    }
}
