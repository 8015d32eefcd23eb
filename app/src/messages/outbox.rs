//! Messages on their way: shown at once, sent one after another, kept when they fail and when the page is loaded again. The
//! outbox belongs to the page: what was written in one room is sent while its author reads another. Because each message has
//! its `client_id` from the beginning, sending one again never makes two.

use std::collections::BTreeSet;

use earshot_live::error::{Error, Kind};
use earshot_live::timeout::{TIMEOUT, within};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use crate::client_id;
use crate::files::File;
use crate::messages::{Message, api};
use crate::ui::ask_before_closing;
use crate::ui::storage::Storage;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    pub client_id: String,
    pub room: i64,
    pub body: String,
    /// The message that it answers.
    pub reply_to: Option<i64>,
    pub files: Vec<File>,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    /// It waits for its turn, or is on its way.
    Sending,
    /// It has this id, and is to be read with it.
    Sent(i64),
    /// It stays until its author tries again or discards it.
    Failed(Error),
}

impl Outgoing {
    /// Whether it may get through when it is sent again. One that was refused for what it says may not.
    fn may_pass(&self) -> bool {
        matches!(&self.state, State::Failed(error) if error.may_pass() || error.kind == Kind::SignedOut)
    }
}

/// The outbox of the page, for all rooms: in the order in which it was written.
#[derive(Clone, Copy)]
pub struct Outbox {
    waiting: RwSignal<Vec<Outgoing>>,
    /// Whose it is, once that is known.
    of: RwSignal<Option<i64>>,
    /// Whether one is on its way.
    sending: StoredValue<bool>,
}

/// Makes the page's outbox, to be found by every component below.
pub fn provide_outbox() -> Outbox {
    let outbox = Outbox { waiting: RwSignal::default(), of: RwSignal::new(None), sending: StoredValue::new(false) };
    provide_context(outbox);
    outbox.keep();
    // An effect, because only a browser sends.
    Effect::new(move |_| {
        let more = outbox.of.get().is_some() && outbox.waiting.with(|all| next(all).is_some());
        if more && !outbox.sending.get_value() {
            outbox.sending.set_value(true);
            spawn_local(outbox.send_all());
        }
    });
    let unsent = move || outbox.waiting.try_with_untracked(|all| all.iter().any(|outgoing| is_unsent(&outgoing)));
    ask_before_closing(move || unsent() == Some(true));
    outbox
}

impl Outbox {
    pub fn expect() -> Self {
        expect_context()
    }

    /// From now on it is `me` who writes. What was left when the page was loaded again is sent.
    pub fn open(self, me: i64) {
        self.of.set(Some(me));
    }

    pub fn post(self, room: i64, body: String, reply_to: Option<i64>, files: Vec<File>) {
        let outgoing = Outgoing { client_id: client_id::new(), room, body, reply_to, files, state: State::Sending };
        self.waiting.update(|all| {
            again(all, room);
            all.push(outgoing);
        });
    }

    /// Tries all again that has not got through to the room of this one: in their order, whichever was asked for.
    pub fn try_again(self, client_id: &str) {
        self.waiting.update(|all| {
            let asked = all.iter_mut().find(|outgoing| outgoing.client_id == client_id);
            let room = asked.map(|outgoing| {
                outgoing.state = State::Sending;
                outgoing.room
            });
            room.into_iter().for_each(|room| again(all, room));
        });
    }

    pub fn discard(self, client_id: &str) {
        self.waiting.update(|all| all.retain(|outgoing| outgoing.client_id != client_id));
    }

    /// What waits in this room, tracked.
    pub fn in_room(self, room: i64) -> Vec<Outgoing> {
        self.waiting.with(|all| all.iter().filter(|outgoing| outgoing.room == room).cloned().collect())
    }

    /// The ids under which messages got through to this room that nobody has read since; tracked.
    pub fn sent_to(self, room: i64) -> Vec<i64> {
        let id = |outgoing: &Outgoing| match outgoing.state {
            State::Sent(id) if outgoing.room == room => Some(id),
            _ => None,
        };
        self.waiting.with(|all| all.iter().filter_map(id).collect())
    }

    /// What has not got through, to whichever room, tracked.
    pub fn failed(self) -> Vec<Outgoing> {
        let failed = |outgoing: &&Outgoing| matches!(outgoing.state, State::Failed(_));
        self.waiting.with(|all| all.iter().filter(failed).cloned().collect())
    }

    /// Lets go of what stands in the timeline now, and of what was sent and then read, or not found, by its id.
    pub fn settle(self, found: &[Message], was_read: impl Fn(i64) -> bool) {
        let arrived = |outgoing: &Outgoing| {
            found.iter().any(|message| message.client_id == outgoing.client_id)
                || matches!(outgoing.state, State::Sent(id) if was_read(id))
        };
        if self.waiting.try_with_untracked(|all| all.iter().any(arrived)) == Some(true) {
            self.waiting.update(|all| all.retain(|outgoing| !arrived(outgoing)));
        }
    }

    /// Keeps what is not sent for the case that the page is loaded again, and takes up what the page before has kept.
    fn keep(self) {
        Effect::new(move |taken_up: Option<bool>| {
            let Some(me) = self.of.get() else { return false };
            let key = format!("earshot.outbox.{me}");
            if taken_up != Some(true) {
                let mut kept: Vec<Outgoing> = Storage::Tab.get(&key).unwrap_or_default();
                let rooms: BTreeSet<i64> = kept.iter().map(|outgoing| outgoing.room).collect();
                // It may have got through or not: sending it again does no harm.
                rooms.into_iter().for_each(|room| again(&mut kept, room));
                // Something may have been written while the page became live.
                self.waiting.update(|all| drop(all.splice(0..0, kept)));
            }
            self.waiting.with(|all| Storage::Tab.set(&key, &all.iter().filter(is_unsent).collect::<Vec<_>>()));
            true
        });
    }

    async fn send_all(self) {
        while let Some(outgoing) = self.waiting.try_with_untracked(|all| next(all).cloned()).flatten() {
            let Outgoing { client_id, room, body, reply_to, files, .. } = outgoing;
            let files = files.iter().map(|file| file.id).collect();
            let post = api::post(room, body, client_id.clone(), reply_to, files);
            let sent = within(sleep(TIMEOUT), post).await;
            // The page may have been left.
            self.waiting.try_update(|all| done(all, &client_id, sent));
        }
        self.sending.try_set_value(false);
    }
}

fn is_unsent(outgoing: &&Outgoing) -> bool {
    !matches!(outgoing.state, State::Sent(_))
}

/// The one whose turn it is.
fn next(all: &[Outgoing]) -> Option<&Outgoing> {
    all.iter().find(|outgoing| outgoing.state == State::Sending)
}

/// Everything is to be sent again that may get through to `room`.
fn again(all: &mut [Outgoing], room: i64) {
    all.iter_mut().filter(|outgoing| outgoing.room == room && outgoing.may_pass()).for_each(|outgoing| {
        outgoing.state = State::Sending;
    });
}

/// Notes what has become of a message. When it may still get through, those behind it in its room wait for it: a conversation
/// keeps its order.
fn done(all: &mut [Outgoing], client_id: &str, sent: Result<i64, Error>) {
    let Some(place) = all.iter().position(|outgoing| outgoing.client_id == client_id) else { return };
    all[place].state = sent.map_or_else(State::Failed, State::Sent);
    if all[place].may_pass() {
        let (state, room) = (all[place].state.clone(), all[place].room);
        let waits = |outgoing: &&mut Outgoing| outgoing.room == room && outgoing.state == State::Sending;
        all[place..].iter_mut().filter(waits).for_each(|outgoing| outgoing.state = state.clone());
    }
}

#[cfg(test)]
mod tests;
