//! A commit makes a notice: numbered without gaps, in commit order, never for what did not happen, never before it can be read.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use app::access::{Access, Viewer};
use app::entities::{POSTED, ROOM};
use app::messages::{self, Place};
use app::people::store::{self as people, NewPerson};
use earshot_live::object::{Notice, Object};
use earshot_live::store::{Db, Notifier, notices};
use futures::future::join_all;
use sqlx::query_scalar;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::support::database::{Database, bare, heard_after};
use crate::support::on_both;
use crate::support::page::Page;
use crate::support::socket::{Socket, data};
use crate::support::timeout::in_time;
use crate::support::world::{World, new_room, say};

on_both!(
    numbers_follow_the_commits_without_gaps,
    a_write_that_is_rolled_back_sends_nothing_and_uses_no_number,
    a_notice_is_never_heard_before_its_commit_can_be_read,
    posts_are_each_readable_when_they_are_heard,
    the_same_form_sent_twice_is_one_message,
    a_client_that_hangs_up_leaves_no_commit_without_its_notice,
);

/// Keeps what it is given.
#[derive(Default)]
struct Recorder(Mutex<Vec<Notice>>);

impl Notifier for Recorder {
    fn notify(&self, notices: &[Notice]) {
        self.0.lock().unwrap().extend_from_slice(notices);
    }
}

impl Recorder {
    fn seqs_of(&self, object: Object) -> Vec<i64> {
        let notices = self.0.lock().unwrap();
        notices.iter().filter(|notice| notice.object == object).map(|notice| notice.reference.seq).collect()
    }
}

async fn someone_in_a_room(db: &Db) -> (Viewer, i64) {
    let mut tx = db.begin("Ada").await.unwrap();
    let id = people::add(&mut tx, &NewPerson::check("Ada", "ada@example.org").unwrap(), "no hash", true).await.unwrap();
    let viewer = Viewer::on_behalf(tx.sql(), id).await.unwrap();
    let room = new_room(&mut tx, &viewer, "Lounge", false).await;
    tx.commit().await.unwrap();
    (viewer, room)
}

async fn numbers_follow_the_commits_without_gaps(database: Database) {
    const WRITERS: i64 = 8;
    const EACH: i64 = 25;
    let recorder = Arc::new(Recorder::default());
    let db = bare(&database, recorder.clone()).await;
    let (viewer, room) = someone_in_a_room(&db).await;
    let writers = (0..WRITERS).map(|_| {
        let (db, viewer) = (db.clone(), viewer.clone());
        tokio::spawn(async move {
            for _ in 0..EACH {
                let mut tx = db.begin("Ada").await.unwrap();
                say(&mut tx, &viewer, room, "hello").await;
                tx.commit().await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let heard = recorder.seqs_of(ROOM.object(room));
    assert_eq!(heard, (1..=WRITERS * EACH).collect::<Vec<_>>(), "they are handed over in the order of the commits");

    let access = Access::notices(&db, &viewer, ROOM.object(room)).await.unwrap();
    let stored = heard_after(&db, &access, 0).await;
    let stored: Vec<i64> = stored.iter().map(|notice| notice.reference.seq).collect();
    assert_eq!(stored, (1..=WRITERS * EACH).collect::<Vec<_>>());
    assert_eq!(notices::seq(&db, access.object()).await.unwrap(), WRITERS * EACH);
}

async fn a_write_that_is_rolled_back_sends_nothing_and_uses_no_number(database: Database) {
    let recorder = Arc::new(Recorder::default());
    let db = bare(&database, recorder.clone()).await;
    let (viewer, room) = someone_in_a_room(&db).await;
    let object = ROOM.object(room);

    let mut tx = db.begin("Ada").await.unwrap();
    let never = say(&mut tx, &viewer, room, "never said").await;
    drop(tx);
    assert!(recorder.seqs_of(object).is_empty());

    let mut tx = db.begin("Ada").await.unwrap();
    say(&mut tx, &viewer, room, "said").await;
    tx.commit().await.unwrap();
    assert_eq!(recorder.seqs_of(object), [1]);
    let access = Access::room(&db, &viewer, room).await.unwrap();
    let page = messages::store::page(&db, &access, Place::Newest).await.unwrap();
    let bodies: Vec<_> = page.messages.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, ["said"], "message {never} was rolled back");
}

/// Hands on each notice in the very moment it is given.
struct Forwarder(UnboundedSender<Notice>);

impl Notifier for Forwarder {
    fn notify(&self, notices: &[Notice]) {
        notices.iter().for_each(|notice| drop(self.0.send(notice.clone())));
    }
}

async fn a_notice_is_never_heard_before_its_commit_can_be_read(database: Database) {
    const WRITERS: usize = 4;
    const EACH: usize = 50;
    let (sender, mut heard) = unbounded_channel();
    let db = bare(&database, Arc::new(Forwarder(sender))).await;
    let (viewer, room) = someone_in_a_room(&db).await;
    let write = async || {
        for _ in 0..EACH {
            let mut tx = db.begin("Ada").await.unwrap();
            say(&mut tx, &viewer, room, "hello").await;
            tx.commit().await.unwrap();
        }
    };
    let listen = async {
        let access = Access::room(&db, &viewer, room).await.unwrap();
        let mut found = 0;
        while found < WRITERS * EACH {
            let notice = in_time("a notice is heard", heard.recv()).await.unwrap();
            if notice.action == POSTED {
                let read = messages::store::reload(&db, &access, &[notice.reference.id]).await.unwrap();
                assert_eq!(read.len(), 1, "notice {} was heard too early", notice.reference.seq);
                found += 1;
            }
        }
    };
    tokio::join!(listen, join_all((0..WRITERS).map(|_| write())));
}

/// The same from outside: a socket hears, and asks for the message over HTTP as it does.
async fn posts_are_each_readable_when_they_are_heard(database: Database) {
    const WRITERS: usize = 4;
    const EACH: usize = 50;
    let world = World::new(database).await;
    let (mia, olga, room) = (&world.mia, &world.olga, world.closed);
    let mut socket = Socket::listening(&world.server, mia, ROOM.object(room)).await;
    let write = async || {
        for _ in 0..EACH {
            olga.post(room, "said").await;
        }
    };
    let listen = async {
        for _ in 0..WRITERS * EACH {
            let id = data(&socket.frame().await)["id"].as_i64().unwrap();
            assert_eq!(mia.read(room, &[id]).await, ["said"], "message {id} was heard too early");
        }
    };
    tokio::join!(listen, join_all((0..WRITERS).map(|_| write())));
}

async fn the_same_form_sent_twice_is_one_message(database: Database) {
    let world = World::new(database).await;
    let form = [("room", &*world.open.to_string()), ("body", "once"), ("client_id", "one-form")];
    let first = world.mia.call("messages/post", &form).await.json();
    let second = world.mia.call("messages/post", &form).await.json();
    assert_eq!(first, second);
    let viewer = world.viewer(&world.mia).await;
    let access = Access::notices(world.db(), &viewer, ROOM.object(world.open)).await.unwrap();
    let notices = heard_after(world.db(), &access, 0).await;
    let of_first = notices.iter().filter(|notice| Some(notice.reference.id) == first.as_i64());
    assert_eq!(of_first.count(), 1);
}

async fn a_client_that_hangs_up_leaves_no_commit_without_its_notice(database: Database) {
    const POSTS: u32 = 100;
    let world = World::new(database).await;
    let page = Page::open(&world.mia, world.open).await;
    page.until_live().await;
    let said = async || -> i64 {
        let sql = query_scalar("SELECT COUNT(*) FROM messages WHERE room_id = $1").bind(world.open);
        sql.fetch_one(world.db().read()).await.unwrap()
    };
    let begun = Instant::now();
    world.olga.post(world.open, "said without haste").await;
    let (mut patience, mut before) = (begun.elapsed(), said().await);
    let (mut given_up, mut committed) = (0, 0);
    for number in 0..POSTS {
        let (client_id, room) = (number.to_string(), world.open.to_string());
        let form = [("room", &*room), ("body", "may or may not be said"), ("client_id", &*client_id)];
        let _ = tokio::time::timeout(patience, world.olga.call("messages/post", &form)).await;
        // Around the moment of the commit, however quick or slow this machine is.
        let now = said().await;
        if now > before {
            (patience, committed) = (patience.mul_f64(0.8), committed + 1);
        } else {
            (patience, given_up) = (patience.mul_f64(1.25), given_up + 1);
        }
        before = now;
    }
    assert!(given_up > 0 && committed > 0, "{given_up} posts were given up before the commit, {committed} after it");
    // No later notice is to give the page a hint: it hears of each by itself.
    page.until_fresh("after all of them").await;
}
