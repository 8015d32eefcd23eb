//! The hub's books: which sockets there are, and what they are subscribed to.

mod suspension;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use earshot_live::error::{Error, Kind};
use earshot_live::object::Object;
use earshot_live::pusher::frame::{Frame, Member};
use earshot_live::pusher::{channel, close};
use earshot_live::shares::{Share, Shares};
use serde::Serialize;

use crate::backend::Holder;
use crate::channels::Channels;
use crate::holders::{Bound, Holders};
use crate::limits::{MAX_NEWCOMERS_PER_NETWORK, MAX_SOCKETS, MAX_SUBSCRIPTIONS, MAX_UNSIGNED_SUBSCRIPTIONS};
use crate::socket::{Socket, SocketId};
use crate::subscription::Subscription;
use crate::{bytes, say};

pub use suspension::Suspended;

struct SocketEntry {
    socket: Arc<Socket>,
    /// Where it comes from, as long as nobody has signed for anything on it.
    newcomer: Option<Share<IpAddr>>,
    channels: HashMap<Arc<str>, Wanted>,
}

/// A channel that a socket has asked for.
enum Wanted {
    /// Whether it may be heard is being asked, and has to be asked again when rights have changed meanwhile.
    Checking {
        overtaken: bool,
    },
    Heard(Arc<Subscription>),
}

/// Why a subscription was not opened.
#[derive(Debug)]
pub enum Unopened {
    /// Rights have changed while it was being checked: it is to be asked again.
    Overtaken,
    Refused(Error),
}

impl<E: Into<Error>> From<E> for Unopened {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

/// Why a subscription was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Already,
    TooMany,
}

#[derive(Default)]
pub struct Registry {
    sockets: HashMap<SocketId, SocketEntry>,
    /// Where they come from on whose sockets nobody has signed for anything yet. The key is public: who has nothing but the key
    /// leaves room for the others.
    newcomers: Shares<IpAddr>,
    holders: Holders,
    pub channels: Channels,
    /// Numbers the questions after rights: none has the number of another, whatever comes and goes meanwhile.
    questions: u64,
    shut: bool,
}

impl Registry {
    /// Whether there is room for one more, from this network.
    pub fn open(&mut self, socket: Arc<Socket>, from: IpAddr) -> bool {
        if self.shut || self.sockets.len() >= MAX_SOCKETS {
            return false;
        }
        let Some(newcomer) = self.newcomers.take(from, MAX_NEWCOMERS_PER_NETWORK) else { return false };
        let id = socket.id;
        self.sockets.insert(id, SocketEntry { socket, newcomer: Some(newcomer), channels: HashMap::new() });
        true
    }

    /// Forgets a socket that has ended.
    pub fn close(&mut self, id: SocketId) {
        let Some(entry) = self.sockets.remove(&id) else { return };
        self.holders.forget(id);
        for (channel, wanted) in entry.channels {
            if let Wanted::Heard(subscription) = wanted {
                self.channels.remove(&channel, &subscription);
            }
        }
    }

    /// From now on the socket stands for `holder`, unless it is somebody else's already, or one too many.
    pub fn bind(&mut self, id: SocketId, holder: Holder) -> Bound {
        if self.sockets.contains_key(&id) { self.holders.bind(id, holder) } else { Bound::NotHere }
    }

    /// Ends the socket if it stands for `holder`.
    pub fn unbind(&mut self, id: SocketId, holder: Holder) {
        if self.holder(id) == Some(holder) {
            self.end_sockets(close::RECONNECT, &[id]);
        }
    }

    pub fn holder(&self, id: SocketId) -> Option<Holder> {
        self.holders.of(id)
    }

    /// Notes that `user` has signed in on the socket. Somebody else cannot do so any more.
    pub fn sign_in(&mut self, id: SocketId, user: &str) -> bool {
        self.sockets.contains_key(&id) && self.holders.sign_in(id, user)
    }

    /// Who has signed in on the socket.
    pub fn user(&self, id: SocketId) -> Option<&str> {
        self.holders.signed_in(id)
    }

    /// Notes that the socket asks for a channel. Nothing is heard until [`Registry::activate`].
    pub fn begin(&mut self, id: SocketId, channel: &str) -> Result<(), Refused> {
        let Some(entry) = self.sockets.get_mut(&id) else { return Err(Refused::TooMany) };
        if entry.channels.contains_key(channel) {
            return Err(Refused::Already);
        }
        let unsigned = entry.newcomer.is_some() && is_public(channel);
        let most = if unsigned { MAX_UNSIGNED_SUBSCRIPTIONS } else { MAX_SUBSCRIPTIONS };
        if entry.channels.len() >= most {
            return Err(Refused::TooMany);
        }
        entry.channels.insert(channel.into(), Wanted::Checking { overtaken: false });
        Ok(())
    }

    /// From now on the socket is heard on the channel, by the right to `object`, and `member` is present there.
    ///
    /// # Errors
    /// `Overtaken` when the right has to be asked for again; `NotFound` when the socket does not ask for it any more; `Invalid`
    /// when there is no place.
    pub fn activate(
        &mut self,
        id: SocketId,
        channel: &str,
        object: Option<Object>,
        member: Option<Member>,
    ) -> Result<(), Unopened> {
        let entry = self.sockets.get_mut(&id).ok_or(Kind::NotFound)?;
        let name = entry.channels.get_key_value(channel).ok_or(Kind::NotFound)?.0.clone();
        if let Some(Wanted::Checking { overtaken }) = entry.channels.get_mut(channel)
            && std::mem::take(overtaken)
        {
            return Err(Unopened::Overtaken);
        }
        let subscription = self.channels.add(&name, &entry.socket, object, member)?;
        entry.channels.insert(name, Wanted::Heard(subscription));
        if !is_public(channel) {
            entry.newcomer = None;
        }
        Ok(())
    }

    /// Tells the socket that it is heard on the channel, as the first thing that it hears there.
    pub fn greet(&self, id: SocketId, channel: &str, data: impl Serialize) {
        if let Some(subscription) = self.subscription(id, channel) {
            subscription.send(&bytes(&Frame::on_channel(channel, "pusher_internal:subscription_succeeded", data)));
        }
    }

    pub fn unsubscribe(&mut self, id: SocketId, channel: &str) {
        let entry = self.sockets.get_mut(&id);
        let removed = entry.and_then(|entry| entry.channels.remove_entry(channel));
        if let Some((name, Wanted::Heard(subscription))) = removed {
            self.channels.remove(&name, &subscription);
        }
    }

    /// The socket's subscription, if it is heard on the channel.
    pub fn subscription(&self, id: SocketId, channel: &str) -> Option<Arc<Subscription>> {
        match self.sockets.get(&id)?.channels.get(channel)? {
            Wanted::Heard(subscription) => Some(subscription.clone()),
            Wanted::Checking { .. } => None,
        }
    }

    /// Ends every socket on which `user` has signed in, or for whom it stands.
    pub fn terminate(&mut self, user: &str) {
        let mut ids = self.holders.sockets_of_user(user);
        ids.extend(user.parse().map_or(Vec::new(), |person| self.holders.sockets_of(person)));
        self.end_sockets(close::UNAUTHORISED, &ids);
    }

    /// Takes no new sockets from now on. Returns the ids of those that there are.
    pub fn shut(&mut self) -> Vec<SocketId> {
        self.shut = true;
        self.ids()
    }

    pub fn is_shut(&self) -> bool {
        self.shut
    }

    /// Tells sockets to come back.
    pub fn send_away(&mut self, ids: &[SocketId]) {
        self.end_sockets(close::RECONNECT, ids);
    }

    pub fn ids(&self) -> Vec<SocketId> {
        self.sockets.keys().copied().collect()
    }

    /// Every socket there is.
    pub fn sockets(&self) -> impl ExactSizeIterator<Item = &Arc<Socket>> {
        self.sockets.values().map(|entry| &entry.socket)
    }

    /// Ends what everyone hears of an object that is no more, also where that is still being checked.
    pub fn end_object(&mut self, object: Object) {
        for id in self.ids() {
            channel::all_of(object).iter().for_each(|channel| self.end_subscription(id, channel));
        }
    }

    fn end_subscription(&mut self, id: SocketId, channel: &str) {
        let Some(entry) = self.sockets.get(&id).filter(|entry| entry.channels.contains_key(channel)) else { return };
        let socket = entry.socket.clone();
        self.unsubscribe(id, channel);
        say(&socket, &Frame::subscription_error(channel, 403, "This is no longer yours to hear."));
    }

    /// Ends sockets with this code.
    pub fn end_sockets(&mut self, code: u16, ids: &[SocketId]) {
        for &id in ids {
            if let Some(socket) = self.sockets.get(&id).map(|entry| entry.socket.clone()) {
                self.close(id);
                socket.close(code);
            }
        }
    }
}

/// Anyone may hear it, and nobody signs for it.
fn is_public(channel: &str) -> bool {
    channel::kind(channel) == Some(channel::Kind::Public)
}

#[cfg(test)]
mod tests {
    use tokio::net::UnixStream;

    use super::*;
    use crate::stream::Stream;

    #[tokio::test]
    async fn what_anyone_may_hear_makes_nobody_known() {
        let mut registry = Registry::default();
        let socket = Socket::new(Stream::Pipe(UnixStream::pair().unwrap().0));
        assert!(registry.open(socket.clone(), [192, 0, 2, 1].into()));
        let mut hears = |channel: &str| {
            registry.begin(socket.id, channel).unwrap();
            registry.activate(socket.id, channel, None, None).unwrap();
            registry.sockets[&socket.id].newcomer.is_none()
        };
        assert!(!hears("news"));
        assert!(hears("private-anything"));
    }

    #[tokio::test]
    async fn newcomers_of_one_network_leave_room_for_those_of_others() {
        rlimit::increase_nofile_limit(8_192).unwrap();
        let mut registry = Registry::default();
        let newcomer = || Socket::new(Stream::Pipe(UnixStream::pair().unwrap().0));
        let (first, one, other) = (newcomer(), [192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        assert!(registry.open(first.clone(), one));
        for _ in 1..MAX_NEWCOMERS_PER_NETWORK {
            assert!(registry.open(newcomer(), one));
        }
        assert_eq!((registry.open(newcomer(), one), registry.open(newcomer(), other)), (false, true));
        registry.begin(first.id, "private-anything").unwrap();
        registry.activate(first.id, "private-anything", None, None).unwrap();
        assert!(registry.open(newcomer(), one), "who is known is a newcomer no more");
    }
}
