//! The head of a room's page.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::error::{Error, Kind};
use crate::listen::{ActionList, Listen, reloader};
use crate::object::{Action, Object};
use crate::people::Me;
use crate::rooms::{Room, api};
use crate::ui::raw_text;

/// `gone` is set when the room is no longer there for this viewer.
#[component]
pub fn RoomHeader(me: Me, room: Room, gone: WriteSignal<Option<Error>>) -> impl IntoView {
    let (id, seq, closed) = (room.id, room.seq, room.closed);
    let room = RwSignal::new(room);
    let reload = reloader(move |_| async move {
        match api::get(id).await {
            Ok(changed) => drop(room.try_set(changed)),
            Err(error) if error.kind == Kind::NotFound => drop(gone.try_set(Some(error))),
            Err(error) => return Err(error),
        }
        Ok(())
    });
    let of_room = reload.clone();
    let changed = ActionList::each(&[Action::Renamed, Action::Deleted, Action::Left], move |notice| {
        if notice.action != Action::Deleted || notice.reference.entity == notice.object.entity() {
            of_room(id);
        }
    });
    let removed = ActionList::each(&[Action::Removed], move |notice| {
        if notice.reference.id == id {
            reload(id);
        }
    });
    view! {
        <Listen to=Object::Room(id) seq=seq actions=changed/>
        <Listen to=Object::User(me.person.id) seq=me.seq actions=removed/>
        <Title text=move || room.with(|room| raw_text(&room.name))/>
        <header class="room-header">
            <a class="back" href="/rooms" aria-label="All rooms">"‹"</a>
            <h1 dir="auto">{move || room.with(|room| room.name.clone())}</h1>
            <span class="hint">{if closed { "Members only" } else { "Open to everyone" }}</span>
            <a class="button quiet" href=format!("/rooms/{id}/settings")>"Settings"</a>
        </header>
    }
}
