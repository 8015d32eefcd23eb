//! A thousand people, each with the page of the same room open.

use app::access::Viewer;
use earshot_live::store::{APPLICATION, Db};
use futures::future::join_all;
use futures::{StreamExt, stream};

use crate::support::page::Page;
use crate::support::person::Person;
use crate::support::world::{crowd, new_room};

pub const LISTENERS: usize = 1_000;
/// Rows that are kept in memory for them: a session, an account and a place in the room each, and some messages.
pub const ROWS: usize = 20_000;

/// Files that may be open for each: both ends of a socket and of a request, and some to spare.
const FILES: u64 = 5;

pub struct Audience {
    pub pages: Vec<Page>,
    pub room: i64,
    /// The room's owner, and the first of the listeners.
    pub speaker: Person,
}

/// Has the system let this process open as many files as all of them take.
fn make_room() {
    let needed = FILES * LISTENERS as u64;
    let allowed = rlimit::increase_nofile_limit(needed).unwrap();
    assert!(
        allowed >= needed,
        "a thousand listeners take {needed} open files, and this system allows {allowed}: see ulimit -n"
    );
}

impl Audience {
    /// Signs everyone in, opens the pages, and returns when all are heard on. `url`: the server; `db`: its database.
    pub async fn gather(db: &Db, url: &str) -> Self {
        make_room();
        let people = crowd(db, url, LISTENERS).await;
        let owner = Viewer::on_behalf(db.read(), people[0].id).await.unwrap();
        let mut tx = db.begin(APPLICATION).await.unwrap();
        let room = new_room(&mut tx, &owner, "Hall", false).await;
        tx.commit().await.unwrap();
        let pages = stream::iter(&people).map(|person| Page::open(person, room)).buffered(20).collect().await;
        let audience = Self { pages, room, speaker: people[0].clone() };
        // The first may still arrive by catching up; the second is heard.
        for body in ["Is this on?", "It is."] {
            audience.until_all_have(audience.speaker.post(room, body).await).await;
        }
        audience
    }

    /// Waits until each page shows the message.
    pub async fn until_all_have(&self, message: i64) {
        join_all(self.pages.iter().map(|page| page.until_has(message))).await;
    }
}
