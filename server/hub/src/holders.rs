//! Whom the hub's sockets stand for.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use crate::backend::Holder;
use crate::limits::MAX_SOCKETS_PER_USER;
use crate::socket::SocketId;

/// What has become of a socket that is to stand for somebody.
pub enum Bound {
    Here,
    /// It is another server's.
    NotHere,
    /// It is somebody else's.
    Refused,
    /// Its holder has as many as one may have.
    TooMany,
}

#[derive(Default)]
pub struct Holders {
    holders: HashMap<SocketId, Holder>,
    /// The sockets that stand for each person.
    people: HashMap<i64, HashSet<SocketId>>,
    /// Who has signed in on a socket, by `pusher:signin`.
    signed_in: HashMap<SocketId, Arc<str>>,
    /// The sockets on which each user has signed in.
    users: HashMap<Arc<str>, HashSet<SocketId>>,
}

impl Holders {
    /// From now on the socket, which is one of this hub's, stands for `holder`: unless it is somebody else's already, or one too
    /// many.
    pub fn bind(&mut self, id: SocketId, holder: Holder) -> Bound {
        let held = self.people.get(&holder.user).map_or(0, HashSet::len);
        match self.holders.get(&id) {
            Some(known) if known.user != holder.user => return Bound::Refused,
            None if held >= MAX_SOCKETS_PER_USER => return Bound::TooMany,
            _ => {}
        }
        self.people.entry(holder.user).or_default().insert(id);
        self.holders.insert(id, holder);
        Bound::Here
    }

    pub fn of(&self, id: SocketId) -> Option<Holder> {
        self.holders.get(&id).copied()
    }

    pub fn sockets_of(&self, person: i64) -> Vec<SocketId> {
        self.people.get(&person).into_iter().flatten().copied().collect()
    }

    /// Notes that `user` has signed in on the socket. Somebody else cannot do so any more.
    pub fn sign_in(&mut self, id: SocketId, user: &str) -> bool {
        let known = self.signed_in.entry(id).or_insert_with(|| user.into());
        if **known != *user {
            return false;
        }
        self.users.entry(known.clone()).or_default().insert(id);
        true
    }

    /// Who has signed in on the socket.
    pub fn signed_in(&self, id: SocketId) -> Option<&str> {
        self.signed_in.get(&id).map(|user| &**user)
    }

    pub fn sockets_of_user(&self, user: &str) -> Vec<SocketId> {
        self.users.get(user).into_iter().flatten().copied().collect()
    }

    /// Forgets a socket that has ended.
    pub fn forget(&mut self, id: SocketId) {
        if let Some(holder) = self.holders.remove(&id) {
            take_out(&mut self.people, &holder.user, id);
        }
        if let Some(user) = self.signed_in.remove(&id) {
            take_out(&mut self.users, &user, id);
        }
    }
}

/// Takes a socket out of one entry. An entry dies with its last socket.
fn take_out<K: Eq + Hash>(entries: &mut HashMap<K, HashSet<SocketId>>, key: &K, id: SocketId) {
    if let Some(sockets) = entries.get_mut(key) {
        sockets.remove(&id);
        if sockets.is_empty() {
            entries.remove(key);
        }
    }
}
