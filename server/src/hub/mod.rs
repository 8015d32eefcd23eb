//! The hub: an embedded server for Pusher Channels protocol 7. It knows sockets and channels; `connection` speaks with one
//! socket, `subscribe` decides who may hear what, `registry` keeps the books.

mod connection;
pub mod limits;
mod registry;
mod subscribe;

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use app::error::{Error, Kind};
use app::object::Notice;
use app::pusher::channel;
use app::pusher::frame::Frame;
use app::store::access::Withdrawal;
use app::store::{Notifier, Viewer};
use axum::extract::ws::Utf8Bytes;
use tokio::sync::mpsc::Receiver;

pub use connection::router;
use limits::{LARGE_ROOM, RELOADS_PER_MILLISECOND};
use registry::{Holder, Outgoing, Registry, SocketId};

#[derive(Default)]
pub struct Hub {
    // A std mutex: every use is a few map operations, and none of them awaits.
    registry: Mutex<Registry>,
}

impl Hub {
    /// From now on the socket stands for this person and session. A socket that is not ours is somebody else's business.
    ///
    /// # Errors
    /// `Invalid` when that is no socket id; `Forbidden` when the socket stands for another person.
    pub fn bind(&self, socket_id: &str, viewer: &Viewer) -> Result<(), Error> {
        let id = socket_id.parse::<SocketId>().map_err(|_| Error::invalid("This is not a socket id."))?;
        let holder = Holder { user: viewer.id, session: viewer.session };
        if self.registry().bind(id, holder) { Ok(()) } else { Err(Kind::Forbidden.into()) }
    }

    /// Tells every socket to come back (elsewhere), and takes no new ones.
    pub fn shut(&self) {
        self.registry().shut();
    }

    /// Sockets connected at this moment.
    pub fn sockets(&self) -> usize {
        self.registry().sockets()
    }

    fn open(&self, from: IpAddr) -> Option<(SocketId, Receiver<Outgoing>)> {
        self.registry().open(from)
    }

    fn publish(&self, notice: &Notice) {
        let channel = channel::of(notice.object);
        let mut registry = self.registry();
        let mut frame = Frame::from(notice);
        frame.spread = spread(registry.listeners(&channel));
        // Written once, shared by all who listen.
        registry.publish(&channel, &Utf8Bytes::from(frame.to_json()));
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        // A panic while it was held would be a bug elsewhere; the maps are still good.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Milliseconds over which so many listeners are to spread their reloads.
fn spread(listeners: usize) -> u32 {
    if listeners < LARGE_ROOM { 0 } else { u32::try_from(listeners / RELOADS_PER_MILLISECOND).unwrap_or(u32::MAX) }
}

impl Notifier for Hub {
    fn notify(&self, notices: &[Notice]) {
        let withdrawals = || notices.iter().filter_map(Withdrawal::by);
        // First silence for those who lost a right, then word to the others; of an object's end everyone may hear.
        let (of_everyone, of_some): (Vec<_>, Vec<_>) =
            withdrawals().partition(|withdrawal| matches!(withdrawal, Withdrawal::OfEveryone { .. }));
        of_some.into_iter().for_each(|withdrawal| self.registry().withdraw(withdrawal));
        notices.iter().for_each(|notice| self.publish(notice));
        of_everyone.into_iter().for_each(|withdrawal| self.registry().withdraw(withdrawal));
    }
}
