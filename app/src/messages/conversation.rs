//! A room's timeline and the composer below it, over one list of messages.

use leptos::prelude::*;

use crate::listen::{ActionList, Keyed, Listen, reloader};
use crate::messages::composer::Composer;
use crate::messages::timeline::Timeline;
use crate::messages::{Message, Page, api};
use crate::object::{Action, Object};
use crate::people::Me;

/// `latest`: whether the page reaches to the newest message, so that what is posted belongs below it.
#[component]
pub fn Conversation(me: Me, room: i64, page: Page, latest: bool) -> impl IntoView {
    let newest = if latest { i64::MAX } else { page.messages.last().map_or(0, |message| message.id) };
    let messages = Keyed::new(page.messages);
    let more = RwSignal::new(page.more);
    // A message outside the stretch that is shown would leave a hole beside it.
    let shown = move |message: &Message| {
        let reached =
            !more.try_get_untracked().unwrap_or_default() || messages.first().is_none_or(|oldest| message.id >= oldest);
        reached && message.id <= newest
    };
    let reload = reloader(move |ids: Vec<i64>| async move {
        let mut found = api::reload(room, ids.clone()).await?;
        found.retain(shown);
        messages.apply(&ids, found);
        Ok(())
    });
    let heard = reload.clone();
    let actions = ActionList::each(&[Action::Posted, Action::Edited, Action::Deleted], move |notice| {
        if notice.reference.entity != notice.object.entity() {
            heard(notice.reference.id);
        }
    });
    view! {
        <Listen to=Object::Room(room) seq=page.seq actions/>
        <Timeline me room messages more/>
        {(!latest).then(|| view! { <p class="hint"><a href=format!("/rooms/{room}")>"To the newest"</a></p> })}
        <Composer room posted=reload/>
    }
}
