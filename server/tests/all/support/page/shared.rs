//! What runs behind a page: the protocol and its commands, the reloads, and what the page shows.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use app::messages::MessageWindow;
use app::rooms::Room;
use earshot_live::error::{Error, Kind};
use earshot_live::listen::event::{Command, Event};
use earshot_live::listen::protocol::Protocol;
use earshot_live::listen::{Stale, Status, reload};
use earshot_live::pusher::rest::Behind;
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::BoxFuture;
use leptos::prelude::Owner;
use reqwest::Method;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::support::page::calls::{ask, form, json};
use crate::support::page::wire::Faults;
use crate::support::person::Person;

type Reloaded = BoxFuture<'static, Result<(), Error>>;

pub struct Shared {
    pub person: Person,
    pub room: i64,
    pub events: UnboundedSender<Event>,
    pub window: MessageWindow,
    pub header: Mutex<Option<Room>>,
    pub status: Mutex<Status>,
    pub faults: Mutex<Faults>,
    /// Rung when the connection is to be cut.
    pub cut: watch::Sender<()>,
    /// Rung whenever something on the page has changed.
    pub changed: watch::Sender<()>,
    pub offline: AtomicBool,
    /// Keeps the page's signals, which are for one thread at a time.
    pub owner: Mutex<Owner>,
}

impl Shared {
    pub async fn until(&self, mut is_so: impl FnMut(&Self) -> bool) {
        let mut changed = self.changed.subscribe();
        while !is_so(self) {
            changed.changed().await.unwrap();
        }
    }

    pub fn is(&self, status: Status) -> bool {
        *self.status.lock().unwrap() == status
    }

    pub fn report(&self, event: Event) {
        let _ = self.events.unbounded_send(event);
    }

    pub fn messages<T>(&self, of: impl FnOnce(&MessageWindow) -> T) -> T {
        self.owner.lock().unwrap().with(|| of(&self.window))
    }

    pub async fn reload_messages(&self, stale: Vec<Stale>) -> Result<(), Error> {
        match Stale::ids(&stale) {
            Some(ids) => {
                let ids = self.messages(|window| window.with_answers(&ids));
                let request = json(&self.person, "messages/reload", json!({ "room": self.room, "ids": ids }));
                let found = ask(request).await?;
                self.messages(|window| window.apply(&ids, found));
            }
            None => {
                let page = ask(form(&self.person, "messages/page", &[("room", self.room)])).await?;
                self.messages(|window| window.replace(page));
            }
        }
        self.changed.send_replace(());
        Ok(())
    }

    pub async fn reload_header(&self) -> Result<(), Error> {
        let room = match ask(form(&self.person, "rooms/get", &[("id", self.room)])).await {
            Err(error) if error.kind == Kind::NotFound => None,
            room => Some(room?),
        };
        let mut header = self.header.lock().unwrap();
        // A page that has left the room does not come back to it by itself.
        *header = header.take().and(room);
        if header.is_none() {
            (0..3).for_each(|id| self.report(Event::Unlisten(id)));
        }
        drop(header);
        self.changed.send_replace(());
        Ok(())
    }

    pub async fn perform(self: Arc<Self>, command: Command) {
        match command {
            Command::Show(..) | Command::Refuse(..) | Command::Present(..) => {}
            Command::Dial(number) => self.dial(number).await,
            Command::Later(pause, event) => {
                tokio::time::sleep(pause).await;
                self.report(event);
            }
            Command::Authorise { number, socket_id, channels } => {
                let mut fields = vec![("socket_id", &socket_id)];
                fields.extend(channels.iter().map(|channel| ("channel_name[]", channel)));
                let request = self.person.request(Method::POST, "/rest/pusher/auth").form(&fields);
                self.report(Event::Authorised(number, channels, ask(request).await));
            }
            Command::CatchUp(numbers) => {
                let objects = numbers.iter().map(|(object, _)| *object).collect();
                let request = self.person.request(Method::POST, "/rest/pusher/notices").json(&Behind { numbers });
                self.report(Event::CaughtUp(objects, ask(request).await));
            }
        }
    }
}

pub async fn run(shared: Arc<Shared>, mut incoming: UnboundedReceiver<Event>) {
    let mut protocol = Protocol::new(rand::random);
    let mut commands = JoinSet::new();
    while let Some(event) = incoming.next().await {
        for command in protocol.handle(event) {
            if let Command::Show(status) = command {
                // Here, where the later one comes later.
                *shared.status.lock().unwrap() = status;
                shared.changed.send_replace(());
            } else {
                commands.spawn(shared.clone().perform(command));
            }
        }
        while commands.try_join_next().is_some() {}
    }
}

/// Listen's own gathering of what has become stale.
pub fn reloader(
    running: &mut JoinSet<()>,
    shared: &Arc<Shared>,
    reload: fn(Arc<Shared>, Vec<Stale>) -> Reloaded,
) -> impl Fn(Stale) + Clone + Send + Sync + 'static {
    let (changed, stale) = unbounded();
    let shared = shared.clone();
    running.spawn(async move {
        reload::run(stale, move |stale| reload(shared.clone(), stale), tokio::time::sleep).await;
    });
    move |what| drop(changed.unbounded_send(what))
}
