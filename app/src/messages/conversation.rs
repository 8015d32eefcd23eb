//! A room's timeline and the composer below it, over one stretch of messages.

use leptos::html::Div;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::error::Error;
use crate::listen::{ActionList, Listen, reloader};
use crate::messages::composer::Composer;
use crate::messages::newer::Newer;
use crate::messages::outbox::Outbox;
use crate::messages::stretch::Stretch;
use crate::messages::timeline::{Timeline, stay, to_the_end};
use crate::messages::{Page, api};
use crate::object::{Action, Object};
use crate::people::Me;

/// What is to be read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    Everything,
    Older,
    Message(i64),
}

/// `before`: the message before which the page ends. Without one it reaches to the newest.
#[component]
pub fn Conversation(me: Me, room: i64, page: Page, before: Option<i64>) -> impl IntoView {
    let seq = page.seq;
    let stretch = Stretch::new(page, before);
    let log = NodeRef::<Div>::new();
    let outbox = StoredValue::new(None::<Outbox>);
    // One after the other: what was read before a change never comes after what was read because of it.
    let read = reloader(move |wanted: Vec<Wanted>| read(room, stretch, log, outbox, wanted));
    let want = StoredValue::new(read.clone());
    let posted = read.clone();
    let sending = Outbox::new(me.person.id, room, stretch.messages, move |id| posted(Wanted::Message(id)));
    outbox.set_value(Some(sending.clone()));
    hold_what_is_edited(stretch, move |id| want.with_value(|want| want(Wanted::Message(id))));

    let (heard, afresh) = (read.clone(), read.clone());
    let actions = ActionList::each(
        &[Action::Posted, Action::Edited, Action::Deleted],
        move |notice| {
            if notice.reference.entity != notice.object.entity() {
                heard(Wanted::Message(notice.reference.id));
            }
        },
        move || afresh(Wanted::Everything),
    );
    let older = move || {
        if stretch.more.get_untracked() && !stretch.loading.get_untracked() {
            stretch.loading.set(true);
            read(Wanted::Older);
        }
    };
    view! {
        <Listen to=Object::Room(room) seq actions/>
        <Timeline me=me.clone() room stretch log outbox=sending.clone() older/>
        {before.map(|_| view! { <p class="hint"><a href=format!("/rooms/{room}")>"To the newest"</a></p> })}
        <Newer stretch log/>
        <Composer me=me.person.id room send=move |body| {
            sending.post(body);
            to_the_end(log);
        }/>
    }
}

async fn read(
    room: i64,
    stretch: Stretch,
    log: NodeRef<Div>,
    outbox: StoredValue<Option<Outbox>>,
    wanted: Vec<Wanted>,
) -> Result<(), Error> {
    let settle = |found: &[_], read: &dyn Fn(i64) -> bool| {
        let outbox = outbox.try_get_value().flatten();
        outbox.into_iter().for_each(|outbox| outbox.settle(found, read));
    };
    if wanted.contains(&Wanted::Everything) {
        let page = api::page(room, stretch.before).await?;
        settle(&page.messages, &|_| true);
        stretch.replace(page);
        return Ok(());
    }
    let ids: Vec<i64> =
        wanted.iter().filter_map(|w| if let Wanted::Message(id) = w { Some(*id) } else { None }).collect();
    if !ids.is_empty() {
        let found = api::reload(room, ids.clone()).await?;
        settle(&found, &|id| ids.contains(&id));
        stretch.apply(&ids, found);
    }
    if let Some(oldest) = stretch.messages.first().filter(|_| wanted.contains(&Wanted::Older)) {
        let page = api::page(room, Some(oldest)).await?;
        stay(log, || stretch.prepend(page));
    }
    Ok(())
}

/// The message whose form is open stays until the form is closed; then `reread` finds out what has become of it.
fn hold_what_is_edited(stretch: Stretch, reread: impl Fn(i64) + Send + Sync + 'static) {
    let query = use_query_map();
    let editing = Memo::new(move |_| query.with(|query| query.get("edit")?.parse::<i64>().ok()));
    stretch.held.set(editing.get_untracked());
    Effect::new(move |_| {
        let before = stretch.held.get_untracked();
        if before != editing.get() {
            stretch.held.set(editing.get());
            before.into_iter().for_each(&reread);
        }
    });
}
