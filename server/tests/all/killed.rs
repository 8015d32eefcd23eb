//! The server is killed under load, again and again. What it had acknowledged is there once, and everyone catches up.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use app::access::Access;
use earshot_live::store::APPLICATION;
use sqlx::Row;

use crate::support::database::{Database, bare};
use crate::support::on_both;
use crate::support::page::Page;
use crate::support::person::Person;
use crate::support::process::Process;
use crate::support::timeout::{in_time, until};
use crate::support::world::{crowd, new_room, say};

on_both!(what_was_acknowledged_survives_twenty_kills);

const KILLS: usize = 20;
const POSTERS: usize = 3;
/// Posts between two kills.
const EACH: usize = 12;

/// Posts until told to stop, each message with one `client_id` until it is acknowledged. The ids by `client_id`.
async fn post(
    person: Person,
    room: i64,
    acknowledged: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
) -> HashMap<String, i64> {
    let mut posted = HashMap::new();
    while !stop.load(SeqCst) {
        let client_id = uuid::Uuid::new_v4().to_string();
        let form = [("room", &*room.to_string()), ("body", &*client_id), ("client_id", &*client_id)];
        let id = person.until_acknowledged("messages/post", &form).await.json().as_i64().unwrap();
        posted.insert(client_id, id);
        acknowledged.fetch_add(1, SeqCst);
    }
    posted
}

async fn what_was_acknowledged_survives_twenty_kills(database: Database) {
    let db = bare(&database, Arc::new(earshot_hub::Hub::default())).await;
    let mut process = Process::start(&database.url).await;
    let people = crowd(&db, &process.url, POSTERS).await;
    let room = {
        let viewer = app::access::Viewer::on_behalf(db.read(), people[0].id).await.unwrap();
        let mut tx = db.begin(APPLICATION).await.unwrap();
        let room = new_room(&mut tx, &viewer, "Under fire", false).await;
        say(&mut tx, &viewer, room, "before").await;
        tx.commit().await.unwrap();
        room
    };
    let mut pages = Vec::new();
    for person in &people {
        pages.push(Page::open(person, room).await);
    }
    let (acknowledged, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let posters = people.iter().map(|p| tokio::spawn(post(p.clone(), room, acknowledged.clone(), stop.clone())));
    let posters: Vec<_> = posters.collect();
    for kill in 1..=KILLS {
        let enough = async || acknowledged.load(SeqCst) >= kill * EACH;
        until(&format!("posts are acknowledged after kill {}", kill - 1), enough).await;
        process.kill().await;
    }
    stop.store(true, SeqCst);
    let mut posted = HashMap::new();
    for poster in posters {
        posted.extend(in_time("a poster is done", poster).await.unwrap());
    }
    let rows = sqlx::query("SELECT id, client_id FROM messages WHERE room_id = $1 AND body = client_id");
    let rows = rows.bind(room).fetch_all(db.read()).await.unwrap();
    let stored: HashMap<String, i64> = rows.iter().map(|row| (row.get("client_id"), row.get("id"))).collect();
    assert_eq!((rows.len(), &stored), (posted.len(), &posted), "each message once, and no other");
    for page in &pages {
        page.wake();
        page.until_fresh("after the last kill").await;
    }
    let viewer = app::access::Viewer::on_behalf(db.read(), people[0].id).await.unwrap();
    let access = Access::room(&db, &viewer, room).await.unwrap();
    let seqs: Vec<i64> = sqlx::query_scalar("SELECT seq FROM notices WHERE object = $1 ORDER BY seq")
        .bind(access.object().to_string())
        .fetch_all(db.read())
        .await
        .unwrap();
    assert_eq!(seqs, (1..=rows.len() as i64 + 1).collect::<Vec<_>>(), "one notice for each message, without gaps");
}
