//! Brings what is published to those who listen. Whoever publishes only leaves it here; one task at a time takes what has
//! gathered, joins it, and writes to each listener once: the more there is to do, the less each frame costs.

use std::collections::VecDeque;
use std::sync::Arc;

use app::object::Object;
use app::pusher::frame::Frame;
use app::store::Withdrawal;
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
    /// The number of a piece of news about who is present: of old news a newcomer, who was told who is, hears nothing.
    pub news: u64,
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
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

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
        Self::of_bytes(channel.into(), bytes(frame), except)
    }

    pub fn of_bytes(channel: Arc<str>, frame: Bytes, except: Option<SocketId>) -> Self {
        Self { channel, frame, except, ends: None, news: u64::MAX }
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

    /// Whether more waits than the listeners, or other servers, take. Then only what was committed is still published.
    pub fn is_busy(&self) -> bool {
        self.is_full() || self.0.relay.is_busy()
    }

    /// Whether more waits than the listeners here take.
    pub(super) fn is_full(&self) -> bool {
        self.pending().size > MAX_PENDING
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
mod tests {
    use app::pusher::frame::Member;
    use serde_json::Value;
    use tokio::net::UnixStream;

    use super::*;
    use crate::hub::socket::Socket;
    use crate::hub::stream::Stream;

    const MAP: &str = "presence-map";

    /// A client that is connected, and what it is sent.
    fn client(hub: &Hub) -> (SocketId, UnixStream) {
        let (near, far) = UnixStream::pair().unwrap();
        let socket = Socket::new(Stream::Pipe(near));
        assert!(hub.registry().open(socket.clone(), [192, 0, 2, 1].into()));
        (socket.id, far)
    }

    fn come(hub: &Hub, id: SocketId, user: &str) {
        hub.change(|registry| {
            registry.begin(id, MAP).unwrap();
            registry.activate(id, MAP, Some(Member { user_id: user.into(), user_info: None })).unwrap();
            registry.greet(id, MAP, registry.channels.presence(MAP));
        });
    }

    /// What came before the mark, which is published now.
    async fn heard(hub: &Hub, far: &UnixStream) -> Vec<String> {
        hub.publish([Publication::new(MAP, &Frame::on_channel(MAP, "mark", ()), None)]);
        let mut text = String::new();
        while !text.contains("\"mark\"") {
            far.readable().await.unwrap();
            let mut buffer = [0; 4096];
            // Some bytes between the frames are no text.
            text += &far.try_read(&mut buffer).map_or("".into(), |length| String::from_utf8_lossy(&buffer[..length]));
        }
        let event = |piece: &str| {
            let frame: Value = serde_json::Deserializer::from_str(piece).into_iter().next()?.ok()?;
            frame["event"].as_str().map(|event| event.rsplit(':').next().unwrap_or(event).to_owned())
        };
        text.match_indices("{\"event\"").filter_map(|(place, _)| event(&text[place..])).collect()
    }

    #[tokio::test]
    async fn a_newcomer_is_told_who_is_there_and_nothing_older() {
        let hub = Hub::default();
        let (ada, of_ada) = client(&hub);
        let (bob, of_bob) = client(&hub);
        let (cleo, of_cleo) = client(&hub);
        // Nothing of it is brought to anyone before the last of them is there.
        come(&hub, ada, "ada");
        come(&hub, bob, "bob");
        hub.change(|registry| registry.close(bob));
        come(&hub, cleo, "cleo");
        hub.change(|registry| registry.close(cleo));
        drop((of_bob, of_cleo));
        let (dora, of_dora) = client(&hub);
        come(&hub, dora, "dora");
        hub.change(|registry| registry.close(ada));
        assert_eq!(heard(&hub, &of_dora).await, ["subscription_succeeded", "member_removed", "mark"]);
        drop(of_ada);
    }

    #[tokio::test]
    async fn those_who_are_there_hear_who_comes_and_goes_in_that_order() {
        let hub = Hub::default();
        let (ada, of_ada) = client(&hub);
        come(&hub, ada, "ada");
        for _ in 0..2 {
            let (bob, _of_bob) = client(&hub);
            come(&hub, bob, "bob");
            hub.change(|registry| registry.close(bob));
        }
        let expected = ["member_added", "member_removed", "member_added", "member_removed", "mark"];
        assert_eq!(heard(&hub, &of_ada).await[1..], expected);
    }
}
