//! A small coherent world: an administrator, an owner, a member, a stranger, one without the role, and two rooms.

use std::sync::Arc;

use app::object::{After, Notice};
use app::people::store::{self as people, NewPerson};
use app::rooms::store as rooms;
use app::store::{APPLICATION, Access, Db, Tx, Viewer, access, notices, session_key};
use app::{messages, people::passwords::Passwords};
use server::config::{Config, Environment};
use server::keys::Keys;
use server::{AppState, run};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{OnceCell, oneshot};
use tokio::task::JoinHandle;

use crate::support::person::Person;

pub const PASSWORD: &str = "correct horse";
/// Rows kept in memory, where a test does not say otherwise.
pub const CACHE: usize = 1_000;

/// Where a test's data are. The folder goes when the test is done.
pub struct Database {
    pub url: String,
    pub folder: TempDir,
}

pub fn sqlite() -> Database {
    let folder = tempfile::tempdir().unwrap();
    Database { url: format!("sqlite://{}/earshot.db", folder.path().display()), folder }
}

/// A running server, empty.
pub struct Server {
    pub url: String,
    pub state: AppState,
    pub keys: Keys,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
    _folder: TempDir,
}

impl Server {
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, "http://127.0.0.1", CACHE).await
    }

    /// `url`: what the server believes its address to be; `cache`: how many rows it keeps in memory.
    pub async fn start_with(database: Database, url: &'static str, cache: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let keys = Keys::random();
        let config = Config {
            addr,
            database_url: database.url,
            cache,
            environment: Environment::Development,
            url: url.parse().unwrap(),
            keys: keys.clone(),
        };
        let state = AppState::new(config).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = run(listener, state.clone(), async { drop(stopped.await) });
        let running = tokio::spawn(async { serving.await.unwrap() });
        let url = format!("http://{addr}");
        Self { url, state, keys, stop: Some(stop), running: Some(running), _folder: database.folder }
    }

    pub fn db(&self) -> &Db {
        &self.state.db
    }

    /// Stops as on SIGTERM, and returns when all is done.
    pub async fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.running.take().unwrap().await.unwrap();
    }
}

/// A server with people in it.
pub struct World {
    pub server: Server,
    /// Administrator.
    pub ada: Person,
    /// Owner of both rooms.
    pub olga: Person,
    /// Member of the closed room.
    pub mia: Person,
    /// Signed in, and in nothing else.
    pub sam: Person,
    /// Member of the closed room, without the role `pusher_user`.
    pub nora: Person,
    /// Not signed in.
    pub anon: Person,
    pub open: i64,
    pub closed: i64,
    /// Mia's, one in each room.
    pub open_message: i64,
    pub closed_message: i64,
}

impl World {
    pub async fn new(database: Database) -> Self {
        let server = Server::start(database).await;
        let db = server.db();
        let hash = password_hash().await;
        let mut tx = db.begin("Ada").await.unwrap();
        let [ada, olga, mia, sam, nora] = [
            add(&mut tx, "Ada", hash, true).await,
            add(&mut tx, "Olga", hash, false).await,
            add(&mut tx, "Mia", hash, false).await,
            add(&mut tx, "Sam", hash, false).await,
            add(&mut tx, "Nora", hash, false).await,
        ];
        let administrator = Access::team_write(&ada).unwrap();
        people::set_pusher_user(&mut tx, &administrator, nora.id, false).await.unwrap();
        let open = rooms::create(&mut tx, &olga, "Lounge", false).await.unwrap();
        let closed = rooms::create(&mut tx, &olga, "Plans", true).await.unwrap();
        let access = Access::room_write(&mut tx, &olga, closed).await.unwrap();
        for person in [&mia, &nora] {
            rooms::add_member(&mut tx, &access, person.id).await.unwrap();
        }
        let open_message = say(&mut tx, &mia, open, "Said in the open").await;
        let closed_message = say(&mut tx, &mia, closed, "Said among us").await;
        tx.commit().await.unwrap();
        let url = server.url.clone();
        let act = async |viewer: &Viewer| Person::sign_in(&url, viewer.id, &viewer.name).await;
        let (ada, olga, mia, sam, nora) =
            (act(&ada).await, act(&olga).await, act(&mia).await, act(&sam).await, act(&nora).await);
        let anon = Person::anonymous(&url);
        Self { server, ada, olga, mia, sam, nora, anon, open, closed, open_message, closed_message }
    }

    pub fn db(&self) -> &Db {
        self.server.db()
    }

    pub async fn viewer(&self, person: &Person) -> Viewer {
        Viewer::on_behalf(self.db().read(), person.id).await.unwrap()
    }
}

async fn add(tx: &mut Tx, name: &str, hash: &str, admin: bool) -> Viewer {
    let new = NewPerson::check(name, &email(name)).unwrap();
    let id = people::add(tx, &new, hash, admin).await.unwrap();
    Viewer::on_behalf(tx.sql(), id).await.unwrap()
}

/// So many people more, signed in without the time that passwords take.
pub async fn crowd(db: &Db, url: &str, count: usize) -> Vec<Person> {
    let mut tx = db.begin(APPLICATION).await.unwrap();
    let mut people = Vec::new();
    for number in 0..count {
        let name = format!("Listener{number}");
        let id = add(&mut tx, &name, "no password", false).await.id;
        let cookie = tower_sessions::session::Id(rand::random()).to_string();
        sqlx::query("INSERT INTO sessions (key, user_id, data, expires) VALUES ($1, $2, $3, $4)")
            .bind(session_key(&cookie))
            .bind(id)
            .bind(format!("{{\"user_id\":{id}}}"))
            .bind(i64::MAX)
            .execute(tx.sql())
            .await
            .unwrap();
        people.push(Person::with_session(url, id, &name, &cookie));
    }
    tx.commit().await.unwrap();
    people
}

pub async fn say(tx: &mut Tx, viewer: &Viewer, room: i64, body: &str) -> i64 {
    let access = Access::room(&mut *tx, viewer, room).await.unwrap();
    messages::store::post(tx, &access, body, &uuid::Uuid::new_v4().to_string()).await.unwrap()
}

pub fn email(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase())
}

/// Everyone has the same password, hashed once.
async fn password_hash() -> &'static str {
    static HASH: OnceCell<String> = OnceCell::const_new();
    HASH.get_or_init(async || Passwords::new().unwrap().hash(PASSWORD.into()).await.unwrap()).await
}

/// A database without any server, for tests of the store.
pub async fn bare(database: &Database, notifier: Arc<dyn app::store::Notifier>) -> Db {
    let db = Db::open(&database.url, CACHE, notifier).await.unwrap();
    db.migrate().await.unwrap();
    db
}

/// What was said on an object after number `seq`, which is not too old.
pub async fn heard_after(db: &Db, access: &Access<access::Notices>, seq: i64) -> Vec<Notice> {
    match notices::after(db, access, seq).await.unwrap() {
        After::Notices(notices) => notices,
        After::TooOld { .. } => panic!("nothing is kept after {seq}"),
    }
}
