//! Ordering an export, and the list of one's own with how far each has come.

use earshot_live::listen::{Actions, Keyed, Listen, Stale, reloader};
use leptos::either::EitherOf4;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::entities::{CREATED, DELETED, EXPORT, LEFT, PROGRESSED, REMOVED, USER};
use crate::exports::api::{self, Delete, Order};
use crate::exports::{Export, KEPT_DAYS, State};
use crate::files::readable_size;
use crate::people::Me;
use crate::ui::{Form, PageForm, Time};

#[component]
pub fn OrderForm(room: i64) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="export">
            <h2 id="export">"Export this room"</h2>
            <p>"An archive with all its messages, to be read in a browser and as JSON, and all its files. It is made in the background, and only you can download it."</p>
            <PageForm action=Order::PATH>
                <input type="hidden" name="room" value=room/>
                <div class="row">
                    <button>"Export this room"</button>
                    <a class="button quiet" href="/exports">"Your exports"</a>
                </div>
            </PageForm>
        </section>
    }
}

#[component]
pub fn ExportList(me: Me, list: Vec<Export>) -> impl IntoView {
    let exports = Keyed::new(list);
    let reload = reloader(move |stale: Vec<Stale>| async move {
        match Stale::ids(&stale) {
            Some(ids) => exports.apply(&ids, api::reload(ids.clone()).await?),
            None => exports.replace(api::list().await?),
        }
        Ok(())
    });
    let all = move || reload(Stale::All);
    // A room that one may not read any more takes its exports along.
    let mine = Actions::new(all)
        .on((CREATED, EXPORT), move |notice| reload(notice.into()))
        .on((DELETED, EXPORT), move |notice| reload(notice.into()))
        // A program that does not say which.
        .on((CREATED, USER), move |_| all())
        .on((DELETED, USER), move |_| all())
        .on(REMOVED, move |_| all())
        .on(LEFT, move |_| all());
    let latest_first = move || exports.all().into_iter().rev().collect::<Vec<_>>();
    view! {
        <Listen to=USER.object(me.person.id) seq=me.seq actions=mine/>
        <Show when=move || exports.all().is_empty()>
            <p class="card">"You have none. A room's settings have a button that orders one."</p>
        </Show>
        <ul class="exports">
            <For each=latest_first key=|(id, _)| *id let((id, export))>
                <ExportRow id export reload/>
            </For>
        </ul>
    }
}

#[component]
fn ExportRow<F: Fn(Stale) + Copy + Send + Sync + 'static>(
    id: i64,
    export: ArcRwSignal<Export>,
    reload: F,
) -> impl IntoView {
    let Export { room, room_name, ordered, seq, .. } = export.get_untracked();
    let address = export.with_untracked(Export::address);
    let again = move || reload(Stale::One(id));
    let actions = Actions::new(again).on(PROGRESSED, move |_| again()).on(DELETED, move |_| again());
    let delete = ServerAction::<Delete>::new();
    // Who does not hear of it sees it, too.
    Effect::new(move |_| {
        if delete.version().get() > 0 {
            again();
        }
    });
    let label = format!("Delete the export of {room_name}");
    let state = Memo::new(move |_| export.with(|export| export.state.clone()));
    view! {
        <li class="card">
            <Listen to=EXPORT.object(id) seq actions/>
            <p class="about">
                <a href=format!("/rooms/{room}")><bdi>{room_name}</bdi></a>
                <small>"Ordered " <Time at=ordered/> ", kept for " {KEPT_DAYS} " days"</small>
            </p>
            <Standing state address/>
            <Form action=delete>
                <input type="hidden" name="id" value=id/>
                <button class="quiet" aria-label=label>"Delete"</button>
            </Form>
        </li>
    }
}

/// Where one export stands. The bar is the same one from its beginning to its end.
#[component]
fn Standing(state: Memo<State>, address: String) -> impl IntoView {
    let numbers = Memo::new(move |_| match state.get() {
        State::Running { done, total } => (done, total),
        _ => (0, 0),
    });
    // What is shown changes with the stage alone; as long as it runs only the bar moves.
    let stage = Memo::new(move |_| match state.get() {
        State::Running { .. } => State::Running { done: 0, total: 0 },
        other => other,
    });
    move || match stage.get() {
        State::Waiting => EitherOf4::A(view! { <p class="hint" role="status">"Waits for its turn"</p> }),
        State::Running { .. } => EitherOf4::B(view! { <Bar numbers/> }),
        State::Finished { size } => EitherOf4::C(view! {
            <a class="button primary" href=address.clone() download="" rel="external">
                "Download (" {readable_size(size)} ")"
            </a>
        }),
        State::Failed(why) => EitherOf4::D(view! { <p class="form-error" role="alert">{why}</p> }),
    }
}

#[component]
fn Bar(numbers: Memo<(i64, i64)>) -> impl IntoView {
    let (done, total) = (move || numbers.get().0, move || numbers.get().1);
    view! {
        <p class="running">
            <progress aria-label="Progress of the export" max=move || total().max(1) value=done></progress>
            <small>{done} " of " {total} " messages"</small>
        </p>
    }
}
