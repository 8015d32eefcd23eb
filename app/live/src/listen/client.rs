//! The one client of a page, by which every `Listen` makes itself heard at the server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::channel::mpsc::UnboundedSender;
use leptos::prelude::{RwSignal, Update};

use crate::listen::Actions;
use crate::listen::channels::{Listener, ListenerId};
use crate::listen::event::{Attendee, Change, Event, Status};
use crate::object::Object;

/// The handle that `Listen` uses. On the server it leads nowhere.
#[derive(Clone)]
pub struct Client {
    pub(super) events: UnboundedSender<Event>,
    next_id: Arc<AtomicU64>,
    /// How the client is doing.
    pub status: RwSignal<Status>,
    /// Objects that may not be listened to, with the reason.
    pub refused: RwSignal<BTreeMap<Object, String>>,
    /// Who is at the objects that the page attends.
    pub present: RwSignal<BTreeMap<Object, Vec<Attendee>>>,
}

impl Client {
    /// A client whose events go to `events`.
    pub fn new(events: UnboundedSender<Event>) -> Self {
        let (status, refused) = (RwSignal::new(Status::Idle), RwSignal::default());
        Self { events, next_id: Arc::default(), status, refused, present: RwSignal::default() }
    }

    /// From now on `actions` run for what happens to `object` after number `seq`.
    pub fn listen(&self, object: Object, seq: i64, actions: Actions) -> ListenerId {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.send(Event::Listen(Listener { id, object, seq, actions }));
        id
    }

    /// From now on nothing runs any more for this listener.
    pub fn unlisten(&self, id: ListenerId) {
        self.send(Event::Unlisten(id));
    }

    /// Somebody comes to an object, leaves it, or types there.
    pub fn presence(&self, change: Change) {
        self.send(Event::Presence(change));
    }

    pub(super) fn show_present(&self, object: Object, attendees: Vec<Attendee>) {
        // The page may have been left.
        self.present.try_update(|present| present.insert(object, attendees));
    }

    pub(super) fn refuse(&self, object: Object, why: Option<String>) {
        // The page may have been left.
        self.refused.try_maybe_update(|refused| {
            let before = match why.clone() {
                Some(why) => refused.insert(object, why),
                None => refused.remove(&object),
            };
            (before != why, ())
        });
    }

    pub(super) fn send(&self, event: Event) {
        // The receiver lives as long as the page.
        let _ = self.events.unbounded_send(event);
    }
}
