//! Messages on their way: shown at once, sent one after another, kept when they fail and when the page is loaded again. Because
//! each has its `client_id` from the beginning, sending one again never makes two.

use std::sync::{Arc, Mutex};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use gloo_storage::{SessionStorage, Storage};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::files::File;
use crate::listen::Keyed;
use crate::messages::{Message, api};
use crate::patience::{PATIENCE, within};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    pub client_id: String,
    pub body: String,
    /// The message that it answers.
    #[serde(default)]
    pub reply_to: Option<i64>,
    #[serde(default)]
    pub files: Vec<File>,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    Sending,
    /// It has this id, and is to be read with it.
    Sent(i64),
    /// It stays until its author tries again or discards it.
    Failed(Error),
}

#[derive(Clone)]
pub struct Outbox {
    pub waiting: RwSignal<Vec<Outgoing>>,
    queue: UnboundedSender<String>,
}

impl Outbox {
    /// The outbox of one person in one room, beside the messages that are `shown`. `posted` is called with the id of each
    /// message that got through.
    pub fn new(me: i64, room: i64, shown: Keyed<Message>, posted: impl Fn(i64) + Send + Sync + 'static) -> Self {
        let (queue, queued) = unbounded();
        let outbox = Self { waiting: RwSignal::new(Vec::new()), queue };
        let waiting = outbox.waiting;
        let task = Arc::new(Mutex::new(Some((queued, posted))));
        let key = format!("earshot.outbox.{me}.{room}");
        let again = outbox.clone();
        // Effects, because only a browser sends, and only it has kept anything.
        Effect::new(move |begun: Option<()>| {
            if begun.is_none() {
                // Something may have been sent while the page became live.
                let kept: Vec<Outgoing> = SessionStorage::get(&key).unwrap_or_default();
                waiting.update(|all| drop(all.splice(0..0, kept)));
                again.settle(&shown.now(), |_| false);
                again.send_again();
                let taken = task.lock().ok().and_then(|mut task| task.take());
                if let Some((queued, posted)) = taken {
                    spawn_local(send(room, waiting, queued, posted));
                }
            }
            // A browser that keeps nothing loses what waits only with the page.
            let _ = waiting.with(|all| SessionStorage::set(&key, all));
        });
        outbox
    }

    pub fn post(&self, body: String, reply_to: Option<i64>, files: Vec<File>) {
        let outgoing = Outgoing { client_id: new_client_id(), body, reply_to, files, state: State::Sending };
        let client_id = outgoing.client_id.clone();
        self.waiting.update(|all| all.push(outgoing));
        self.enqueue(client_id);
    }

    pub fn try_again(&self, client_id: String) {
        set_state(self.waiting, &client_id, State::Sending);
        self.enqueue(client_id);
    }

    pub fn discard(&self, client_id: &str) {
        self.waiting.update(|all| all.retain(|outgoing| outgoing.client_id != client_id));
    }

    /// Lets go of what stands in the timeline now, and of what was sent and then read, or not found, by its id.
    pub fn settle(&self, found: &[Message], was_read: impl Fn(i64) -> bool) {
        let arrived = |outgoing: &Outgoing| {
            found.iter().any(|message| message.client_id == outgoing.client_id)
                || matches!(outgoing.state, State::Sent(id) if was_read(id))
        };
        if self.waiting.try_with_untracked(|all| all.iter().any(arrived)) == Some(true) {
            self.waiting.update(|all| all.retain(|outgoing| !arrived(outgoing)));
        }
    }

    /// What was on its way when the page was left, or cut off by leaving it, may have got through or not: sending it again
    /// does no harm. What was refused stays as it is.
    fn send_again(&self) {
        let not_refused = self.waiting.with_untracked(|all| {
            let refused = |outgoing: &Outgoing| matches!(&outgoing.state, State::Failed(error) if !error.may_pass());
            all.iter()
                .filter(|outgoing| !refused(outgoing))
                .map(|outgoing| outgoing.client_id.clone())
                .collect::<Vec<_>>()
        });
        not_refused.into_iter().for_each(|client_id| self.try_again(client_id));
    }

    fn enqueue(&self, client_id: String) {
        // The task that sends lives as long as the page.
        let _ = self.queue.unbounded_send(client_id);
    }
}

async fn send(
    room: i64,
    waiting: RwSignal<Vec<Outgoing>>,
    mut queued: UnboundedReceiver<String>,
    posted: impl Fn(i64),
) {
    while let Some(client_id) = queued.next().await {
        let outgoing =
            waiting.try_with_untracked(|all| all.iter().find(|outgoing| outgoing.client_id == client_id).cloned());
        let Some(Outgoing { body, reply_to, files, .. }) = outgoing.flatten() else { continue };
        let files = files.iter().map(|file| file.id).collect();
        match within(TimeoutFuture::new(PATIENCE), api::post(room, body, client_id.clone(), reply_to, files)).await {
            Ok(id) => {
                set_state(waiting, &client_id, State::Sent(id));
                posted(id);
            }
            Err(error) => set_state(waiting, &client_id, State::Failed(error)),
        }
    }
}

fn set_state(waiting: RwSignal<Vec<Outgoing>>, client_id: &str, state: State) {
    // The page may have been left, or the message may be there already.
    waiting.try_update(|all| {
        if let Some(outgoing) = all.iter_mut().find(|outgoing| outgoing.client_id == client_id) {
            outgoing.state = state;
        }
    });
}

/// Tells one message from the next, so that a second sending of one makes no second message.
pub fn new_client_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
