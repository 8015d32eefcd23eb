//! A room's page without a browser: the real Listen, the real list of messages, over real sockets and requests. Only what draws
//! is missing, and what a browser would do for it is done by tokio, reqwest and tungstenite.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use app::error::{Error, Kind};
use app::listen::channels::Listener;
use app::listen::event::{Event, Task};
use app::listen::switchboard::Switchboard;
use app::listen::{ActionList, Stale, Status, reload};
use app::messages::{Message, Page as Messages, Stretch};
use app::object::{Action, Notice, Object};
use app::pusher::{channel, close};
use app::rooms::Room;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::BoxFuture;
use futures::{SinkExt, StreamExt};
use leptos::prelude::{GetUntracked, Owner};
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::support::person::Person;

/// How long a page may take to come to rest on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// How unreliably frames arrive. Each is a probability.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    pub lost: f64,
    pub twice: f64,
    /// Heard after the one behind it.
    pub late: f64,
}

/// The room's name and the messages, or nothing for who has no access.
type Shown = Option<(String, Vec<Message>)>;

pub struct Page {
    pub person: Person,
    pub room: i64,
    shared: Arc<Shared>,
    _running: JoinSet<()>,
}

struct Shared {
    person: Person,
    room: i64,
    events: UnboundedSender<Event>,
    stretch: Stretch,
    header: Mutex<Option<Room>>,
    status: Mutex<Status>,
    faults: Mutex<Faults>,
    cut: tokio::sync::Notify,
    /// Rung whenever something on the page has changed.
    changed: watch::Sender<()>,
    offline: AtomicBool,
    /// Keeps the page's signals, which are for one thread at a time.
    owner: Mutex<Owner>,
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
            stretch: owner.with(|| Stretch::new(page, None)),
            header: Mutex::new(Some(header)),
            status: Mutex::new(Status::Idle),
            faults: Mutex::default(),
            cut: tokio::sync::Notify::new(),
            changed: watch::Sender::new(()),
            offline: AtomicBool::new(false),
            owner: Mutex::new(owner),
        });
        let mut running = JoinSet::new();
        let messages = reloader(&mut running, &shared, |shared, stale| {
            Box::pin(async move { shared.reload_messages(stale).await })
        });
        let header = reloader(&mut running, &shared, |shared, _| Box::pin(async move { shared.reload_header().await }));
        let (afresh, of_header, of_user) = (messages.clone(), header.clone(), header.clone());
        let on_messages = ActionList::each(
            &[Action::Posted, Action::Edited, Action::Deleted],
            move |notice| messages(Stale::One(notice.reference.id)),
            move || afresh(Stale::All),
        );
        let on_header = {
            let header = header.clone();
            let changed = move |_: &Notice| header(Stale::All);
            ActionList::each(&[Action::Renamed, Action::Deleted, Action::Left], changed, move || of_header(Stale::All))
        };
        let on_user = {
            let changed = move |_: &Notice| header(Stale::All);
            ActionList::each(&[Action::Removed], changed, move || of_user(Stale::All))
        };
        let (object, user) = (Object::Room(room), Object::User(person.id));
        let listeners = [(object, page_seq, on_messages), (object, room_seq, on_header), (user, user_seq, on_user)];
        for (id, (object, seq, actions)) in (0..).zip(listeners) {
            let _ = events.unbounded_send(Event::Listen(Listener { id, object, seq, actions: actions.unwrap() }));
        }
        running.spawn(run(shared.clone(), incoming));
        Ok(Self { person: person.clone(), room, shared, _running: running })
    }

    /// What stands on the page: the room and its messages, or nothing when the page has left the room.
    pub fn shown(&self) -> Shown {
        let header = self.shared.header.lock().unwrap();
        Some((header.as_ref()?.name.clone(), self.shared.messages(|stretch| stretch.messages.now())))
    }

    /// The same as a page that is opened now would show it, as far back as this one goes.
    pub async fn fresh(&self) -> Shown {
        let room: Room = match ask(form(&self.person, "rooms/get", &[("id", self.room)])).await {
            Err(error) if error.kind == Kind::NotFound => return None,
            room => room.unwrap(),
        };
        let page: Messages = ask(form(&self.person, "messages/page", &[("room", self.room)])).await.unwrap();
        let (mut messages, mut more) = (page.messages, page.more);
        let oldest = self.shared.messages(|stretch| stretch.messages.first().filter(|_| stretch.more.get_untracked()));
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
        let there = |shared: &Shared| shared.messages(|stretch| stretch.messages.ids().contains(&id));
        self.patiently("the message is there", self.shared.until(there)).await;
    }

    /// Waits until the hub has greeted the page.
    pub async fn until_live(&self) {
        let live = |shared: &Shared| *shared.status.lock().unwrap() == Status::Live;
        self.patiently("the page is live", self.shared.until(live)).await;
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
                begun.elapsed() < PATIENCE,
                "{hint}: {} in {}: {}",
                self.person.name,
                self.room,
                difference(shown, fresh)
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn patiently(&self, what: &str, done: impl Future<Output = ()>) {
        let done = tokio::time::timeout(PATIENCE, done).await;
        done.unwrap_or_else(|_| panic!("{} waits in vain until {what}", self.person.name));
    }

    pub fn set_faults(&self, faults: Faults) {
        *self.shared.faults.lock().unwrap() = faults;
    }

    /// Cuts the connection; the page gets it back by itself, unless it is offline.
    pub fn cut(&self) {
        self.shared.cut.notify_waiters();
    }

    pub fn set_offline(&self, offline: bool) {
        self.shared.offline.store(offline, SeqCst);
        if offline {
            self.cut();
        }
    }

    /// Somebody looks at the page again.
    pub fn wake(&self) {
        self.shared.report(Event::Wake);
    }
}

impl Shared {
    async fn until(&self, mut is_so: impl FnMut(&Self) -> bool) {
        let mut changed = self.changed.subscribe();
        while !is_so(self) {
            changed.changed().await.unwrap();
        }
    }

    fn report(&self, event: Event) {
        let _ = self.events.unbounded_send(event);
    }

    fn messages<T>(&self, of: impl FnOnce(&Stretch) -> T) -> T {
        self.owner.lock().unwrap().with(|| of(&self.stretch))
    }

    async fn reload_messages(&self, stale: Vec<Stale>) -> Result<(), Error> {
        match Stale::ids(&stale) {
            Some(ids) => {
                let request = json(&self.person, "messages/reload", json!({ "room": self.room, "ids": ids }));
                let found = ask(request).await?;
                self.messages(|stretch| stretch.apply(&ids, found));
            }
            None => {
                let page = ask(form(&self.person, "messages/page", &[("room", self.room)])).await?;
                self.messages(|stretch| stretch.replace(page));
            }
        }
        self.changed.send_replace(());
        Ok(())
    }

    async fn reload_header(&self) -> Result<(), Error> {
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

    async fn dial(&self, number: u32) {
        let connecting = async {
            #[derive(Deserialize)]
            struct Key {
                key: String,
            }
            let Key { key } = ask(self.person.request(Method::GET, "/rest/pusher/key")).await?;
            let url = format!("{}/app/{key}?protocol=7&client=test&version=1", self.person.url.replace("http", "ws"));
            connect_async(url).await.map_err(|_| Error::from(Kind::Unreachable))
        };
        let connected = if self.offline.load(SeqCst) { Err(Kind::Unreachable.into()) } else { connecting.await };
        let stream = match connected {
            Ok((stream, _)) => stream,
            Err(error) if error.may_pass() => return self.report(Event::Closed(number, close::ABNORMAL)),
            Err(refused) => return self.report(Event::Refused(number, refused)),
        };
        let (mut sink, mut stream) = stream.split();
        let (outgoing, mut waiting) = unbounded::<app::pusher::frame::Frame>();
        self.report(Event::Opened(number, outgoing));
        let mut late = None;
        let code = loop {
            let text = tokio::select! {
                () = self.cut.notified() => break close::ABNORMAL,
                frame = waiting.next() => {
                    match frame {
                        Some(frame) if sink.send(Frame::text(frame.to_json())).await.is_ok() => continue,
                        _ => break close::ABNORMAL,
                    }
                }
                message = stream.next() => match message {
                    Some(Ok(Frame::Text(text))) => text,
                    Some(Ok(Frame::Close(code))) => break code.map_or(1005, |close| close.code.into()),
                    Some(Ok(_)) => continue,
                    Some(Err(_)) | None => break close::ABNORMAL,
                },
            };
            let frame: app::pusher::frame::Frame = serde_json::from_str(&text).unwrap();
            for frame in self.carry(frame, &mut late) {
                self.report(Event::Frame(number, frame));
            }
        };
        self.report(Event::Closed(number, code));
    }

    /// What arrives of a frame, and when. The protocol's own frames always do.
    fn carry(
        &self,
        frame: app::pusher::frame::Frame,
        late: &mut Option<app::pusher::frame::Frame>,
    ) -> Vec<app::pusher::frame::Frame> {
        let Faults { lost, twice, late: delayed } = *self.faults.lock().unwrap();
        if frame.notice().is_none() || rand::random_bool(1.0 - lost - twice - delayed) {
            std::iter::once(frame).chain(late.take()).collect()
        } else if rand::random_bool(lost / (lost + twice + delayed)) {
            Vec::new()
        } else if rand::random_bool(twice / (twice + delayed)) {
            vec![frame.clone(), frame]
        } else {
            late.replace(frame).into_iter().collect()
        }
    }

    async fn perform(self: Arc<Self>, task: Task) {
        match task {
            Task::Show(status) => {
                *self.status.lock().unwrap() = status;
                self.changed.send_replace(());
            }
            Task::Refuse(..) => {}
            Task::Dial(number) => self.dial(number).await,
            Task::Later(millis, event) => {
                tokio::time::sleep(Duration::from_millis(millis.into())).await;
                self.report(event);
            }
            Task::Authorise { number, socket_id, objects } => {
                let mut fields = vec![("socket_id", socket_id)];
                fields.extend(objects.iter().map(|object| ("channel_name[]", channel::of(*object))));
                let request = self.person.request(Method::POST, "/rest/pusher/auth").form(&fields);
                self.report(Event::Authorised(number, objects, ask(request).await));
            }
            Task::CatchUp(numbers) => {
                let objects = numbers.iter().map(|(object, _)| *object).collect();
                let answer = ask(json(&self.person, "notices/after", json!({ "numbers": numbers }))).await;
                self.report(Event::CaughtUp(objects, answer));
            }
        }
    }
}

async fn run(shared: Arc<Shared>, mut incoming: UnboundedReceiver<Event>) {
    let mut switchboard = Switchboard::new(rand::random);
    let mut tasks = JoinSet::new();
    while let Some(event) = incoming.next().await {
        for task in switchboard.handle(event) {
            tasks.spawn(shared.clone().perform(task));
        }
        while tasks.try_join_next().is_some() {}
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

/// Listen's own gathering of what has become stale.
fn reloader(
    running: &mut JoinSet<()>,
    shared: &Arc<Shared>,
    reload: fn(Arc<Shared>, Vec<Stale>) -> BoxFuture<'static, Result<(), Error>>,
) -> impl Fn(Stale) + Clone + Send + Sync + 'static {
    let (changed, stale) = unbounded();
    let shared = shared.clone();
    running.spawn(async move {
        let sleep = |millis: u32| tokio::time::sleep(Duration::from_millis(millis.into()));
        reload::run(stale, move |stale| reload(shared.clone(), stale), sleep).await;
    });
    move |what| drop(changed.unbounded_send(what))
}

fn form(person: &Person, function: &str, fields: &[(&str, i64)]) -> RequestBuilder {
    person.request(Method::POST, &format!("/api/{function}")).form(fields)
}

fn json(person: &Person, function: &str, body: serde_json::Value) -> RequestBuilder {
    person.request(Method::POST, &format!("/api/{function}")).json(&body)
}

/// The answer as a page's script reads it.
async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Error> {
    let unreachable = |_| Error::from(Kind::Unreachable);
    let answer = request.send().await.map_err(unreachable)?;
    let ok = answer.status().is_success();
    let body = answer.bytes().await.map_err(unreachable)?;
    if ok {
        Ok(serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&body))))
    } else {
        Err(serde_json::from_slice(&body).unwrap_or_else(|_| Kind::Unreachable.into()))
    }
}
