//! What is written in a room and not sent yet. The drafts belong to the page, like the outbox: one that waits for its files is
//! sent while its author reads another room. Text and answer are kept by the browser, for all its tabs.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::files::Trays;
use crate::messages::{Outbox, check_post};
use crate::ui::ask_before_closing;
use crate::ui::storage::{self, Storage};

/// What one writes in a room. Its files lie in the room's tray.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    room: i64,
    pub text: String,
    /// The message that it answers.
    pub reply_to: Option<i64>,
    /// Whether the browser could not keep it: then this is all there is of it.
    unkept: bool,
    /// Whether it is to be sent as soon as its files are there.
    waits: bool,
    /// Why it was not sent when that was asked for.
    refused: Option<Error>,
}

/// The drafts of the page, one for each room.
#[derive(Clone, Copy)]
pub struct Drafts {
    outbox: Outbox,
    trays: Trays,
    all: RwSignal<Vec<Draft>>,
    /// Who writes, once that is known.
    me: StoredValue<Option<i64>>,
    /// How many drafts were sent, and the room of the last.
    sent: RwSignal<(usize, Option<i64>)>,
}

/// Makes the page's drafts, to be found by every component below.
pub fn provide_drafts(outbox: Outbox, trays: Trays) {
    let drafts =
        Drafts { outbox, trays, all: RwSignal::default(), me: StoredValue::new(None), sent: RwSignal::default() };
    provide_context(drafts);
    Effect::new(move |_| {
        for room in drafts.rooms(|draft| draft.waits) {
            if !trays.of(room).is_busy() {
                untrack(|| drafts.send(room));
            }
        }
    });
    storage::on_change(move |key| key.iter().for_each(|key| drafts.follow(key)));
    ask_before_closing(move || drafts.all.try_with_untracked(|all| all.iter().any(|draft| draft.waits)) == Some(true));
}

impl Drafts {
    pub fn expect() -> Self {
        expect_context()
    }

    /// Takes up what the browser has kept of the draft of `me` in this room, and what was `typed` before the page became live.
    pub fn open(self, me: i64, room: i64, typed: String) {
        self.me.set_value(Some(me));
        self.take_up(me, room);
        if !typed.is_empty() {
            self.change(room, |draft| draft.text = both(&draft.text, typed));
        }
    }

    /// What is written in another tab stands in this one, too.
    fn follow(self, changed: &str) {
        let known = untrack(|| self.rooms(|_| true));
        if let Some(me) = self.me.try_get_value().flatten() {
            known.iter().filter(|room| key(me, **room) == changed).for_each(|room| self.take_up(me, *room));
        }
    }

    fn take_up(self, me: i64, room: i64) {
        let draft = untrack(|| self.of(room));
        if !draft.waits && !draft.unkept {
            let (text, reply_to) = Storage::Browser.get(&key(me, room)).unwrap_or_default();
            self.put(Draft { text, reply_to, ..draft });
        }
    }

    pub fn change(self, room: i64, change: impl FnOnce(&mut Draft)) {
        let mut draft = Draft { refused: None, ..untrack(|| self.of(room)) };
        change(&mut draft);
        if let Some(key) = self.me.get_value().map(|me| key(me, room)) {
            if draft.text.is_empty() && draft.reply_to.is_none() {
                Storage::Browser.delete(&key);
                draft.unkept = false;
            } else {
                draft.unkept = !Storage::Browser.set(&key, &(&draft.text, draft.reply_to));
            }
        }
        self.put(draft);
    }

    /// Hands the draft over to the outbox once its files are there, even if its author is elsewhere by then. A draft that
    /// cannot be sent stays, and tells why.
    pub fn send(self, room: i64) {
        let (draft, tray) = (self.of(room), self.trays.of(room));
        if tray.is_busy() {
            return self.put(Draft { waits: true, refused: None, ..draft });
        }
        let checked = if tray.has_failed() {
            Err(Error::invalid("A file has not got through. Please try it again or remove it."))
        } else {
            check_post(&draft.text, tray.items().len())
        };
        match checked {
            Ok(body) => {
                self.outbox.post(room, body, draft.reply_to, tray.take());
                self.forget(draft);
                self.sent.update(|(count, last)| (*count, *last) = (*count + 1, Some(room)));
            }
            Err(error) => self.put(Draft { waits: false, refused: Some(error), ..draft }),
        }
    }

    /// What was sent is kept no longer. What was written in another tab, while it waited for its files, is.
    fn forget(self, Draft { room, text, reply_to, unkept, .. }: Draft) {
        if let Some(key) = self.me.get_value().map(|me| key(me, room))
            && (unkept || Storage::Browser.get(&key) == Some((text, reply_to)))
        {
            Storage::Browser.delete(&key);
        }
        self.put(Draft { room, ..Draft::default() });
    }

    /// The text, tracked.
    pub fn text(self, room: i64) -> String {
        self.of(room).text
    }

    /// The message that is answered, tracked.
    pub fn answers(self, room: i64) -> Option<i64> {
        self.of(room).reply_to
    }

    /// Whether it waits for its files, tracked.
    pub fn waits(self, room: i64) -> bool {
        self.of(room).waits
    }

    /// Why it was not sent, tracked.
    pub fn refused(self, room: i64) -> Option<Error> {
        self.of(room).refused
    }

    /// The rooms whose draft was not sent when that was asked for, tracked.
    pub fn refused_rooms(self) -> Vec<i64> {
        self.rooms(|draft| draft.refused.is_some())
    }

    /// Calls `then` whenever the draft of this room was sent.
    pub fn on_sent(self, room: i64, then: impl Fn() + Send + Sync + 'static) {
        // Counted from now on: one may be sent before the effect has run.
        let (before, _) = self.sent.get_untracked();
        Effect::new(move |_| {
            let (count, last) = self.sent.get();
            if count > before && last == Some(room) {
                untrack(&then);
            }
        });
    }

    fn of(self, room: i64) -> Draft {
        let found = self.all.with(|all| all.iter().find(|draft| draft.room == room).cloned());
        found.unwrap_or_else(|| Draft { room, ..Draft::default() })
    }

    fn rooms(self, which: fn(&Draft) -> bool) -> Vec<i64> {
        self.all.with(|all| all.iter().filter(|draft| which(draft)).map(|draft| draft.room).collect())
    }

    fn put(self, draft: Draft) {
        self.all.update(|all| {
            all.retain(|other| other.room != draft.room);
            all.push(draft);
        });
    }
}

fn key(me: i64, room: i64) -> String {
    format!("earshot.draft.{me}.{room}")
}

/// What was kept, and what was typed: the longer one if it is the same text, else one behind the other.
fn both(kept: &str, typed: String) -> String {
    if typed.starts_with(kept) {
        typed
    } else if kept.starts_with(&typed) {
        kept.to_owned()
    } else {
        format!("{kept}\n{typed}")
    }
}
