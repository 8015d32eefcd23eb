//! The hub's books: which sockets there are, whom they stand for, and who is subscribed to what.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use app::pusher::frame::{Frame, SubscriptionError};
use app::pusher::{channel, close};
use app::store::access::Withdrawal;
use bytes::Bytes;
use indexmap::IndexMap;

use crate::hub::limits::{MAX_NEWCOMERS_PER_ADDRESS, MAX_SOCKETS, MAX_SOCKETS_PER_USER, MAX_SUBSCRIPTIONS};
use crate::hub::socket::{Socket, SocketId};
use crate::hub::websocket;

/// Whom a socket stands for, once somebody has authorised a subscription on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    pub user: i64,
    pub session: i64,
}

/// A socket that is heard on a channel, until the right to it ends.
pub struct Subscription {
    socket: Arc<Socket>,
    live: AtomicBool,
}

impl Subscription {
    pub fn send(&self, frames: &Bytes) {
        self.socket.send_while(&self.live, frames);
    }

    /// Lets it wait until the socket is flushed. Whether nothing waited there before.
    pub fn queue(&self, frames: &Bytes) -> bool {
        self.socket.queue_while(&self.live, frames)
    }

    pub fn socket(&self) -> Arc<Socket> {
        self.socket.clone()
    }
}

/// Shared with whoever brings something to them while others come and go.
pub type Listeners = IndexMap<SocketId, Arc<Subscription>>;

struct Entry {
    socket: Arc<Socket>,
    /// Where it comes from, as long as it has not subscribed to anything.
    newcomer: Option<IpAddr>,
    holder: Option<Holder>,
    /// Nothing stands beside a channel whose subscription is still being checked.
    subscriptions: HashMap<Arc<str>, Option<Arc<Subscription>>>,
}

/// Why a subscription was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Already,
    TooMany,
}

#[derive(Default)]
pub struct Registry {
    sockets: HashMap<SocketId, Entry>,
    newcomers: HashMap<IpAddr, usize>,
    /// The sockets that stand for each person.
    people: HashMap<i64, HashSet<SocketId>>,
    channels: HashMap<Arc<str>, Arc<Listeners>>,
    shut: bool,
}

impl Registry {
    /// Whether there is room for one more.
    pub fn open(&mut self, socket: Arc<Socket>, from: IpAddr) -> bool {
        let newcomers = self.newcomers.get(&from).copied().unwrap_or(0);
        if self.shut || self.sockets.len() >= MAX_SOCKETS || newcomers >= MAX_NEWCOMERS_PER_ADDRESS {
            return false;
        }
        self.newcomers.insert(from, newcomers + 1);
        let id = socket.id;
        let entry = Entry { socket, newcomer: Some(from), holder: None, subscriptions: HashMap::new() };
        self.sockets.insert(id, entry);
        true
    }

    /// Forgets a socket that has ended.
    pub fn close(&mut self, id: SocketId) {
        self.no_longer_new(id);
        let Some(entry) = self.sockets.remove(&id) else { return };
        if let Some(holder) = entry.holder {
            take_out(&mut self.people, &holder.user, id);
        }
        for (channel, subscription) in entry.subscriptions {
            self.silence(&channel, subscription);
        }
    }

    /// Whether the socket may stand for `holder`. One that is not here may: it is another server's.
    pub fn bind(&mut self, id: SocketId, holder: Holder) -> bool {
        let held = self.people.get(&holder.user).map_or(0, HashSet::len);
        match self.sockets.get_mut(&id) {
            None => true,
            Some(Entry { holder: Some(known), .. }) if known.user != holder.user => false,
            Some(Entry { holder: None, .. }) if held >= MAX_SOCKETS_PER_USER => false,
            Some(entry) => {
                entry.holder = Some(holder);
                self.people.entry(holder.user).or_default().insert(id);
                true
            }
        }
    }

    pub fn holder(&self, id: SocketId) -> Option<Holder> {
        self.sockets.get(&id)?.holder
    }

    /// Notes that the socket asks for a channel. Nothing is heard until [`Registry::activate`].
    pub fn begin(&mut self, id: SocketId, channel: &str) -> Result<(), Refused> {
        let Some(entry) = self.sockets.get_mut(&id) else { return Err(Refused::TooMany) };
        if entry.subscriptions.contains_key(channel) {
            return Err(Refused::Already);
        }
        if entry.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            return Err(Refused::TooMany);
        }
        entry.subscriptions.insert(channel.into(), None);
        Ok(())
    }

    /// Whether the socket is heard on the channel now: not when the right was withdrawn while it was being checked.
    pub fn activate(&mut self, id: SocketId, channel: &str) -> bool {
        let Some(entry) = self.sockets.get_mut(&id) else { return false };
        let Some(place) = entry.subscriptions.get_mut(channel) else { return false };
        let subscription = Arc::new(Subscription { socket: entry.socket.clone(), live: AtomicBool::new(true) });
        *place = Some(subscription.clone());
        self.no_longer_new(id);
        if !self.channels.contains_key(channel) {
            self.channels.insert(channel.into(), Arc::default());
        }
        if let Some(listeners) = self.channels.get_mut(channel) {
            Arc::make_mut(listeners).insert(id, subscription);
        }
        true
    }

    pub fn unsubscribe(&mut self, id: SocketId, channel: &str) {
        if let Some((channel, subscription)) =
            self.sockets.get_mut(&id).and_then(|entry| entry.subscriptions.remove_entry(channel))
        {
            self.silence(&channel, subscription);
        }
    }

    /// The sockets whose subscription to the channel is heard, at this moment.
    pub fn listeners(&self, channel: &str) -> Arc<Listeners> {
        self.channels.get(channel).cloned().unwrap_or_default()
    }

    pub fn withdraw(&mut self, withdrawal: Withdrawal) {
        match withdrawal {
            Withdrawal::OfPerson { user, object } => {
                self.end_subscriptions(&channel::of(object), self.sockets_of(user))
            }
            Withdrawal::OfEveryone { object } => self.end(&channel::of(object)),
            Withdrawal::OfSockets { user } => self.end_sockets(close::RECONNECT, self.sockets_of(user)),
            Withdrawal::OfSession { user, session } => {
                let of_session = |id: &SocketId| self.holder(*id) == Some(Holder { user, session });
                let ids = self.sockets_of(user).into_iter().filter(of_session).collect();
                self.end_sockets(close::UNAUTHORISED, ids);
            }
        }
    }

    /// Ends every subscription to the channel, also those that are still being checked.
    pub fn end(&mut self, channel: &str) {
        self.end_subscriptions(channel, self.sockets.keys().copied().collect());
    }

    pub fn shut(&mut self) {
        self.shut = true;
        self.end_sockets(close::RECONNECT, self.sockets.keys().copied().collect());
    }

    /// Every socket there is.
    pub fn sockets(&self) -> impl ExactSizeIterator<Item = &Arc<Socket>> {
        self.sockets.values().map(|entry| &entry.socket)
    }

    /// Ends a subscription that stands in no entry any more. A channel dies with its last one.
    fn silence(&mut self, channel: &str, subscription: Option<Arc<Subscription>>) {
        let Some(subscription) = subscription else { return };
        subscription.live.store(false, Relaxed);
        if let Some(listeners) = self.channels.get_mut(channel) {
            Arc::make_mut(listeners).swap_remove(&subscription.socket.id);
            if listeners.is_empty() {
                self.channels.remove(channel);
            }
        }
    }

    fn no_longer_new(&mut self, id: SocketId) {
        let Some(from) = self.sockets.get_mut(&id).and_then(|entry| entry.newcomer.take()) else { return };
        if let Some(newcomers) = self.newcomers.get_mut(&from) {
            *newcomers -= 1;
            if *newcomers == 0 {
                self.newcomers.remove(&from);
            }
        }
    }

    fn sockets_of(&self, user: i64) -> Vec<SocketId> {
        self.people.get(&user).into_iter().flatten().copied().collect()
    }

    fn end_subscriptions(&mut self, channel: &str, ids: Vec<SocketId>) {
        let told = websocket::text(&no_longer(channel).to_json());
        for id in ids {
            let Some(entry) = self.sockets.get(&id) else { continue };
            if entry.subscriptions.contains_key(channel) {
                let socket = entry.socket.clone();
                self.unsubscribe(id, channel);
                socket.send(&told);
            }
        }
    }

    fn end_sockets(&mut self, code: u16, ids: Vec<SocketId>) {
        for id in ids {
            if let Some(socket) = self.sockets.get(&id).map(|entry| entry.socket.clone()) {
                self.close(id);
                socket.close(code);
            }
        }
    }
}

/// Takes a socket out of one entry. An entry dies with its last socket.
fn take_out<K, Q>(entries: &mut HashMap<K, HashSet<SocketId>>, key: &Q, id: SocketId)
where
    K: Borrow<Q> + Eq + Hash,
    Q: Eq + Hash + ?Sized,
{
    if let Some(sockets) = entries.get_mut(key) {
        sockets.remove(&id);
        if sockets.is_empty() {
            entries.remove(key);
        }
    }
}

fn no_longer(channel: &str) -> Frame {
    let error = "This is no longer yours to hear.".to_owned();
    Frame::on_channel(
        channel,
        "pusher:subscription_error",
        SubscriptionError { kind: "AuthError".into(), error, status: 403 },
    )
}
