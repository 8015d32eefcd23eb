//! The way to the inbox, with how much is in it. It stands on every page, and listens for what is addressed to its person.

use earshot_live::error::Error;
use earshot_live::listen::{Actions, Listen, Stale, reloader};
use earshot_live::object::Notice;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;

use crate::entities::{ADDED, LEFT, MESSAGE, NOTIFIED, READ, REMOVED, ROOM, USER};
use crate::inbox::view::{Inbox, Waiting, desktop};
use crate::inbox::{Entry, MAX_ENTRIES, Unread, api};
use crate::readings::capped;
use crate::ui::{Toast, Toasts};

#[component]
pub fn InboxLink(me: i64, unread: Unread) -> impl IntoView {
    let inbox = expect_context::<Inbox>();
    inbox.fill(&unread);
    let (toasts, navigate) = (expect_context::<Toasts>(), use_navigate());
    let announce = move |entry: &Entry| {
        if inbox.attention.now() != Some(entry.room) {
            toasts.show(toast(entry));
            let (navigate, href) = (navigate.clone(), entry.href());
            desktop::tell(entry, move || navigate(&href, Default::default()));
        }
    };
    let under_way = StoredValue::new(false);
    let reload = reloader(move |stale: Vec<Stale>| {
        let announce = announce.clone();
        async move {
            under_way.try_set_value(true);
            let done = read(inbox, toasts, announce, stale).await;
            under_way.try_set_value(false);
            done
        }
    });
    let all = move || reload(Stale::All);
    let read_a_room = move |notice: &Notice| {
        // What is being read may be from before that, and about the same room.
        if inbox.waits_now_in(notice.reference.id) || under_way.try_get_value() == Some(true) {
            all();
        }
    };
    let actions = Actions::new(all)
        .on((NOTIFIED, MESSAGE), move |notice| reload(notice.into()))
        // A program that does not say of what.
        .on((NOTIFIED, USER), move |_| all())
        .on((READ, ROOM), read_a_room)
        // The whole inbox.
        .on((READ, USER), move |_| all())
        .on(ADDED, move |_| all())
        .on(REMOVED, move |_| all())
        .on(LEFT, move |_| all());
    let count = Memo::new(move |_| inbox.count());
    let waiting = expect_context::<Waiting>();
    let (shown, left) = (waiting.0.clone(), waiting.0);
    Effect::new(move |_| shown.set(count.get()));
    // An effect, because on the server the title is written after this.
    Effect::new(move |_| {
        let left = left.clone();
        on_cleanup(move || left.set(0));
    });
    view! {
        <Listen to=USER.object(me) seq=unread.seq actions/>
        <p class="inbox-link">
            <A href="/inbox" attr:aria-description=move || (count.get() > 0).then(|| format!("{} unread", capped(count.get())))>
                <span>"Inbox"</span>
                <Show when=move || { count.get() > 0 }>
                    <span class="badge addressed" aria-hidden="true">{move || capped(count.get())}</span>
                </Show>
            </A>
        </p>
    }
}

/// Reads anew what is stale; what was not there before is announced.
async fn read(inbox: Inbox, toasts: Toasts, announce: impl Fn(&Entry), stale: Vec<Stale>) -> Result<(), Error> {
    let before = inbox.entries.ids();
    match Stale::ids(&stale) {
        Some(ids) => {
            let found = api::reload(ids.clone()).await?;
            let new: Vec<Entry> = found.iter().filter(|entry| !before.contains(&entry.id)).cloned().collect();
            inbox.entries.apply(&ids, found);
            new.iter().for_each(announce);
            let all = inbox.entries.ids();
            if all.len() > MAX_ENTRIES {
                inbox.entries.cut_before(all[all.len() - MAX_ENTRIES]);
            }
        }
        None => inbox.entries.replace(api::unread().await?.entries),
    }
    let after = inbox.entries.ids();
    // What was read, or taken back, is not to be told any more.
    before.into_iter().filter(|id| !after.contains(id)).for_each(|id| toasts.dismiss(id));
    Ok(())
}

fn toast(entry: &Entry) -> Toast {
    Toast { key: entry.id, heading: entry.heading(), text: entry.excerpt.clone(), href: entry.href() }
}
