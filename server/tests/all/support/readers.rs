//! People who each have a closed room of their own, and look at every kind of page.

use std::collections::BTreeSet;

use app::access::{Access, Held, Viewer};
use app::join_link::store as join_link;
use app::rooms::store as rooms;
use earshot_live::store::{APPLICATION, Db, Tx};
use futures::future::join_all;

use crate::support::person::Person;
use crate::support::world::{crowd, new_room, say};

/// What begins a word that only one reader may see.
const SECRET: &str = "secretof";

/// The first is an administrator, who sees what the others may see; every third owns nothing and is a member of the room.
pub struct Reader {
    person: Person,
    /// The same browser, signed out.
    out: Person,
    admin: bool,
    room: i64,
    /// What the reader said there, and said last.
    messages: [i64; 2],
    /// In the name of the reader's room, and in what was said there.
    secret: String,
    /// Somebody else.
    other: (i64, String),
    /// The join link's token.
    join: String,
}

/// A kind of page, as one reader finds it.
pub struct Kind {
    path: String,
    status: u16,
    title: String,
    heading: String,
    /// What the page is known by, if another one has the same heading.
    also: &'static str,
    /// Whose page it is: the reader's, with their secret in it; everyone's, or that of whoever is signed out.
    whose: Whose,
}

#[derive(Clone, Copy, PartialEq)]
enum Whose {
    Reader,
    Everyone,
    SignedOut,
}

/// So many readers, added to the database and signed in at `url`.
pub async fn readers(db: &Db, url: &str, count: usize) -> Vec<Reader> {
    let mut people = crowd(db, url, count + 1).await;
    let keeper = people.pop().unwrap();
    let mut tx = db.begin(APPLICATION).await.unwrap();
    sqlx::query("UPDATE users SET admin = 1 WHERE id = $1").bind(people[0].id).execute(tx.sql()).await.unwrap();
    tx.commit().await.unwrap();
    let admin = Viewer::on_behalf(db.read(), people[0].id).await.unwrap();
    let join = join_link::token(db, &Access::team_write(&admin).unwrap()).await.unwrap();
    let keeper = Viewer::on_behalf(db.read(), keeper.id).await.unwrap();
    let mut tx = db.begin(APPLICATION).await.unwrap();
    let mut readers = Vec::new();
    for (number, person) in people.into_iter().enumerate() {
        let viewer = Viewer::on_behalf(tx.sql(), person.id).await.unwrap();
        let secret = format!("{SECRET}{}", person.id);
        let room = room_of(&mut tx, if number % 3 == 2 { &keeper } else { &viewer }, &viewer, &secret).await;
        let mut messages = [0; 2];
        for message in &mut messages {
            *message = say(&mut tx, &viewer, room, &format!("Said about {secret}")).await;
        }
        let (out, other) = (Person::anonymous(url), (keeper.id, keeper.name.clone()));
        readers.push(Reader { person, out, admin: number == 0, room, messages, secret, other, join: join.clone() });
    }
    tx.commit().await.unwrap();
    readers
}

/// A closed room with the secret in its name.
async fn room_of(tx: &mut Tx, owner: &Viewer, member: &Viewer, secret: &str) -> i64 {
    let room = new_room(tx, owner, &format!("Room {secret}"), true).await;
    if member.id != owner.id {
        let access = Held::room_write(tx, owner, room).await.unwrap();
        rooms::add_member(tx, &access, member.id).await.unwrap();
    }
    room
}

impl Kind {
    fn new(path: impl Into<String>, status: u16, title: &str, heading: &str, whose: Whose) -> Self {
        Self { path: path.into(), status, title: title.into(), heading: heading.into(), also: "", whose }
    }
}

impl Reader {
    pub fn kinds(&self) -> Vec<Kind> {
        let (room, [first, last], secret, name) = (self.room, self.messages, &self.secret, &self.person.name);
        let (other, others_name) = &self.other;
        let named = format!("Room {secret}");
        let own = |path: String, heading: &str| Kind::new(path, 200, heading, heading, Whose::Reader);
        let at = |place: String, also| Kind { also, ..own(format!("/rooms/{room}?{place}"), &named) };
        let of_admins = |path: &str, heading: &str| {
            let (status, heading) = if self.admin { (200, heading) } else { (403, "Not allowed") };
            Kind::new(path, status, heading, heading, Whose::Reader)
        };
        let door = |path: &str, title: &str, heading: &str| Kind::new(path, 200, title, heading, Whose::SignedOut);
        vec![
            own(format!("/rooms/{room}"), &named),
            at(format!("edit={last}"), "aria-label=\"New text\""),
            at(format!("reply={first}"), ">Answering<"),
            at(format!("at={first}"), "Said about"),
            at(format!("before={last}"), "Newer messages"),
            own(format!("/rooms/{room}/settings"), "Room settings"),
            own("/rooms".into(), "Rooms"),
            own("/rooms/new".into(), "New room"),
            own("/rooms/direct/new".into(), "New message"),
            own("/inbox".into(), "Inbox"),
            own("/exports".into(), "Your exports"),
            own(format!("/search?q={secret}"), "Search"),
            of_admins("/people", "People"),
            of_admins("/invite", "Invite your team"),
            own(format!("/people/{}", self.person.id), name),
            own(format!("/people/{other}"), others_name),
            own("/me".into(), "Your account"),
            Kind::new("/rooms/0", 404, "Not found", "Not found", Whose::Reader),
            Kind::new("/nothing", 404, "Not found", "Not found", Whose::Everyone),
            door("/sign-in", "Sign in", "Earshot"),
            door(&format!("/join/{}", self.join), "Sign up", "Earshot"),
            door("/forgot", "Forgot your password?", "Forgot your password?"),
        ]
    }

    /// Looks at a page so many times, and insists that it is this reader's each time.
    pub async fn look(&self, kind: &Kind, times: usize) {
        let asks = if kind.whose == Whose::SignedOut { &self.out } else { &self.person };
        for _ in 0..times {
            let answer = asks.get(&kind.path).await;
            let (page, what) = (answer.html(), format!("{} for {}", kind.path, self.person.name));
            assert_eq!(answer.status, kind.status, "{what}");
            assert_eq!(text_in(&page, "title").as_deref(), Some(&*format!("{} · Earshot", kind.title)), "{what}");
            assert_eq!(text_in(&page, "h1").as_deref(), Some(&*kind.heading), "{what}");
            assert!(page.contains(kind.also), "{what}: {page}");
            let mut seen = secrets(&page);
            assert_eq!(seen.remove(&*self.secret), kind.whose == Whose::Reader, "{what}");
            assert!(seen.is_empty() || self.admin, "{what}: {seen:?}");
        }
    }
}

/// All of them look at the same kind of page at the same time, one kind after the other, so many times each.
pub async fn all_look(readers: &[Reader], times: usize) {
    for number in 0..readers[0].kinds().len() {
        join_all(readers.iter().map(async |reader| reader.look(&reader.kinds()[number], times).await)).await;
    }
}

/// The text of the page's first element of this name.
fn text_in(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("<{name}"))?;
    let (_, rest) = rest.split_once('>')?;
    Some(rest.split_once('<')?.0.to_owned())
}

fn secrets(page: &str) -> BTreeSet<&str> {
    let words = page.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| word.starts_with(SECRET)).collect()
}
