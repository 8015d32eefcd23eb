//! People who each have a closed room of their own, and look at every kind of page.

use std::collections::BTreeSet;

use app::store::{APPLICATION, Db, Viewer};
use futures::future::join_all;

use crate::support::person::Person;
use crate::support::world::{crowd, new_room, say};

/// What begins a word that only one reader may see.
const SECRET: &str = "secretof";

pub struct Reader {
    person: Person,
    room: i64,
    /// In the name of the reader's room, and in what was said there.
    secret: String,
}

/// A kind of page, as one reader finds it.
pub struct Kind {
    path: String,
    title: String,
    heading: String,
}

/// So many readers, added to the database and signed in at `url`.
pub async fn readers(db: &Db, url: &str, count: usize) -> Vec<Reader> {
    let people = crowd(db, url, count).await;
    let mut tx = db.begin(APPLICATION).await.unwrap();
    let mut readers = Vec::new();
    for person in people {
        let viewer = Viewer::on_behalf(tx.sql(), person.id).await.unwrap();
        let secret = format!("{SECRET}{}", person.id);
        let room = new_room(&mut tx, &viewer, &format!("Room {secret}"), true).await;
        say(&mut tx, &viewer, room, &format!("Said about {secret}")).await;
        readers.push(Reader { person, room, secret });
    }
    tx.commit().await.unwrap();
    readers
}

impl Reader {
    pub fn kinds(&self) -> Vec<Kind> {
        let (room, secret, name) = (self.room, &self.secret, &self.person.name);
        let named = format!("Room {secret}");
        let kind =
            |path: String, title: &str, heading: &str| Kind { path, title: title.into(), heading: heading.into() };
        vec![
            kind(format!("/rooms/{room}"), &named, &named),
            kind(format!("/rooms/{room}/settings"), "Room settings", "Room settings"),
            kind("/rooms".into(), "Rooms", "Rooms"),
            kind("/rooms/new".into(), "New room", "New room"),
            kind("/rooms/direct/new".into(), "New message", "New message"),
            kind("/inbox".into(), "Inbox", "Inbox"),
            kind("/exports".into(), "Your exports", "Your exports"),
            kind(format!("/search?q={secret}"), "Search", "Search"),
            kind("/people".into(), "Not allowed", "Not allowed"),
            kind(format!("/people/{}", self.person.id), name, name),
            kind("/me".into(), "Your account", "Your account"),
        ]
    }

    /// Looks at a page so many times, and insists that it is this reader's each time.
    pub async fn look(&self, kind: &Kind, times: usize) {
        for _ in 0..times {
            let answer = self.person.get(&kind.path).await;
            let (page, what) = (answer.html(), format!("{} for {}", kind.path, self.person.name));
            assert_eq!(text_in(&page, "title").as_deref(), Some(&*format!("{} · Earshot", kind.title)), "{what}");
            assert_eq!(text_in(&page, "h1").as_deref(), Some(&*kind.heading), "{what}");
            assert_eq!(secrets(&page), BTreeSet::from([&*self.secret]), "{what}");
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
