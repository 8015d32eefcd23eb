//! The hub: an embedded server for Pusher Channels protocol 7. `upgrade` lets a client in, `connection` speaks with it,
//! `subscribe` decides who may hear what, `registry` and `channels` keep the books, `dispatcher` brings what is published, `http` is for server programs. Below them a
//! `socket` is a `stream` of `websocket` frames.

mod channels;
mod client_event;
mod connection;
mod dispatcher;
mod http;
pub mod limits;
mod registry;
mod sign_in;
mod socket;
mod stream;
mod subscribe;
mod upgrade;
mod websocket;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::error::{Error, Kind};
use app::object::{Notice, Object};
use app::pusher::frame::Frame;
use app::pusher::{channel, close};
use app::store::access::Withdrawal;
use app::store::{Notifier, Viewer};
use axum::Router;
use axum::middleware::from_fn;
use tokio::time::interval;

use dispatcher::{Pending, Publication};
use limits::{ACTIVITY_TIMEOUT, LARGE_ROOM, PONG_TIMEOUT, RELOADS_PER_MILLISECOND, SWEEP};
use registry::{Holder, Registry};
use socket::{Socket, SocketId};

use crate::AppState;

/// The door for clients, and the one for server programs.
pub fn router(state: AppState) -> Router {
    let state = Arc::new(state);
    upgrade::router(state.clone()).layer(from_fn(crate::router::client_address)).merge(http::router(state))
}

#[derive(Default)]
pub struct Hub(Arc<Core>);

#[derive(Default)]
struct Core {
    // A std mutex: every use is a few map operations, and none of them awaits.
    registry: Mutex<Registry>,
    pending: Mutex<Pending>,
}

impl Hub {
    /// From now on the socket stands for this person and session. A socket that is not ours is somebody else's business.
    ///
    /// # Errors
    /// `Invalid` when that is no socket id; `Forbidden` when the socket stands for another person.
    pub fn bind(&self, socket_id: &str, viewer: &Viewer) -> Result<(), Error> {
        let id = socket_id.parse::<SocketId>().map_err(|_| Error::invalid("This is not a socket id."))?;
        let holder = Holder { user: viewer.id, session: viewer.session };
        if self.0.registry().bind(id, holder) { Ok(()) } else { Err(Kind::Forbidden.into()) }
    }

    /// Tells every socket to come back (elsewhere), and takes no new ones.
    pub fn shut(&self) {
        self.0.change(Registry::shut);
    }

    /// Sockets connected at this moment.
    pub fn sockets(&self) -> usize {
        self.0.registry().sockets().len()
    }

    /// Pings sockets that have fallen silent and closes those that do not answer, for as long as it is run.
    pub async fn watch(&self) {
        let mut tick = interval(SWEEP);
        loop {
            tick.tick().await;
            let sockets: Vec<Arc<Socket>> = self.0.registry().sockets().cloned().collect();
            for socket in sockets {
                let silence = socket.silent_for();
                if silence > ACTIVITY_TIMEOUT + 2 * PONG_TIMEOUT {
                    self.0.change(|registry| registry.close(socket.id));
                    socket.close(close::NO_PONG);
                } else if silence > ACTIVITY_TIMEOUT + PONG_TIMEOUT && socket.is_first_ping() {
                    say(&socket, &Frame::new("pusher:ping", serde_json::json!({})));
                }
            }
        }
    }

    fn publish(&self, notice: &Notice, ends: Option<Object>) {
        let channel = channel::of(notice.object);
        let mut frame = Frame::from(notice);
        frame.spread = spread(self.0.registry().channels.listeners(&channel).len());
        let frame = websocket::text(&frame.to_json());
        self.0.publish([Publication { channel: channel.into(), frame, except: None, ends }]);
    }
}

impl Core {
    /// Changes the books, and publishes who has come and gone by it.
    fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut Registry) -> T) -> T {
        let mut registry = self.registry();
        let result = change(&mut registry);
        let news = std::mem::take(&mut registry.channels.news);
        drop(registry);
        self.publish(news);
        result
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        // A panic while it was held would be a bug elsewhere; the maps are still good.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends a frame to one socket.
fn say(socket: &Arc<Socket>, frame: &Frame) {
    socket.send(&websocket::text(&frame.to_json()));
}

/// Milliseconds over which so many listeners are to spread their reloads.
fn spread(listeners: usize) -> u32 {
    if listeners < LARGE_ROOM { 0 } else { u32::try_from(listeners / RELOADS_PER_MILLISECOND).unwrap_or(u32::MAX) }
}

impl Notifier for Hub {
    fn notify(&self, notices: &[Notice]) {
        // First silence for those who lost a right, then word to the others; of an object's end everyone may hear.
        for withdrawal in notices.iter().filter_map(Withdrawal::by) {
            if !matches!(withdrawal, Withdrawal::OfEveryone { .. }) {
                self.0.change(|registry| registry.withdraw(withdrawal));
            }
        }
        for notice in notices {
            let ends = matches!(Withdrawal::by(notice), Some(Withdrawal::OfEveryone { .. })).then_some(notice.object);
            self.publish(notice, ends);
        }
    }
}
