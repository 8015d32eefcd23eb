//! A small coherent world: an administrator, an owner, a member, a stranger, one without the role, and two rooms.

use app::access::{Access, Held, Viewer, session_key};
use app::accounts::store as accounts;
use app::join_link;
use app::people::store::{self as people, NewPerson};
use app::rooms::store as rooms;
use app::{messages, people::passwords::Passwords};
use earshot_live::store::{APPLICATION, Db, Tx};
use earshot_live::timestamp::Timestamp;
use tokio::sync::OnceCell;

use crate::support::database::Database;
use crate::support::person::Person;
use crate::support::server::Server;

pub const PASSWORD: &str = "correct horse";
/// Microseconds for which people of a test stay signed in.
const LIFETIME: i64 = 24 * 60 * 60 * 1_000_000;

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
        Self::of(Server::start(database).await).await
    }

    /// The same people and rooms, under the same ids, on any server that is empty.
    pub async fn of(server: Server) -> Self {
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
        let administrator = Held::team_write(&mut tx, &ada).await.unwrap();
        accounts::set_pusher_user(&mut tx, &administrator, nora.id, false).await.unwrap();
        let open = new_room(&mut tx, &olga, "Lounge", false).await;
        let closed = new_room(&mut tx, &olga, "Plans", true).await;
        let access = Held::room_write(&mut tx, &olga, closed).await.unwrap();
        for person in [&mia, &nora] {
            rooms::add_member(&mut tx, &access, person.id).await.unwrap();
        }
        let open_message = say(&mut tx, &mia, open, "Said in the open").await;
        let closed_message = say(&mut tx, &mia, closed, "Said among us").await;
        let url = &*server.url;
        let [ada, olga, mia, sam, nora] = [
            signed_in(&mut tx, url, &ada).await.0,
            signed_in(&mut tx, url, &olga).await.0,
            signed_in(&mut tx, url, &mia).await.0,
            signed_in(&mut tx, url, &sam).await.0,
            signed_in(&mut tx, url, &nora).await.0,
        ];
        tx.commit().await.unwrap();
        let anon = Person::anonymous(url);
        Self { server, ada, olga, mia, sam, nora, anon, open, closed, open_message, closed_message }
    }

    pub fn db(&self) -> &Db {
        self.server.db()
    }

    /// The join link's token.
    pub async fn join_token(&self) -> String {
        let ada = self.viewer(&self.ada).await;
        join_link::store::token(self.db(), &Access::team_write(&ada).unwrap()).await.unwrap()
    }

    /// Has `person` say all of it, in one transaction, and returns the ids.
    pub async fn talk(&self, person: &Person, room: i64, said: impl IntoIterator<Item = String>) -> Vec<i64> {
        let viewer = self.viewer(person).await;
        let mut tx = self.db().begin(&*person.name).await.unwrap();
        let mut ids = Vec::new();
        for body in said {
            ids.push(say(&mut tx, &viewer, room, &body).await);
        }
        tx.commit().await.unwrap();
        ids
    }

    /// The same person in another browser, and the id of that session.
    pub async fn elsewhere(&self, person: &Person) -> (Person, i64) {
        let viewer = self.viewer(person).await;
        let mut tx = self.db().begin(APPLICATION).await.unwrap();
        let elsewhere = signed_in(&mut tx, &self.server.url, &viewer).await;
        tx.commit().await.unwrap();
        elsewhere
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

/// So many people more, signed in.
pub async fn crowd(db: &Db, url: &str, count: usize) -> Vec<Person> {
    let mut tx = db.begin(APPLICATION).await.unwrap();
    let mut people = Vec::new();
    for number in 0..count {
        let name = format!("Listener{number}");
        let viewer = add(&mut tx, &name, "no password", false).await;
        people.push(signed_in(&mut tx, url, &viewer).await.0);
    }
    tx.commit().await.unwrap();
    people
}

/// The person with a session, without the time that a password takes, and the id of the session.
async fn signed_in(tx: &mut Tx, url: &str, viewer: &Viewer) -> (Person, i64) {
    let cookie = tower_sessions::session::Id(rand::random()).to_string();
    // Used a moment ago: what is counted is not to count the noting of it.
    let session = sqlx::query_scalar(
        "INSERT INTO sessions (key, user_id, data, expires, used) VALUES ($1, $2, $3, $4, $5) RETURNING id",
    )
    .bind(session_key(&cookie))
    .bind(viewer.id)
    .bind(format!("{{\"user_id\":{}}}", viewer.id))
    .bind(Timestamp::now().0 + LIFETIME)
    .bind(Timestamp::now().0)
    .fetch_one(tx.sql())
    .await
    .unwrap();
    (Person::with_session(url, viewer.id, &viewer.name, &cookie), session)
}

/// A new room of the viewer's.
pub async fn new_room(tx: &mut Tx, viewer: &Viewer, name: &str, closed: bool) -> i64 {
    let team = Held::team(tx, viewer).await.unwrap();
    rooms::create(tx, &team, name, closed, None).await.unwrap()
}

pub async fn say(tx: &mut Tx, viewer: &Viewer, room: i64, body: &str) -> i64 {
    let access = Held::room(tx, viewer, room).await.unwrap();
    let client_id = uuid::Uuid::new_v4().to_string();
    let new = messages::NewMessage { body, client_id: &client_id, ..Default::default() };
    messages::store::post(tx, &access, new).await.unwrap()
}

/// A PNG of so many pixels.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

pub fn email(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase())
}

/// Everyone has the same password, hashed once.
async fn password_hash() -> &'static str {
    static HASH: OnceCell<String> = OnceCell::const_new();
    HASH.get_or_init(async || Passwords::new().unwrap().hash(PASSWORD.into()).await.unwrap()).await
}
