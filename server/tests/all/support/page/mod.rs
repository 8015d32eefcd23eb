//! A room's page without a browser: the real Listen, the real list of messages, over real sockets and requests. Only what draws
//! is missing, and what a browser would do for it is done by tokio, reqwest and tungstenite.

mod calls;
mod shared;
mod wire;

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use app::entities::{DELETED, EDITED, LEFT, MESSAGE, POSTED, REACTED, REMOVED, RENAMED, ROOM, USER};
use app::messages::{Message, MessageWindow, Page as Messages};
use app::rooms::Room;
use calls::{ask, form};
use earshot_live::error::{Error, Kind};
use earshot_live::listen::channels::Listener;
use earshot_live::listen::event::Event;
use earshot_live::listen::{Actions, Stale, Status};
use earshot_live::object::Action;
use futures::channel::mpsc::unbounded;
use leptos::prelude::{GetUntracked, Owner};
use shared::{Shared, reloader, run};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::support::person::Person;
use crate::support::timeout::{PAUSE, TIMEOUT, in_time};
pub use wire::Faults;

/// Whichever of these happens, everything is read anew.
fn rereads(actions: &[Action], reload: impl Fn(Stale) + Clone + Send + Sync + 'static) -> Actions {
    let afresh = reload.clone();
    actions.iter().fold(Actions::new(move || afresh(Stale::All)), |list, action| {
        let reload = reload.clone();
        list.on(*action, move |_| reload(Stale::All))
    })
}

/// The room's name and the messages, or nothing for who has no access.
type Shown = Option<(String, Vec<Message>)>;

pub struct Page {
    pub person: Person,
    pub room: i64,
    shared: Arc<Shared>,
    _running: JoinSet<()>,
}

impl Page {
    /// Opens a room's page as `person`, and listens.
    pub async fn open(person: &Person, room: i64) -> Self {
        Self::try_open(person, room).await.unwrap_or_else(|error| panic!("{} in {room}: {error}", person.name))
    }

    pub async fn try_open(person: &Person, room: i64) -> Result<Self, Error> {
        let header: Room = ask(form(person, "rooms/get", &[("id", room)])).await?;
        let page: Messages = ask(form(person, "messages/page", &[("room", room)])).await?;
        let user_seq = ask::<app::people::Me>(form(person, "people/me", &[])).await?.seq;
        let (room_seq, page_seq) = (header.seq, page.seq);
        let (events, incoming) = unbounded();
        let owner = Owner::new();
        let shared = Arc::new(Shared {
            person: person.clone(),
            room,
            events: events.clone(),
            window: owner.with(|| MessageWindow::new(page)),
            header: Mutex::new(Some(header)),
            status: Mutex::new(Status::Idle),
            faults: Mutex::default(),
            cut: watch::Sender::new(()),
            changed: watch::Sender::new(()),
            offline: AtomicBool::new(false),
            owner: Mutex::new(owner),
        });
        let mut running = JoinSet::new();
        let messages = reloader(&mut running, &shared, |shared, stale| {
            Box::pin(async move { shared.reload_messages(stale).await })
        });
        let header = reloader(&mut running, &shared, |shared, _| Box::pin(async move { shared.reload_header().await }));
        let afresh = messages.clone();
        let of_messages = [POSTED, EDITED, DELETED, REACTED];
        let on_messages = of_messages.into_iter().fold(Actions::new(move || afresh(Stale::All)), |list, action| {
            let messages = messages.clone();
            list.on((action, MESSAGE), move |notice| messages(notice.into()))
        });
        let on_header = rereads(&[RENAMED, DELETED, LEFT], header.clone());
        let on_user = rereads(&[REMOVED, LEFT], header);
        let (object, user) = (ROOM.object(room), USER.object(person.id));
        let listeners = [(object, page_seq, on_messages), (object, room_seq, on_header), (user, user_seq, on_user)];
        for (id, (object, seq, actions)) in (0..).zip(listeners) {
            let _ = events.unbounded_send(Event::Listen(Listener { id, object, seq, actions }));
        }
        running.spawn(run(shared.clone(), incoming));
        Ok(Self { person: person.clone(), room, shared, _running: running })
    }

    /// What stands on the page: the room and its messages, or nothing when the page has left the room.
    pub fn shown(&self) -> Shown {
        let header = self.shared.header.lock().unwrap();
        Some((header.as_ref()?.name.clone(), self.shared.messages(|window| window.messages.now())))
    }

    /// The same as a page that is opened now would show it, as far back as this one goes.
    pub async fn fresh(&self) -> Shown {
        let room: Room = match ask(form(&self.person, "rooms/get", &[("id", self.room)])).await {
            Err(error) if error.kind == Kind::NotFound => return None,
            room => room.unwrap(),
        };
        let page: Messages = ask(form(&self.person, "messages/page", &[("room", self.room)])).await.unwrap();
        let (mut messages, mut more) = (page.messages, page.more);
        let oldest = self.shared.messages(|window| window.messages.first().filter(|_| window.more.get_untracked()));
        while let Some(before) = messages.first().map(|message| message.id).filter(|_| more) {
            let request = form(&self.person, "messages/page", &[("room", self.room), ("before", before)]);
            let page: Messages = ask(request).await.unwrap();
            more = page.more;
            messages.splice(..0, page.messages);
        }
        messages.retain(|message| oldest.is_none_or(|oldest| message.id >= oldest));
        Some((room.name, messages))
    }

    /// Waits until the message is there.
    pub async fn until_has(&self, id: i64) {
        let there = |shared: &Shared| shared.messages(|window| window.messages.ids().contains(&id));
        self.patiently("the message is there", self.shared.until(there)).await;
    }

    /// Waits until the message is there, or a later one: a page that was away long begins again with the latest.
    pub async fn until_reaches(&self, id: i64) {
        let there =
            |shared: &Shared| shared.messages(|window| window.messages.ids().into_iter().any(|later| later >= id));
        self.patiently("the message or a later one is there", self.shared.until(there)).await;
    }

    /// Waits until the hub has greeted the page.
    pub async fn until_live(&self) {
        self.patiently("the page is live", self.shared.until(|shared| shared.is(Status::Live))).await;
    }

    /// Waits until the page has left its room.
    pub async fn until_gone(&self) {
        self.patiently("the page has left", self.shared.until(|shared| shared.header.lock().unwrap().is_none())).await;
    }

    /// Waits until the page shows what a fresh one would.
    pub async fn until_fresh(&self, hint: &str) {
        let begun = Instant::now();
        loop {
            let (shown, fresh) = (self.shown(), self.fresh().await);
            if shown == fresh {
                return;
            }
            assert!(
                begun.elapsed() < TIMEOUT,
                "{hint}: {} in {}: {}",
                self.person.name,
                self.room,
                difference(shown, fresh)
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn patiently(&self, what: &str, done: impl Future<Output = ()>) {
        in_time(&format!("{} waits until {what}", self.person.name), done).await;
    }

    pub fn set_faults(&self, faults: Faults) {
        *self.shared.faults.lock().unwrap() = faults;
    }

    /// Cuts the connection; the page gets it back by itself, unless it is offline.
    pub fn cut(&self) {
        self.shared.cut.send_replace(());
    }

    /// Cuts the connection, and waits until the page knows. It does not get it back by itself.
    pub async fn go_offline(&self) {
        self.shared.offline.store(true, SeqCst);
        self.cut();
        self.patiently("the page is offline", self.shared.until(|shared| shared.is(Status::Lost))).await;
    }

    /// The page may connect again, and does so at once.
    pub fn come_back(&self) {
        self.shared.offline.store(false, SeqCst);
        self.wake();
    }

    /// Somebody looks at the page again.
    pub fn wake(&self) {
        self.shared.report(Event::Wake);
    }
}

/// What one has and the other has not.
fn difference(shown: Shown, fresh: Shown) -> String {
    let lines = |shown: &Shown| match shown {
        None => vec!["nothing".to_owned()],
        Some((name, messages)) => {
            let line = |message: &Message| format!("{} {} {:?}", message.id, message.body, message.edited);
            std::iter::once(name.clone()).chain(messages.iter().map(line)).collect()
        }
    };
    let (shown, fresh) = (lines(&shown), lines(&fresh));
    let only = |these: &[String], those: &[String]| {
        these.iter().filter(|line| !those.contains(line)).cloned().collect::<Vec<_>>().join("\n  ")
    };
    format!("shows\n  {}\nand not\n  {}", only(&shown, &fresh), only(&fresh, &shown))
}
