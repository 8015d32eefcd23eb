//! The one line of a page to the server. Everything that happens to it is an [`Event`]; the `switchboard` handles them one
//! after the other.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::error::Error;
use crate::listen::ActionList;
use crate::listen::channels::{Listener, ListenerId};
use crate::listen::switchboard::Switchboard;
use crate::listen::transport::Verdict;
use crate::object::{Notice, Object};
use crate::pusher::frame::Frame;

/// How the line is doing, for those who look at the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody listens, or the first connection is being made.
    Idle,
    Live,
    /// The connection was lost; the line tries to get it back by itself.
    Lost,
    /// The server does not admit this person to live updates, and says why.
    Refused(String),
}

/// The handle that `Listen` uses. On the server it leads nowhere.
#[derive(Clone)]
pub struct Line {
    pub(super) events: UnboundedSender<Event>,
    next_id: Arc<AtomicU64>,
    pub status: RwSignal<Status>,
    /// Objects that may not be listened to, with the reason.
    pub refused: RwSignal<BTreeMap<Object, String>>,
}

/// Makes the page's line, to be found by every `Listen` below.
pub fn provide_line() {
    let (events, incoming) = unbounded();
    let line = Line {
        events,
        next_id: Arc::default(),
        status: RwSignal::new(Status::Idle),
        refused: RwSignal::new(BTreeMap::new()),
    };
    provide_context(line.clone());
    let incoming = Mutex::new(Some(incoming));
    // An effect, because only a browser has a socket.
    Effect::new(move |_| {
        if let Some(mut incoming) = incoming.lock().ok().and_then(|mut incoming| incoming.take()) {
            let mut switchboard = Switchboard::new(line.clone());
            spawn_local(async move {
                while let Some(event) = incoming.next().await {
                    switchboard.handle(event);
                }
            });
        }
    });
}

impl Line {
    /// From now on `actions` run for what happens to `object` after number `seq`.
    pub fn listen(&self, object: Object, seq: i64, actions: ActionList) -> ListenerId {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.send(Event::Listen(Listener { id, object, seq, actions }));
        id
    }

    pub fn unlisten(&self, id: ListenerId) {
        self.send(Event::Unlisten(id));
    }

    pub(super) fn send(&self, event: Event) {
        // The receiver lives as long as the page.
        let _ = self.events.unbounded_send(event);
    }
}

/// What can happen to the line. Connections are numbered: what an earlier one still reports is of no interest.
pub enum Event {
    Listen(Listener),
    Unlisten(ListenerId),
    /// The pause after a lost connection is over.
    Dial(u32),
    Opened(u32, UnboundedSender<Frame>),
    Frame(u32, Frame),
    Closed(u32, u16),
    /// The server admits nobody like this person.
    Refused(String),
    /// Ask for signatures, in one request for all who came in the same moment.
    Authorise,
    Authorised(u32, Result<HashMap<String, Verdict>, Error>),
    CaughtUp(Object, Result<Vec<Notice>, Error>),
    /// Time to see whether the connection still lives.
    Check(u32),
}
