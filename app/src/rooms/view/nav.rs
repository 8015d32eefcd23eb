//! The list of rooms beside every page.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use earshot_live::listen::{Actions, Keyed, Listen, Stale, reloader};
use earshot_live::object::{Notice, Reference};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::entities::{
    ADDED, CREATED, DELETED, EVERYONE, LEFT, MESSAGE, POSTED, PROFILE_CHANGED, READ, REMOVED, RENAMED, ROOM, USER,
};
use crate::inbox::view::Attention;
use crate::people::{Me, Person, current};
use crate::readings::{COUNTED, Level, capped};
use crate::rooms::view::sign::{Openness, Sign};
use crate::rooms::{Room, api};
use crate::text::fold;

/// `team_seq` and `user_seq`: the seqs of the team and of the viewer when `rooms` were read; `addressed`: how many messages in
/// which room are addressed to the viewer and not read yet; `unsent`: the rooms to which something has not got through.
#[component]
pub fn RoomNav(
    me: Me,
    rooms: Keyed<Room>,
    team_seq: i64,
    user_seq: i64,
    addressed: Memo<BTreeMap<i64, usize>>,
    unsent: Memo<BTreeSet<i64>>,
) -> impl IntoView {
    let reload = reloader(move |stale: Vec<Stale>| async move {
        match Stale::ids(&stale) {
            Some(ids) => rooms.apply(&ids, api::reload(ids.clone()).await?),
            None => rooms.replace(api::list().await?.rooms),
        }
        Ok(())
    });
    let all = move || reload(Stale::All);
    let one = move |notice: &Notice| reload(notice.into());
    // Direct conversations bear the names of their people.
    let rename = move |_: &Notice| {
        rooms.now().into_iter().filter(|room| room.direct).for_each(|room| reload(Stale::One(room.id)));
    };
    let of_team = Actions::new(all).on((CREATED, ROOM), one).on(PROFILE_CHANGED, rename);
    let mine =
        Actions::new(all).on((ADDED, ROOM), one).on((REMOVED, ROOM), one).on((LEFT, ROOM), one).on((READ, ROOM), one);
    let me = current(me.person);
    let link = Link { me, addressed, unsent };
    view! {
        <Listen to=EVERYONE seq=team_seq actions=of_team/>
        <Listen to=USER.object(me.with_untracked(|me| me.id)) seq=user_seq actions=mine/>
        <nav aria-label="Rooms" class="rooms">
            <Group name="Rooms" rooms=Signal::derive(move || named(rooms)) link reload/>
            <Group name="Direct messages" rooms=Signal::derive(move || direct(rooms)) link reload/>
        </nav>
    }
}

type Listed = (i64, ArcRwSignal<Room>);

/// What every link to a room knows of the viewer.
#[derive(Clone, Copy)]
struct Link {
    me: Signal<Person>,
    addressed: Memo<BTreeMap<i64, usize>>,
    unsent: Memo<BTreeSet<i64>>,
}

/// Rooms of one kind under their heading; nothing when there are none.
#[component]
fn Group<F: Fn(Stale) + Copy + Send + Sync + 'static>(
    name: &'static str,
    rooms: Signal<Vec<Listed>>,
    link: Link,
    reload: F,
) -> impl IntoView {
    view! {
        <Show when=move || rooms.with(|rooms| !rooms.is_empty())>
            <p class="group" aria-hidden="true">{name}</p>
            <ul aria-label=name>
                <For each=move || rooms.get() key=|(id, _)| *id let((id, room))>
                    <RoomLink link id room reload/>
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn RoomLink<F: Fn(Stale) + Copy + Send + Sync + 'static>(
    link: Link,
    id: i64,
    room: ArcRwSignal<Room>,
    reload: F,
) -> impl IntoView {
    let Link { me, addressed, unsent } = link;
    let (seq, openness) = room.with_untracked(|room| (room.seq, Openness::of(room)));
    let (unread, raise) = unread(id, room.clone());
    let again = move || reload(Stale::One(id));
    let talk = room.clone();
    let posted = move |notice: &Notice| {
        let Reference { id: said, seq, by, .. } = &notice.reference;
        if openness == Openness::Direct {
            // The conversation with the newest word comes first.
            talk.update(|room| room.latest = Some(*said));
        }
        // What others say is counted here: nothing is asked for it.
        if me.try_with_untracked(|me| *by != me.name) == Some(true) {
            raise(*seq);
        } else {
            // Whether it was said here or by a namesake, the server knows.
            again();
        }
    };
    let one_less = move |_: &Notice| {
        // It may have been one of the unread. What waits to be heard may come after the room has left the list.
        if unread.try_get_untracked().is_some_and(|unread| unread > 0) {
            again();
        }
    };
    let actions = Actions::new(again)
        .on((POSTED, MESSAGE), posted)
        .on((DELETED, MESSAGE), one_less)
        .on((DELETED, ROOM), move |_| again())
        .on(RENAMED, move |_| again());
    let level = room.clone();
    let quiet = move || level.with(|room| room.reading.level != Level::Everything);
    let mentions = Memo::new(move |_| addressed.with(|rooms| rooms.get(&id).copied().unwrap_or_default()));
    // What is addressed to the viewer is not counted twice.
    let others = Memo::new(move |_| unread.get().saturating_sub(mentions.get()));
    let unsent = Memo::new(move |_| unsent.with(|rooms| rooms.contains(&id)));
    let name = move || room.with(|room| room.name.clone());
    view! {
        <li class:unread=move || { unread.get() > 0 } class:muted=quiet>
            <Listen to=ROOM.object(id) seq=seq actions/>
            <A href=format!("/rooms/{id}") attr:aria-description=move || description(openness, unread.get(), mentions.get(), unsent.get())>
                <Sign openness/>
                <span class="name" dir="auto">{name}</span>
                <Badge class="badge" count=others/>
                <Badge class="badge addressed" count=mentions/>
                <Show when=move || unsent.get()>
                    <span class="badge unsent" title="A message was not sent" aria-hidden="true">"!"</span>
                </Show>
            </A>
        </li>
    }
}

/// How much of a room is unread: what the server has counted, and what was said since. The second is to be called with the seq
/// of each message of somebody else.
fn unread(id: i64, room: ArcRwSignal<Room>) -> (Memo<usize>, impl Fn(i64) + Send + Sync + 'static) {
    let raised = RwSignal::new(Vec::new());
    let attention = expect_context::<Attention>();
    let counted = room.clone();
    let unread = Memo::new(move |_| {
        let (reading, seq) = counted.with(|room| (room.reading, room.seq));
        if reading.level != Level::Everything || attention.get() == Some(id) {
            return 0;
        }
        reading.unread + raised.with(|raised: &Vec<i64>| raised.iter().filter(|said| **said > seq).count())
    });
    let raise = move |said: i64| {
        let counted = room.with_untracked(|room| room.seq);
        raised.try_update(|raised| {
            raised.retain(|said| *said > counted);
            // More than the server would count is not shown either.
            if raised.len() < COUNTED {
                raised.push(said);
            }
        });
    };
    (unread, raise)
}

/// Drawn for those who see the list; others are told by the link's description.
#[component]
fn Badge(class: &'static str, count: Memo<usize>) -> impl IntoView {
    view! {
        <Show when=move || { count.get() > 0 }>
            <span class=class aria-hidden="true">{move || capped(count.get())}</span>
        </Show>
    }
}

fn description(openness: Openness, unread: usize, mentions: usize, unsent: bool) -> String {
    let openness = openness.description();
    let unread = (unread > 0).then(|| format!(", {} unread", capped(unread)));
    let mentions = (mentions > 0).then(|| format!(", {} for you", capped(mentions)));
    let unsent = if unsent { ", a message was not sent" } else { "" };
    format!("{openness}{}{}{unsent}", unread.unwrap_or_default(), mentions.unwrap_or_default())
}

/// The rooms that have a name of their own, by that.
fn named(rooms: Keyed<Room>) -> Vec<Listed> {
    let mut rooms = of_kind(rooms, false);
    rooms.sort_by_cached_key(|(id, room)| (room.with(|room| fold(&room.name)), *id));
    rooms
}

/// Direct conversations: those that have just begun, then the newest talk first.
fn direct(rooms: Keyed<Room>) -> Vec<Listed> {
    let mut rooms = of_kind(rooms, true);
    rooms.sort_by_cached_key(|(id, room)| Reverse((room.with(|room| room.latest.unwrap_or(i64::MAX)), *id)));
    rooms
}

fn of_kind(rooms: Keyed<Room>, direct: bool) -> Vec<Listed> {
    rooms.all().into_iter().filter(|(_, room)| room.with_untracked(|room| room.direct) == direct).collect()
}
