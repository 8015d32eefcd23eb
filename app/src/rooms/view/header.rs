//! The head of a room's page.

use earshot_live::error::{Error, Kind};
use earshot_live::listen::{Actions, Listen, reloader};
use earshot_live::object::Notice;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::entities::{DELETED, LEFT, REMOVED, RENAMED, ROOM, USER};
use crate::people::Me;
use crate::rooms::view::here::{Here, attend, typing};
use crate::rooms::view::sign::Openness;
use crate::rooms::{Room, api};
use crate::ui::raw_text;

/// What a person hears of their own end in a room, put into words as `why`.
pub fn put_out(room: i64, why: RwSignal<Option<String>>) -> Actions {
    let tell = move |notice: &Notice, sentence: String| {
        if notice.reference.id == room {
            // Who deletes a room removes people from it, too.
            why.update(|why| *why = why.take().or(Some(sentence)));
        }
    };
    Actions::new(|| {})
        .on(LEFT, move |notice| tell(notice, "You have left this room.".to_owned()))
        .on(REMOVED, move |notice| tell(notice, format!("{} has removed you from this room.", notice.reference.by)))
}

/// `gone` is set when the room is no longer there for this viewer. `why`: in words, when that is heard, before it or after it.
#[component]
pub fn RoomHeader(me: Me, room: Room, gone: RwSignal<Option<Error>>, why: RwSignal<Option<String>>) -> impl IntoView {
    let (id, seq, openness) = (room.id, room.seq, Openness::of(&room).description());
    // The page's title is written when all else is, and this component may be gone by then: the signal outlives it.
    let titled = ArcRwSignal::new(room);
    let room = RwSignal::from(titled.clone());
    let reload = reloader(move |_: Vec<()>| async move {
        match api::get(id).await {
            Ok(changed) => drop(room.try_set(changed)),
            Err(error) if error.kind == Kind::NotFound => drop(gone.try_set(Some(error))),
            Err(error) => return Err(error),
        }
        Ok(())
    });
    let again = move || reload(());
    let deleted = move |notice: &Notice| {
        why.set(Some(format!("{} has deleted this room.", notice.reference.by)));
        again();
    };
    let changed =
        Actions::new(again).on(RENAMED, move |_| again()).on((DELETED, ROOM), deleted).on(LEFT, move |_| again());
    let others = attend(id, me.person.id);
    let hint = move || others.with(|others| typing(others)).unwrap_or_else(|| openness.to_owned());
    let out = move |notice: &Notice| {
        if notice.reference.id == id {
            again();
        }
    };
    let removed = Actions::new(again).on(REMOVED, out).on(LEFT, out);
    view! {
        <Listen to=ROOM.object(id) seq=seq actions=changed/>
        <Listen to=USER.object(me.person.id) seq=me.seq actions=removed/>
        <Title text=move || titled.with(|room| raw_text(&room.name))/>
        <header class="room-header">
            <a class="back" href="/rooms" aria-label="All rooms">"‹"</a>
            <div class="about">
                <h1 dir="auto">{move || room.with(|room| room.name.clone())}</h1>
                <p class="hint">{hint}</p>
            </div>
            <Here others/>
            <a class="button quiet" href=format!("/rooms/{id}/settings")>"Settings"</a>
        </header>
    }
}
