//! The hub's books: which sockets there are, whom they stand for, and who is subscribed to what.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::ParseIntError;
use std::str::FromStr;

use app::object::Object;
use app::pusher::frame::{Frame, SubscriptionError};
use app::pusher::{channel, close};
use app::store::access::Withdrawal;
use axum::extract::ws::Utf8Bytes;
use tokio::sync::mpsc::{Receiver, Sender, channel as queue};

use crate::hub::limits::{
    MAX_NEWCOMERS_PER_ADDRESS, MAX_SOCKETS, MAX_SOCKETS_PER_USER, MAX_SUBSCRIPTIONS, MAX_WAITING,
};

/// `123.456`: two random numbers, so that nobody guesses another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SocketId(u64, u64);

impl SocketId {
    fn random() -> Self {
        Self(rand::random(), rand::random())
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl FromStr for SocketId {
    type Err = Option<ParseIntError>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, second) = text.split_once('.').ok_or(None)?;
        let digits =
            |part: &str| if part.bytes().all(|b| b.is_ascii_digit()) { part.parse().map_err(Some) } else { Err(None) };
        Ok(Self(digits(first)?, digits(second)?))
    }
}

/// Whom a socket stands for, once somebody has authorised a subscription on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    pub user: i64,
    pub session: i64,
}

/// What is to be sent on a socket.
#[derive(Clone, Debug)]
pub enum Outgoing {
    Text(Utf8Bytes),
    Close(u16),
}

/// A subscription is asked for, then checked, then heard on. A right that is withdrawn ends it in each of these states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subscription {
    Checked,
    Heard,
}

struct Socket {
    /// Where it comes from, as long as it has not subscribed to anything.
    newcomer: Option<IpAddr>,
    outgoing: Sender<Outgoing>,
    holder: Option<Holder>,
    subscriptions: HashMap<String, Subscription>,
}

/// Why a subscription was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Already,
    TooMany,
}

#[derive(Default)]
pub struct Registry {
    sockets: HashMap<SocketId, Socket>,
    newcomers: HashMap<IpAddr, usize>,
    /// The sockets that stand for each person.
    people: HashMap<i64, HashSet<SocketId>>,
    channels: HashMap<String, HashSet<SocketId>>,
    shut: bool,
}

impl Registry {
    /// A new socket with the queue of what is to be sent on it; nothing when there are too many.
    pub fn open(&mut self, from: IpAddr) -> Option<(SocketId, Receiver<Outgoing>)> {
        let newcomers = self.newcomers.get(&from).copied().unwrap_or(0);
        if self.shut || self.sockets.len() >= MAX_SOCKETS || newcomers >= MAX_NEWCOMERS_PER_ADDRESS {
            return None;
        }
        let (outgoing, waiting) = queue(MAX_WAITING);
        let id = SocketId::random();
        self.newcomers.insert(from, newcomers + 1);
        let socket = Socket { newcomer: Some(from), outgoing, holder: None, subscriptions: HashMap::new() };
        self.sockets.insert(id, socket);
        Some((id, waiting))
    }

    /// Forgets a socket. Its queue ends with what waits in it.
    pub fn close(&mut self, id: SocketId) {
        self.no_longer_new(id);
        let Some(socket) = self.sockets.remove(&id) else { return };
        if let Some(holder) = socket.holder {
            take_out(&mut self.people, &holder.user, id);
        }
        for channel in socket.subscriptions.into_keys() {
            take_out(&mut self.channels, &channel, id);
        }
    }

    /// Whether the socket may stand for `holder`. One that is not here may: it is another server's.
    pub fn bind(&mut self, id: SocketId, holder: Holder) -> bool {
        let held = self.people.get(&holder.user).map_or(0, HashSet::len);
        match self.sockets.get_mut(&id) {
            None => true,
            Some(Socket { holder: Some(known), .. }) if known.user != holder.user => false,
            Some(Socket { holder: None, .. }) if held >= MAX_SOCKETS_PER_USER => false,
            Some(socket) => {
                socket.holder = Some(holder);
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
        let Some(socket) = self.sockets.get_mut(&id) else { return Err(Refused::TooMany) };
        if socket.subscriptions.contains_key(channel) {
            return Err(Refused::Already);
        }
        if socket.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            return Err(Refused::TooMany);
        }
        socket.subscriptions.insert(channel.to_owned(), Subscription::Checked);
        Ok(())
    }

    /// Whether the socket is heard on the channel now: not when the right was withdrawn while it was being checked.
    pub fn activate(&mut self, id: SocketId, channel: &str) -> bool {
        let subscription = self.sockets.get_mut(&id).and_then(|socket| socket.subscriptions.get_mut(channel));
        let Some(subscription) = subscription else { return false };
        *subscription = Subscription::Heard;
        self.no_longer_new(id);
        self.channels.entry(channel.to_owned()).or_default().insert(id);
        true
    }

    pub fn unsubscribe(&mut self, id: SocketId, channel: &str) {
        let subscription = self.sockets.get_mut(&id).and_then(|socket| socket.subscriptions.remove(channel));
        if subscription == Some(Subscription::Heard) {
            take_out(&mut self.channels, channel, id);
        }
    }

    pub fn send(&mut self, id: SocketId, outgoing: Outgoing) {
        let full = self.sockets.get(&id).is_some_and(|socket| socket.outgoing.try_send(outgoing).is_err());
        if full {
            tracing::debug!(%id, "a socket does not read and is dropped");
            self.close(id);
        }
    }

    pub fn publish(&mut self, channel: &str, text: &Utf8Bytes) {
        let listeners: Vec<SocketId> = self.channels.get(channel).into_iter().flatten().copied().collect();
        for id in listeners {
            self.send(id, Outgoing::Text(text.clone()));
        }
    }

    pub fn withdraw(&mut self, withdrawal: Withdrawal) {
        match withdrawal {
            Withdrawal::OfPerson { user, object } => self.end_subscriptions(object, self.sockets_of(user)),
            Withdrawal::OfEveryone { object } => self.end_subscriptions(object, self.sockets.keys().copied().collect()),
            Withdrawal::OfSockets { user } => self.end_sockets(close::RECONNECT, self.sockets_of(user)),
            Withdrawal::OfSession { user, session } => {
                let of_session = |id: &SocketId| self.holder(*id) == Some(Holder { user, session });
                let ids = self.sockets_of(user).into_iter().filter(of_session).collect();
                self.end_sockets(close::UNAUTHORISED, ids);
            }
        }
    }

    pub fn shut(&mut self) {
        self.shut = true;
        self.end_sockets(close::RECONNECT, self.sockets.keys().copied().collect());
    }

    /// Sockets that are subscribed to the channel.
    pub fn listeners(&self, channel: &str) -> usize {
        self.channels.get(channel).map_or(0, HashSet::len)
    }

    pub fn sockets(&self) -> usize {
        self.sockets.len()
    }

    fn no_longer_new(&mut self, id: SocketId) {
        let Some(from) = self.sockets.get_mut(&id).and_then(|socket| socket.newcomer.take()) else { return };
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

    fn end_subscriptions(&mut self, object: Object, ids: Vec<SocketId>) {
        let channel = channel::of(object);
        let told = Utf8Bytes::from(no_longer(&channel).to_json());
        for id in ids {
            if self.sockets.get(&id).is_some_and(|socket| socket.subscriptions.contains_key(&channel)) {
                self.unsubscribe(id, &channel);
                self.send(id, Outgoing::Text(told.clone()));
            }
        }
    }

    fn end_sockets(&mut self, code: u16, ids: Vec<SocketId>) {
        for id in ids {
            self.send(id, Outgoing::Close(code));
            self.close(id);
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
