//! Sessions as they are shown, to their person and to administrators.

use earshot_live::listen::{Actions, Listen, reloader};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::entities::{SIGNED_OUT, USER};
use crate::people::Me;
use crate::sessions::api::{self, End, EndOthers};
use crate::sessions::{Session, SessionList};
use crate::ui::{PageForm, Time};

/// Sessions with what ends them. One's own go from the list when they end elsewhere.
#[component]
pub fn Sessions(me: Me, list: SessionList) -> impl IntoView {
    let SessionList { user, sessions } = list;
    let mine = user == me.person.id;
    let sessions = RwSignal::new(sessions);
    let reload = reloader(move |_: Vec<()>| async move {
        sessions.try_set(api::list(Some(user)).await?.sessions);
        Ok(())
    });
    let actions = Actions::new(move || reload(())).on(SIGNED_OUT, move |_| reload(()));
    let others = move || mine && sessions.with(Vec::len) > 1;
    view! {
        {mine.then(|| view! { <Listen to=USER.object(user) seq=me.seq actions/> })}
        <section class="card" aria-labelledby="sessions">
            <h2 id="sessions">{if mine { "Where you are signed in" } else { "Where they are signed in" }}</h2>
            <ul class="sessions">
                <For each=move || sessions.get() key=|session| (session.id, session.used) let(session)><SessionRow session/></For>
            </ul>
            <Show when=move || sessions.with(Vec::is_empty)><p class="hint">"Nowhere at the moment."</p></Show>
            <Show when=others>
                <PageForm action=EndOthers::PATH>
                    <button>"Sign out everywhere else"</button>
                </PageForm>
            </Show>
        </section>
    }
}

#[component]
fn SessionRow(session: Session) -> impl IntoView {
    let Session { id, device, address, used, this } = session;
    let label = format!("End the session on {device} at {address}");
    view! {
        <li class="session">
            <span class="who">
                <strong>{device}</strong>
                <br/>
                <small>
                    <bdi>{address}</bdi>
                    " · "
                    {if this { "this browser".into_any() } else { view! { "last used "<Time at=used/> }.into_any() }}
                </small>
            </span>
            {(!this).then(|| view! {
                <PageForm action=End::PATH>
                    <input type="hidden" name="id" value=id/>
                    <button aria-label=label>"End this one"</button>
                </PageForm>
            })}
        </li>
    }
}
