//! What waits for one as it is shown: in the list of rooms, in the tab's title, on a page of its own, and as it comes.

mod attention;
mod desktop;
mod link;
mod list;

use std::collections::BTreeMap;

use earshot_live::listen::Keyed;
use leptos::prelude::*;

use crate::inbox::{Entry, Unread};

pub use attention::{Attention, provide_attention};
pub use link::InboxLink;
pub use list::InboxList;

/// What waits for the person at this page.
#[derive(Clone, Copy)]
pub struct Inbox {
    entries: Keyed<Entry>,
    attention: Attention,
    filled: StoredValue<bool>,
}

/// Makes the page's inbox, to be found by every component below.
pub fn provide_inbox(attention: Attention) -> Inbox {
    let inbox = Inbox { entries: Keyed::new(Vec::new()), attention, filled: StoredValue::new(false) };
    provide_context(inbox);
    inbox
}

impl Inbox {
    /// Takes over what was read with the page. Whatever comes later is newer.
    pub fn fill(&self, unread: &Unread) {
        if !self.filled.get_value() {
            self.filled.set_value(true);
            self.entries.replace(unread.entries.clone());
        }
    }

    /// How many messages wait in which room, tracked. What is said where one looks does not wait.
    pub fn by_room(&self) -> BTreeMap<i64, usize> {
        let mut rooms = BTreeMap::new();
        for (_, entry) in self.entries.all() {
            let room = entry.with(|entry| entry.room);
            if self.attention.get() != Some(room) {
                *rooms.entry(room).or_default() += 1;
            }
        }
        rooms
    }

    /// How many messages wait, tracked.
    pub fn count(&self) -> usize {
        self.by_room().values().sum()
    }

    /// Whether something waits in this room, looked at or not; tracked.
    pub fn waits_in(&self, room: i64) -> bool {
        self.entries.all().iter().any(|(_, entry)| entry.with(|entry| entry.room == room))
    }

    /// Whether something waits in this room, not tracked.
    fn waits_now_in(&self, room: i64) -> bool {
        self.entries.now().iter().any(|entry| entry.room == room)
    }
}

/// How many messages wait, for the title of every page.
#[derive(Clone)]
pub struct Waiting(pub ArcRwSignal<usize>);

pub fn provide_waiting() -> Waiting {
    let waiting = Waiting(ArcRwSignal::new(0));
    provide_context(waiting.clone());
    waiting
}
