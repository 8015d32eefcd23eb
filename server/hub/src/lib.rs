//! The hub: a server for Pusher Channels protocol 7 inside an axum app. A program gives it its [`Backend`], which says who may
//! listen to what, and merges its [`router`].
//!
//! `rest` signs for pages, `upgrade` lets a client in, `connection` speaks with it, `subscribe` decides who may hear what, `rights`
//! asks again after a commit that may have changed that. `registry`, `holders` and `channels` keep the books, `dispatcher` brings
//! what is published to each `subscription`, `http` is for server programs, `peers` are the hubs of other servers, `elsewhere` what
//! they have said, `load` is how much there is to do. Below them a `socket` is a `stream` of `websocket` frames.
//!
#![cfg_attr(not(doctest), doc = include_str!("../README.md"))]
#![deny(missing_docs, clippy::missing_errors_doc)]

mod backend;
mod channels;
mod client_event;
mod connection;
mod context;
mod dispatcher;
mod elsewhere;
#[cfg(fuzzing)]
pub mod fuzzing;
mod holders;
mod http;
mod keys;
pub mod limits;
mod load;
mod peers;
mod publication;
mod registry;
mod rest;
mod rights;
mod sign_in;
mod socket;
mod stream;
mod subscribe;
mod subscription;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod upgrade;
mod websocket;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use dispatcher::{End, Pending};
use earshot_live::error::{Error, Kind};
use earshot_live::object::Notice;
use earshot_live::pusher::frame::Frame;
use earshot_live::pusher::{channel, close};
use earshot_live::store::{Notifier, Relay};
use holders::Bound;
use limits::{BOUND_TIMEOUT, DRAIN_PAUSE, GIVE_UP, KEEP_ALIVE, MAX_PARTINGS, SWEEP};
use load::Load;
use publication::Publication;
use registry::Registry;
use socket::{Socket, SocketId};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{interval, sleep, timeout};

pub use backend::{Affected, Backend, Holder, Identity};
pub use context::{Context, rest, router, sockets};
pub use keys::Keys;
pub use load::count_requests;

/// A handle to the hub; clones share it.
#[derive(Clone, Default)]
pub struct Hub(Arc<Core>);

#[derive(Default)]
struct Core {
    // A std mutex: every use is a few map operations, and none of them awaits.
    registry: Mutex<Registry>,
    pending: Mutex<Pending>,
    /// Brings word to the hubs of other servers.
    relay: Relay,
    /// The program around the hub. It holds the hub in its turn.
    backend: OnceLock<Weak<dyn Backend>>,
    /// Another server has said for whom a socket stands.
    bound: Notify,
    client_events: client_event::PerPerson,
    load: Load,
    partings: Partings,
}

/// The places for those who are told why they go. They are in none of the books.
struct Partings(Arc<Semaphore>);

impl Default for Partings {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_PARTINGS)))
    }
}

impl Hub {
    /// From now on the socket stands for this user and session. Of a socket that is not here the other servers are told.
    ///
    /// # Errors
    /// `Invalid` when that is no socket id; `Forbidden` when the socket stands for another user, or is one too many; `Busy`
    /// when the others cannot be told.
    async fn bind(&self, socket_id: &str, who: Holder) -> Result<(), Error> {
        let id = socket_id.parse::<SocketId>().map_err(|_| Error::invalid("This is not a socket id."))?;
        let bound = self.registry().bind(id, who);
        match bound {
            Bound::Here => Ok(()),
            Bound::NotHere => self.tell_bound(id, who).await,
            Bound::Refused => Err(Kind::Forbidden.into()),
            Bound::TooMany => {
                let sentence = "As many of your pages are connected as may be. Please close some.".to_owned();
                Err(Error { kind: Kind::Forbidden, sentence })
            }
        }
    }

    /// Ends the socket, on whichever server it is, if it stands for this user and session.
    fn unbind(&self, socket_id: &str, who: Holder) {
        if let Ok(id) = socket_id.parse::<SocketId>() {
            self.unbind_everywhere(id, who);
        }
    }

    /// A place for somebody who is told why they go, if one is free.
    fn parting(&self) -> Option<OwnedSemaphorePermit> {
        self.0.partings.0.clone().try_acquire_owned().ok()
    }

    /// Waits until what other servers say from now on is heard here: one of them may sign for a socket as soon as it is open.
    async fn hears_the_others(&self) -> bool {
        self.0.relay.catch_up().await.is_ok()
    }

    /// For whom the socket stands. Another server may have signed for it, and its word be on the way.
    async fn holder(&self, id: SocketId) -> Option<Holder> {
        let told = async {
            loop {
                let word = self.0.bound.notified();
                if let Some(holder) = self.registry().holder(id) {
                    return holder;
                }
                word.await;
            }
        };
        if self.0.relay.is_running() { timeout(BOUND_TIMEOUT, told).await.ok() } else { self.registry().holder(id) }
    }

    /// Takes no new sockets, and tells those there are to come back, elsewhere: some at a time, all of them within `time`.
    pub async fn drain(&self, time: Duration) {
        let ids = self.registry().shut();
        let groups = time.as_millis() as usize / DRAIN_PAUSE.as_millis() as usize + 1;
        for group in ids.chunks(ids.len().div_ceil(groups).max(1)) {
            self.change(|registry| registry.send_away(group));
            sleep(time / groups as u32).await;
        }
    }

    /// Whether this server is about to end: what is new is for others.
    pub fn is_shut(&self) -> bool {
        self.registry().is_shut()
    }

    /// Sockets connected at this moment.
    pub fn sockets(&self) -> usize {
        self.registry().sockets().len()
    }

    /// Pings sockets that have fallen silent and closes those that do not answer, for as long as it is run.
    pub async fn watch(self) {
        let mut tick = interval(SWEEP);
        loop {
            tick.tick().await;
            self.forget_silent_peers();
            self.0.client_events.forget_rested();
            let sockets: Vec<Arc<Socket>> = self.registry().sockets().cloned().collect();
            for socket in sockets {
                let silence = socket.silent_for();
                if silence > GIVE_UP {
                    self.change(|registry| registry.close(socket.id));
                    socket.close(close::NO_PONG);
                } else if silence > KEEP_ALIVE && socket.is_first_ping() {
                    say(&socket, &Frame::new("pusher:ping", serde_json::json!({})));
                }
            }
        }
    }

    fn announce(&self, notice: &Notice) {
        let channel = channel::of(notice.object);
        let mut frame = Frame::from(notice);
        frame.jitter = self.0.load.jitter();
        self.publish([Publication::new(channel, &frame, None)]);
    }

    /// Changes the books, and publishes who has come and gone by it.
    fn change<T>(&self, change: impl FnOnce(&mut Registry) -> T) -> T {
        let mut registry = self.registry();
        let result = change(&mut registry);
        let news = std::mem::take(&mut registry.channels.news);
        // Still under the lock: who comes after somebody has gone is not overtaken by the word of it.
        self.publish(news);
        self.tell_changes(std::mem::take(&mut registry.channels.changes));
        result
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        // A panic while it was held would be a bug elsewhere; the maps are still good.
        self.0.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The program around the hub, while it is there.
    fn backend(&self) -> Option<Arc<dyn Backend>> {
        self.0.backend.get().and_then(Weak::upgrade)
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The frame as it goes over the wire.
fn bytes(frame: &Frame) -> Bytes {
    websocket::text(&frame.to_json())
}

/// Sends a frame to one socket.
fn say(socket: &Arc<Socket>, frame: &Frame) {
    socket.send(&bytes(frame));
}

impl Notifier for Hub {
    fn notify(&self, notices: &[Notice]) {
        let backend = self.backend();
        let affects = |notice| backend.as_ref().map_or(Affected::Nobody, |backend| backend.affects(notice));
        let affected: Vec<Affected> = notices.iter().map(affects).collect();
        if let Some(backend) = &backend {
            self.suspend_affected(backend, &affected);
        }
        for (notice, affected) in notices.iter().zip(affected) {
            self.announce(notice);
            // Of an object's end everyone may hear.
            if let Affected::Everyone(object) = affected {
                self.end(End::Object(object));
            }
        }
    }

    fn relay(&self) -> Relay {
        self.0.relay.clone()
    }

    fn missed(&self) {
        self.change(|registry| registry.send_away(&registry.ids()));
    }

    fn met(&self) {
        self.tell_all();
        self.ask(None);
    }

    fn told(&self, server: &str, words: &[String]) {
        self.told_by(server, words);
    }
}
