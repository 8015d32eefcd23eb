//! Brings what is published to those who listen. Whoever publishes only leaves it here; one task at a time takes what has
//! gathered, joins it, and writes to each listener once: the more there is to do, the less each frame costs.

use std::collections::VecDeque;
use std::sync::Arc;

use app::object::Object;
use app::pusher::frame::Frame;
use app::store::access::Withdrawal;
use bytes::Bytes;
use indexmap::IndexMap;
use tokio::task::yield_now;

use crate::hub::channels::Listeners;
use crate::hub::limits::{MAX_JOINED, MAX_PENDING, WRITES_AT_ONCE};
use crate::hub::socket::SocketId;
use crate::hub::{Hub, bytes};

/// A frame for everyone on a channel.
pub struct Publication {
    pub channel: Arc<str>,
    pub frame: Bytes,
    /// Who has sent it, and does not want it back.
    pub except: Option<SocketId>,
    /// The object whose channels end with it.
    pub ends: Option<Object>,
}

#[derive(Default)]
pub struct Pending {
    waiting: VecDeque<Publication>,
    /// Bytes that wait.
    size: usize,
    /// A task brings them.
    running: bool,
}

impl Pending {
    /// What is to be brought next: as much as every listener can take at once.
    fn take(&mut self) -> Vec<Publication> {
        let mut size = 0;
        let too_much = |publication: &Publication| {
            size += publication.frame.len();
            size > MAX_JOINED
        };
        let count = self.waiting.iter().position(too_much).unwrap_or(self.waiting.len());
        let taken: Vec<Publication> = self.waiting.drain(..count.max(1)).collect();
        self.size -= taken.iter().map(|publication| publication.frame.len()).sum::<usize>();
        taken
    }
}

impl Publication {
    pub fn new(channel: impl Into<Arc<str>>, frame: &Frame, except: Option<SocketId>) -> Self {
        Self { channel: channel.into(), frame: bytes(frame), except, ends: None }
    }
}

impl Hub {
    /// Has them brought to everyone who listens by then, in this order.
    pub fn publish(&self, publications: impl IntoIterator<Item = Publication>) {
        let mut pending = self.pending();
        for publication in publications {
            pending.size += publication.frame.len();
            pending.waiting.push_back(publication);
        }
        if !pending.waiting.is_empty() && !std::mem::replace(&mut pending.running, true) {
            tokio::spawn(run(self.clone()));
        }
    }

    /// Whether more waits than the listeners take. Then only what was committed is still published.
    pub fn is_busy(&self) -> bool {
        self.pending().size > MAX_PENDING || self.0.relay.is_busy()
    }

    fn take_pending(&self) -> Option<Vec<Publication>> {
        let mut pending = self.pending();
        pending.running = !pending.waiting.is_empty();
        pending.running.then(|| pending.take())
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
    while let Some(publications) = hub.take_pending() {
        let mut by_channel = IndexMap::<Arc<str>, Vec<Publication>>::new();
        for publication in publications {
            by_channel.entry(publication.channel.clone()).or_default().push(publication);
        }
        let listeners = |channel: &str| hub.registry().channels.listeners(channel);
        let ending: Vec<Object> = by_channel.values().flatten().filter_map(|publication| publication.ends).collect();
        let all = by_channel.into_iter().map(|(channel, publications)| (listeners(&channel), publications));
        bring(all.collect()).await;
        for object in ending {
            hub.change(|registry| registry.withdraw(Withdrawal::OfEveryone { object }));
        }
    }
}

/// Writes to everyone once. What one is to have from several channels waits until all of it is there.
async fn bring(all: Vec<(Arc<Listeners>, Vec<Publication>)>) {
    let alone = all.len() == 1;
    let mut gathered = Vec::new();
    let mut writes = 0;
    for (listeners, publications) in &all {
        let joined = join(publications, None);
        let senders: Vec<SocketId> = publications.iter().filter_map(|publication| publication.except).collect();
        for (id, subscription) in listeners.iter() {
            let others = senders.contains(id).then(|| join(publications, Some(*id)));
            let frames = others.as_ref().unwrap_or(&joined);
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

/// The frames of all that were not sent by `listener`.
fn join(publications: &[Publication], listener: Option<SocketId>) -> Bytes {
    let mut frames = publications.iter().filter(|p| listener.is_none() || p.except != listener).map(|p| &p.frame);
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
