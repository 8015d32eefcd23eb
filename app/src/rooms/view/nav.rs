//! The list of rooms beside every page.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::listen::{ActionList, Keyed, Listen, Stale, reloader};
use crate::object::{Action, Notice, Object};
use crate::people::Me;
use crate::rooms::{Room, RoomList, api};

#[component]
pub fn RoomNav(me: Me, list: RoomList) -> impl IntoView {
    let rooms = Keyed::new(list.rooms);
    let reload = reloader(move |stale: Vec<Stale>| async move {
        match Stale::ids(&stale) {
            Some(ids) => rooms.apply(&ids, api::reload(ids.clone()).await?),
            None => rooms.replace(api::list().await?.rooms),
        }
        Ok(())
    });
    let on = |actions: &[Action]| {
        let (reload, afresh) = (reload.clone(), reload.clone());
        // All of these name a room: the one that came, went or changed.
        ActionList::each(actions, move |notice| reload(Stale::One(notice.reference.id)), move || afresh(Stale::All))
    };
    let of_room = reload.clone();
    view! {
        <Listen to=Object::Team seq=list.team_seq actions=on(&[Action::Created])/>
        <Listen to=Object::User(me.person.id) seq=me.seq actions=on(&[Action::Added, Action::Removed])/>
        <nav aria-label="Rooms" class="rooms">
            <ul>
                <For each=move || by_name(rooms) key=|(id, _)| *id let((id, room))>
                    <RoomLink id room reload=of_room.clone()/>
                </For>
            </ul>
        </nav>
    }
}

#[component]
fn RoomLink<F: Fn(Stale) + Clone + Send + Sync + 'static>(
    id: i64,
    room: ArcRwSignal<Room>,
    reload: F,
) -> impl IntoView {
    let seq = room.with_untracked(|room| room.seq);
    let afresh = reload.clone();
    let changed = move |notice: &Notice| {
        if notice.reference.entity == notice.object.entity() {
            reload(Stale::One(id));
        }
    };
    let actions = ActionList::each(&[Action::Renamed, Action::Deleted], changed, move || afresh(Stale::One(id)));
    let closed = room.with_untracked(|room| room.closed);
    let name = move || room.with(|room| room.name.clone());
    view! {
        <li>
            <Listen to=Object::Room(id) seq=seq actions/>
            <A href=format!("/rooms/{id}") attr:aria-description=if closed { "Members only" } else { "Open to everyone" }>
                <Sign closed/>
                <span dir="auto">{name}</span>
            </A>
        </li>
    }
}

/// Tells closed rooms from open ones at a glance.
#[component]
fn Sign(closed: bool) -> impl IntoView {
    const LOCK: &str = "M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3 7h10v7H3z";
    const HASH: &str = "M6.5 2 5 14M11 2 9.5 14M2.5 5.5h11M2.5 10.5h11";
    view! {
        <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
            <path d=if closed { LOCK } else { HASH }/>
        </svg>
    }
}

fn by_name(rooms: Keyed<Room>) -> Vec<(i64, ArcRwSignal<Room>)> {
    let mut rooms = rooms.all();
    rooms.sort_by_cached_key(|(id, room)| (room.with(|room| room.name.to_lowercase()), *id));
    rooms
}
