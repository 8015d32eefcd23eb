//! Brings what is published to those who listen. Whoever publishes only leaves it here; one task at a time takes what has
//! gathered, joins it, and writes to each listener once: the more there is to do, the less each frame costs. What ends with a
//! frame waits here behind it: who is to go hears everything that was published before.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use earshot_live::object::Object;
use indexmap::IndexMap;
use tokio::task::yield_now;

use crate::Hub;
use crate::channels::Listeners;
use crate::limits::{MAX_JOINED, MAX_PENDING, WRITES_AT_ONCE};
use crate::publication::Publication;
use crate::socket::SocketId;

/// What ends when all that was published before has been brought.
pub enum End {
    /// Everyone's subscriptions to an object that is no more.
    Object(Object),
    /// The connections of a user.
    User(String),
}

enum Step {
    Bring(Publication),
    End(End),
}

/// Steps that are taken together.
enum Turn {
    Bring(Vec<Publication>),
    End(End),
}

#[derive(Default)]
pub struct Pending {
    waiting: VecDeque<Step>,
    /// Bytes that wait.
    size: usize,
    /// A task brings them.
    running: bool,
}

impl Pending {
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// What is next: an end, or as many frames before one as every listener can take at once.
    fn take(&mut self) -> Option<Turn> {
        let mut frames = Vec::new();
        let mut size = 0;
        while let Some(step) = self.waiting.pop_front() {
            match step {
                Step::End(end) if frames.is_empty() => return Some(Turn::End(end)),
                Step::Bring(publication) if frames.is_empty() || size + publication.frame.len() <= MAX_JOINED => {
                    size += publication.frame.len();
                    frames.push(publication);
                }
                later => {
                    self.waiting.push_front(later);
                    break;
                }
            }
        }
        self.size -= size;
        (!frames.is_empty()).then_some(Turn::Bring(frames))
    }
}

impl Hub {
    /// Has them brought to everyone who listens by then, in this order.
    pub fn publish(&self, publications: impl IntoIterator<Item = Publication>) {
        let mut pending = self.pending();
        for publication in publications {
            pending.size += publication.frame.len();
            pending.waiting.push_back(Step::Bring(publication));
        }
        self.run(&mut pending);
    }

    /// Ends it behind all that was published before.
    pub fn end(&self, end: End) {
        let mut pending = self.pending();
        pending.waiting.push_back(Step::End(end));
        self.run(&mut pending);
    }

    fn run(&self, pending: &mut Pending) {
        if !pending.waiting.is_empty() && !std::mem::replace(&mut pending.running, true) {
            tokio::spawn(run(self.clone()));
        }
    }

    /// Whether more waits than the listeners, or other servers, take. Then only what was committed is still published.
    pub fn is_busy(&self) -> bool {
        self.is_full() || self.0.relay.is_busy()
    }

    /// Whether more waits than the listeners here take.
    pub(super) fn is_full(&self) -> bool {
        self.pending().size > MAX_PENDING
    }

    fn next_turn(&self) -> Option<Turn> {
        let mut pending = self.pending();
        let turn = pending.take();
        pending.running = turn.is_some();
        turn
    }
}

/// A task that panics, which would be a bug, leaves word: the next publication starts another.
struct Running<'a>(&'a Hub);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.pending().running = false;
        }
    }
}

async fn run(hub: Hub) {
    let _running = Running(&hub);
    while let Some(turn) = hub.next_turn() {
        match turn {
            Turn::Bring(publications) => {
                let mut by_channel = IndexMap::<Arc<str>, Vec<Publication>>::new();
                for publication in publications {
                    by_channel.entry(publication.channel.clone()).or_default().push(publication);
                }
                let listeners = |channel: &str| hub.registry().channels.listeners(channel);
                let all = by_channel.into_iter().map(|(channel, publications)| (listeners(&channel), publications));
                bring(all.collect()).await;
            }
            Turn::End(End::Object(object)) => {
                hub.change(|registry| registry.end_object(object));
            }
            Turn::End(End::User(user)) => hub.change(|registry| registry.terminate(&user)),
        }
    }
}

/// Writes to everyone once. What one is to have from several channels waits until all of it is there.
async fn bring(all: Vec<(Arc<Listeners>, Vec<Publication>)>) {
    let alone = all.len() == 1;
    let mut gathered = Vec::new();
    let mut writes = 0;
    for (listeners, publications) in &all {
        let joined = join(publications.iter());
        let senders: Vec<SocketId> = publications.iter().filter_map(|publication| publication.except).collect();
        let oldest = publications.iter().map(|publication| publication.news).min().unwrap_or(u64::MAX);
        for (id, subscription) in listeners.iter() {
            let for_it = |p: &&Publication| p.except != Some(*id) && p.news > subscription.since();
            let some = senders.contains(id) || oldest <= subscription.since();
            let some = some.then(|| join(publications.iter().filter(for_it)));
            let frames = some.as_ref().unwrap_or(&joined);
            if alone {
                subscription.send(frames);
            } else if subscription.queue(frames) {
                gathered.push(subscription.socket());
            }
            breathe(&mut writes).await;
        }
    }
    for socket in gathered {
        socket.flush();
        breathe(&mut writes).await;
    }
}

fn join<'a>(publications: impl Iterator<Item = &'a Publication>) -> Bytes {
    let mut frames = publications.map(|publication| &publication.frame);
    match (frames.next(), frames.next()) {
        (Some(only), None) => only.clone(),
        (first, second) => first.into_iter().chain(second).chain(frames).flatten().copied().collect(),
    }
}

/// Lets others have the processor after so many writes: a large room is no reason to keep a newcomer waiting.
async fn breathe(writes: &mut usize) {
    *writes += 1;
    if writes.is_multiple_of(WRITES_AT_ONCE) {
        yield_now().await;
    }
}

#[cfg(test)]
mod tests;
