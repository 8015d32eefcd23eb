//! The head of a room's page.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::error::{Error, Kind};
use crate::listen::{ActionList, DuplicateAction, Listen, reloader};
use crate::object::{Action, Notice, Object};
use crate::people::Me;
use crate::rooms::view::here::{Here, attend, typing};
use crate::rooms::view::sign::Openness;
use crate::rooms::{Room, api};
use crate::ui::raw_text;

/// What a person hears of their own end in a room, put into words as `why`.
///
/// # Errors
/// Never: each action stands there once.
pub fn put_out(room: i64, why: RwSignal<Option<String>>) -> Result<ActionList, DuplicateAction> {
    let told = move |notice: &Notice| {
        if notice.reference.id == room {
            let sentence = match notice.action {
                Action::Left => "You have left this room.".to_owned(),
                _ => format!("{} has removed you from this room.", notice.reference.by),
            };
            // Who deletes a room removes people from it, too.
            why.update(|why| *why = why.take().or(Some(sentence)));
        }
    };
    ActionList::each(&[Action::Removed, Action::Left], told, || {})
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
    let (of_room, afresh) = (reload.clone(), reload.clone());
    let changed = ActionList::each(
        &[Action::Renamed, Action::Deleted, Action::Left],
        move |notice| {
            let about_room = notice.reference.entity == notice.object.entity();
            if notice.action == Action::Deleted && about_room {
                why.set(Some(format!("{} has deleted this room.", notice.reference.by)));
            }
            if notice.action != Action::Deleted || about_room {
                of_room(());
            }
        },
        move || afresh(()),
    );
    let others = attend(id, me.person.id);
    let hint = move || others.with(|others| typing(others)).unwrap_or_else(|| openness.to_owned());
    let afresh = reload.clone();
    let removed = ActionList::each(
        &[Action::Removed, Action::Left],
        move |notice| {
            if notice.reference.id == id {
                reload(());
            }
        },
        move || afresh(()),
    );
    view! {
        <Listen to=Object::Room(id) seq=seq actions=changed/>
        <Listen to=Object::User(me.person.id) seq=me.seq actions=removed/>
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
