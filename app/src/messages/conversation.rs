//! A room's timeline and the composer below it, over one window of messages.

use earshot_live::error::Error;
use earshot_live::listen::{Actions, Listen, MAX_RELOAD, reloader};
use earshot_live::object::Notice;
use leptos::html::Div;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};

use crate::entities::{DELETED, EDITED, MESSAGE, POSTED, REACTED, ROOM};
use crate::messages::announce::Announce;
use crate::messages::composer::Composer;
use crate::messages::newer::Newer;
use crate::messages::outbox::Outbox;
use crate::messages::scrolling::{stay, stay_above, to_the_end};
use crate::messages::timeline::Timeline;
use crate::messages::view::Spot;
use crate::messages::window::MessageWindow;
use crate::messages::{Address, Drafts, Page, Place, api};
use crate::people::Me;
use crate::readings::Reading;
use crate::readings::view::Reader;

/// What is to be read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    /// What is shown, anew.
    Everything,
    /// The newest page in place of what is shown.
    Newest,
    Older,
    Newer,
    Message(i64),
}

/// `address`: where in which room `page` is.
#[component]
pub fn Conversation(me: Me, address: Address, reading: Reading, page: Page) -> impl IntoView {
    let (room, seq) = (address.room, page.seq);
    let window = MessageWindow::new(page);
    let reader = Reader::of(room, reading, newest(window), window.following.into());
    let log = NodeRef::<Div>::new();
    let outbox = Outbox::expect();
    Spot::provide(address, log);
    // One after the other: what was read before a change never comes after what was read because of it.
    let read = reloader(move |wanted: Vec<Wanted>| async move {
        let done = read(room, window, log, outbox, wanted).await;
        // What is refused for good is not asked for again by itself, but may be by the reader.
        if done.is_err() {
            window.loading.try_set(false);
        }
        done
    });
    let read_one = move |id| read(Wanted::Message(id));
    read_what_is_sent(outbox, room, window, read_one);
    hold_what_is_edited(room, window, read_one);

    let heard = move |notice: &Notice| read_one(notice.reference.id);
    let actions = Actions::new(move || read(Wanted::Everything))
        .on((POSTED, MESSAGE), heard)
        .on((EDITED, MESSAGE), heard)
        .on((DELETED, MESSAGE), heard)
        .on((REACTED, MESSAGE), heard);
    let load = move |wanted: Wanted, there: RwSignal<bool>| {
        if there.try_get_untracked() == Some(true) && !window.loading.get_untracked() {
            window.loading.set(true);
            read(wanted);
        }
    };
    let older = move || load(Wanted::Older, window.more);
    let newer = move || load(Wanted::Newer, window.newer);
    let drafts = Drafts::expect();
    let edit = use_navigate();
    let me_id = me.person.id;
    let edit_last = move || {
        if let Some(id) = window.last_of(me_id) {
            edit(&address.doing("edit", id), Default::default());
        }
    };
    drafts.on_sent(room, move || {
        if window.newer.get_untracked() {
            read(Wanted::Newest);
        }
        to_the_end(log);
    });
    view! {
        <Listen to=ROOM.object(room) seq actions/>
        <Timeline me=me.clone() address window reader log outbox older newer/>
        <Show when=move || window.newer.get()>
            <p class="hint"><a href=format!("/rooms/{room}")>"To the newest"</a></p>
        </Show>
        <Newer window log/>
        <Announce me=me_id window/>
        <Composer me=me_id address drafts quote=move |id| window.quote(id) edit_last/>
    }
}

async fn read(
    room: i64,
    window: MessageWindow,
    log: NodeRef<Div>,
    outbox: Outbox,
    wanted: Vec<Wanted>,
) -> Result<(), Error> {
    let wants = |what| wanted.contains(&what);
    // Beside nothing there is neither before nor after.
    let beside_nothing = window.messages.ids().is_empty() && (wants(Wanted::Older) || wants(Wanted::Newer));
    if wants(Wanted::Everything) || wants(Wanted::Newest) || beside_nothing {
        let newest = wants(Wanted::Newest) || beside_nothing;
        let place = if newest { Place::Newest } else { window.place() };
        let page = page_at(room, place).await?;
        outbox.settle(&page.messages, |_| place == Place::Newest);
        window.replace(page);
        if wants(Wanted::Newest) {
            // The log may have been scrolled to its end already, and tells nobody of it again.
            window.following.try_set(true);
            to_the_end(log);
        }
        return Ok(());
    }
    let ids: Vec<i64> =
        wanted.iter().filter_map(|w| if let Wanted::Message(id) = w { Some(*id) } else { None }).collect();
    // Asked for only now: what was read meanwhile may quote one of them.
    for ids in window.with_answers(&ids).chunks(MAX_RELOAD) {
        let found = api::reload(room, ids.to_vec()).await?;
        outbox.settle(&found, |id| ids.contains(&id));
        window.apply(ids, found);
    }
    let shown = window.messages.ids();
    if let Some(oldest) = shown.first().filter(|_| wants(Wanted::Older)) {
        let page = page_at(room, Place::Before(*oldest)).await?;
        stay(log, || window.prepend(page));
    }
    if let Some(newest) = shown.last().filter(|_| wants(Wanted::Newer)) {
        let page = page_at(room, Place::After(*newest)).await?;
        outbox.settle(&page.messages, |_| false);
        stay_above(log, || window.append(page));
    }
    Ok(())
}

/// The page of `room` at `place`.
pub async fn page_at(room: i64, place: Place) -> Result<Page, Error> {
    let (at, before, after) = place.wishes();
    api::page(room, at, before, after).await
}

/// The newest message of the room, if the window reaches to it.
fn newest(window: MessageWindow) -> Memo<Option<i64>> {
    Memo::new(move |_| (!window.newer.get()).then(|| window.messages.all().last().map_or(0, |(id, _)| *id)))
}

/// The message with which something is to be done in this room: `?edit=7`. While the room is being left, the address may be
/// about another one.
pub fn asked(room: i64, what: &'static str) -> Memo<Option<i64>> {
    let (path, query) = (use_location().pathname, use_query_map());
    let here = move || path.with(|path| path.trim_end_matches('/') == Address { room, place: Place::Newest }.path());
    Memo::new(move |_| if here() { query.with(|query| query.get_str(what)?.parse().ok()) } else { None })
}

/// Reads what got through to `room`, whichever part of the page has sent it.
fn read_what_is_sent(outbox: Outbox, room: i64, window: MessageWindow, read: impl Fn(i64) + Send + Sync + 'static) {
    Effect::new(move |before: Option<Vec<i64>>| {
        // What the page before has left may stand here already.
        if !outbox.in_room(room).is_empty() {
            outbox.settle(&window.messages.now(), |_| false);
        }
        let sent = outbox.sent_to(room);
        let known = before.unwrap_or_default();
        sent.iter().filter(|id| !known.contains(id)).for_each(|id| read(*id));
        sent
    });
}

/// The message whose form is open stays until the form is closed; then `reread` finds out what has become of it.
fn hold_what_is_edited(room: i64, window: MessageWindow, reread: impl Fn(i64) + Send + Sync + 'static) {
    let editing = asked(room, "edit");
    window.held.set(editing.get_untracked());
    Effect::new(move |_| {
        let before = window.held.get_untracked();
        if before != editing.get() {
            window.held.set(editing.get());
            before.into_iter().for_each(&reread);
        }
    });
}
