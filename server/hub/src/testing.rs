//! A small program around the hub, and clients, for the hub's own tests.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::http::request::Parts;
use earshot_live::error::{Error, Kind};
use earshot_live::object::{Action, Entity, Notice, Object, Reference};
use earshot_live::pusher::channel;
use earshot_live::pusher::frame::{Frame, Member};
use earshot_live::store::cache::Invalidated;
use earshot_live::store::{Cache, Db};
use earshot_live::timestamp::Timestamp;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::Hub;
use crate::limits::MAX_PENDING;
use crate::publication::Publication;
use crate::socket::{Socket, SocketId};
use crate::stream::Stream;
use crate::{Affected, Backend, Context, Holder, Identity, Keys};

pub const TIMEOUT: Duration = Duration::from_secs(60);
/// A channel that nobody listens on.
const NOWHERE: &str = "nowhere";

earshot_live::entities! {
    pub enum Noun {
        Room = ROOM,
        User = USER,
        Message = MESSAGE,
    }
}

earshot_live::actions! {
    pub const ACTIONS = [
        POSTED = "posted",
        LEFT = "left",
        DELETED = "deleted",
    ];
}

/// A program in which everyone may listen to everything, until they are out.
#[derive(Default)]
pub struct Program {
    pub out: Mutex<HashSet<(i64, Object)>>,
    /// Sessions that end while somebody asks about them.
    pub ended: Mutex<HashSet<i64>>,
    /// Sessions that are over.
    pub over: Mutex<HashSet<i64>>,
    /// What happens once after the next answer was found, and before it is given.
    pub after_answer: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    /// Nothing can be found out.
    pub busy: AtomicBool,
}

#[async_trait]
impl Backend for Program {
    async fn identify(&self, _: &Parts) -> Result<Identity, Error> {
        Err(Kind::SignedOut.into())
    }

    async fn still(&self, who: Holder) -> Result<(), Error> {
        if self.over.lock().unwrap().contains(&who.session) { Err(Kind::SignedOut.into()) } else { Ok(()) }
    }

    async fn may_listen(&self, who: Holder, object: Object) -> Result<(), Error> {
        if self.busy.load(Relaxed) {
            return Err(Kind::Busy.into());
        }
        if self.ended.lock().unwrap().contains(&who.session) {
            return Err(Kind::SignedOut.into());
        }
        let out = self.out.lock().unwrap().contains(&(who.user, object));
        let after = self.after_answer.lock().unwrap().take();
        after.into_iter().for_each(|happens| happens());
        if out { Err(Kind::NotFound.into()) } else { Ok(()) }
    }

    fn affects(&self, notice: &Notice) -> Affected {
        let changed = notice.reference.changed_object();
        match (notice.action, changed.entity) {
            (LEFT, USER) => Affected::User(changed.id),
            (DELETED, _) if changed == notice.object => Affected::Everyone(changed),
            _ => Affected::Nobody,
        }
    }

    fn knows(&self, entity: Entity) -> bool {
        Noun::of(entity).is_some()
    }

    fn actions(&self) -> &'static [Action] {
        ACTIONS
    }
}

/// What the routes stand on, the program, and the folder of its database.
pub async fn context() -> (Context, Arc<Program>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (hub, program) = (Hub::default(), Arc::new(Program::default()));
    let url = format!("sqlite://{}/test.db", folder.path().display());
    let cache = Cache::new(0, |_| Invalidated::Nothing);
    let db = Db::open(&url, cache, Arc::new(hub.clone())).await.unwrap();
    db.create_tables().await.unwrap();
    (Context::new(hub, db, Keys::random(), None, program.clone()), program, folder)
}

/// Something has happened to `changed`, as is heard on `object`.
pub fn notice(object: Object, action: Action, changed: Object) -> Notice {
    let Object { entity, id } = changed;
    Notice { object, action, reference: Reference { entity, id, seq: 1, changed: Timestamp(0), by: "Ada".into() } }
}

/// A client that is connected, and what it is sent.
pub fn client(hub: &Hub) -> (SocketId, UnixStream) {
    silent_client(hub, Duration::ZERO)
}

/// The same, of which nothing was heard for so long.
pub fn silent_client(hub: &Hub, silence: Duration) -> (SocketId, UnixStream) {
    let (near, far) = UnixStream::pair().unwrap();
    let mut socket = Socket::new(Stream::Pipe(near));
    Arc::get_mut(&mut socket).unwrap().was_opened_before(silence);
    let id = socket.id;
    assert!(hub.registry().open(socket, [192, 0, 2, 1].into()));
    (id, far)
}

/// From now on the client is heard on the channel, and `member` is present there.
pub fn listen(hub: &Hub, id: SocketId, name: &str, member: Option<Member>) {
    hub.change(|registry| {
        registry.begin(id, name).unwrap();
        registry.activate(id, name, channel::object(name), member).unwrap();
    });
}

/// More waits for listeners than they take.
pub fn fill(hub: &Hub) {
    publish(hub, NOWHERE, &"x".repeat(MAX_PENDING));
}

pub fn publish(hub: &Hub, channel: &str, event: &str) {
    hub.publish([Publication::new(channel, &Frame::on_channel(channel, event, ()), None)]);
}

/// What comes up to the first frame with this event.
pub async fn heard_until(last: &str, far: &UnixStream) -> Vec<Frame> {
    let mut text = String::new();
    loop {
        timeout(TIMEOUT, far.readable()).await.expect("the last is heard").unwrap();
        let mut buffer = [0; 4096];
        // Some bytes between the frames are no text.
        text += &far.try_read(&mut buffer).map_or("".into(), |length| String::from_utf8_lossy(&buffer[..length]));
        let frame = |piece: &str| serde_json::Deserializer::from_str(piece).into_iter().next()?.ok();
        let frames: Vec<Frame> = text.match_indices("{\"event\"").filter_map(|(at, _)| frame(&text[at..])).collect();
        if frames.iter().any(|frame| frame.event == last) {
            return frames;
        }
    }
}

/// Whether the socket is ended with this code.
pub async fn ends_with(far: &mut UnixStream, code: u16) -> bool {
    let mut bytes = Vec::new();
    timeout(TIMEOUT, far.read_to_end(&mut bytes)).await.expect("the socket is ended").unwrap();
    bytes.ends_with(&code.to_be_bytes())
}

/// The names of events, without what all of the hub's own begin with.
pub fn events(frames: &[Frame]) -> Vec<&str> {
    frames.iter().map(|frame| frame.event.rsplit(':').next().unwrap_or_default()).collect()
}
