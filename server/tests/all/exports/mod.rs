//! Exports: made in the background, for their owner alone, whole, and over a restart of the server.

mod meanwhile;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::Arc;

use app::access::{Access, Held, Viewer};
use app::entities::{CREATED, EXPORT, PROGRESSED, USER};
use app::exports::store;
use app::messages::bulk::{self, Said};
use earshot_live::store::{APPLICATION, Db};
use earshot_live::timestamp::Timestamp;
use futures::StreamExt;
use object_store::ObjectStoreExt;
use serde_json::{Value, json};
use sqlx::query_scalar;
use zip::ZipArchive;

use crate::support::database::{Database, bare, heard_after};
use crate::support::person::Person;
use crate::support::process::Process;
use crate::support::socket::Socket;
use crate::support::timeout::until_some;
use crate::support::world::{World, crowd, new_room, picture};
use crate::support::{in_a_bucket, on_both};

on_both!(
    an_export_holds_everything_and_what_people_wrote_is_no_markup,
    each_step_is_committed_with_a_notice,
    an_export_is_its_owners_as_long_as_the_room_is_to_be_read,
    an_export_that_is_ordered_twice_is_one,
    an_export_that_cannot_be_made_says_why,
    an_export_goes_after_a_week_or_when_it_is_deleted_and_its_bytes_with_it,
    an_export_is_finished_after_the_server_was_killed,
    what_was_stored_for_nothing_is_cleared_away_and_no_archive_is,
);

in_a_bucket!(
    an_export_holds_everything_and_what_people_wrote_is_no_markup,
    an_export_that_cannot_be_made_says_why,
    an_export_goes_after_a_week_or_when_it_is_deleted_and_its_bytes_with_it,
);

const WEEK: i64 = 7 * 24 * 60 * 60 * 1_000_000;
const EVIL: &str = "<script>alert(1)</script>\"'&";

impl Person {
    async fn order(&self, room: i64) -> i64 {
        let answer = self.call("exports/order", &[("room", &room.to_string())]).await;
        answer.json().as_i64().unwrap_or_else(|| panic!("{answer:?}"))
    }

    async fn exports(&self) -> Vec<Value> {
        self.call("exports/list", &[]).await.json().as_array().unwrap().clone()
    }

    /// How the export stands, once it is as wanted.
    async fn until(&self, id: i64, wanted: impl Fn(&Value) -> bool) -> Value {
        let stands = async || {
            let answer = self.call_json("exports/reload", json!({ "ids": [id] })).await.json();
            Some(answer[0]["state"].clone()).filter(&wanted)
        };
        until_some(&format!("export {id} stands as wanted"), stands).await
    }

    /// Orders an export and returns its id when it is finished.
    async fn export(&self, room: i64) -> i64 {
        let id = self.order(room).await;
        self.until(id, |state| state["Finished"].is_object()).await;
        id
    }

    async fn download(&self, id: i64) -> BTreeMap<String, Vec<u8>> {
        let request = self.request(reqwest::Method::GET, &format!("/exports/{id}/download"));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut archive = ZipArchive::new(Cursor::new(answer.bytes().await.unwrap())).unwrap();
        let mut entries = BTreeMap::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            assert!(entry.enclosed_name().is_some(), "{:?} leads out of the archive", entry.name());
            assert!(entries.insert(entry.name().unwrap().into_owned(), bytes).is_none());
        }
        entries
    }
}

/// The messages in the JSON of an export.
fn messages(entries: &BTreeMap<String, Vec<u8>>) -> Vec<Value> {
    let all: Value = serde_json::from_slice(&entries["messages.json"]).unwrap();
    all["messages"].as_array().unwrap().clone()
}

/// So many messages more.
async fn talk(db: &Db, viewer: &Viewer, room: i64, count: usize) {
    let access = &Access::room(db, viewer, room).await.unwrap();
    let said = |number| Said {
        access,
        client_id: format!("talk-{number}"),
        body: format!("number {number}"),
        posted: Timestamp::now(),
    };
    let mut tx = db.begin(APPLICATION).await.unwrap();
    bulk::post_all(&mut tx, &(0..count).map(said).collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn an_export_holds_everything_and_what_people_wrote_is_no_markup(database: Database) {
    let world = World::new(database).await;
    let (mia, room) = (&world.mia, world.closed);
    world.olga.call("rooms/rename", &[("id", &room.to_string()), ("name", &format!("Plans {EVIL}"))]).await;
    let dot = picture(3, 2);
    let files = [
        mia.upload(room, "dot.png", dot.clone()).await.json(),
        mia.upload(room, &format!("../../a {EVIL}.svg"), "<svg/>").await.json(),
    ];
    let ids = files.clone().map(|file| file["id"].as_i64().unwrap());
    assert_eq!(mia.post_files(room, EVIL, &ids, "with files").await.status, 200);
    let export = mia.export(room).await;
    let entries = mia.download(export).await;

    let (picture, drawing) = (format!("files/{}-dot.png", ids[0]), format!("files/{}-script__'&.svg", ids[1]));
    assert_eq!(entries.keys().collect::<Vec<_>>(), [&picture, &drawing, "messages.html", "messages.json"]);
    assert_eq!((&entries[&picture], &*entries[&drawing]), (&dot, &b"<svg/>"[..]));
    let messages = messages(&entries);
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0]["body"], "Said among us");
    assert_eq!((&messages[1]["body"], &messages[1]["author"]["name"]), (&json!(EVIL), &json!("Mia")));
    assert_eq!(messages[1]["files"][0], json!({ "name": "dot.png", "size": dot.len(), "path": picture }));

    let html = String::from_utf8(entries["messages.html"].clone()).unwrap();
    assert!(html.contains("Said among us") && html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
    assert!(!html.contains("<script") && html.contains("script-src 'none'"), "{html}");
}

async fn each_step_is_committed_with_a_notice(database: Database) {
    let world = World::new(database).await;
    let mia = world.viewer(&world.mia).await;
    // With the one that is there already, three steps.
    talk(world.db(), &mia, world.closed, 249).await;
    let export = world.mia.export(world.closed).await;
    let object = EXPORT.object(export);
    let access = Access::notices(world.db(), &mia, object).await.unwrap();
    let notices = heard_after(world.db(), &access, 0).await;
    // Begun, three steps, done.
    assert_eq!(notices.iter().map(|notice| notice.action).collect::<Vec<_>>(), [PROGRESSED; 5]);
    let me = Access::notices(world.db(), &mia, USER.object(mia.id)).await.unwrap();
    let ordered = heard_after(world.db(), &me, 0).await.pop().unwrap();
    assert_eq!((ordered.action, ordered.reference.id), (CREATED, export));
    assert_eq!(messages(&world.mia.download(export).await).len(), 250);
    assert_eq!(world.mia.exports().await[0]["seq"], 5);
}

async fn an_export_is_its_owners_as_long_as_the_room_is_to_be_read(database: Database) {
    let world = World::new(database).await;
    let World { ada, olga, mia, sam, closed, .. } = &world;
    let export = mia.export(*closed).await;
    let download = format!("/exports/{export}/download");
    for person in [ada, olga, sam] {
        assert_eq!(person.get(&download).await.status, 404, "{}", person.name);
        assert!(person.exports().await.is_empty(), "{}", person.name);
        assert_eq!(person.call("exports/delete", &[("id", &export.to_string())]).await.status, 404);
    }
    assert_eq!((mia.get(&download).await.status.as_u16(), mia.exports().await.len()), (200, 1));
    let mut socket = Socket::listening(&world.server, mia, EXPORT.object(export)).await;
    let form = [("id", &*closed.to_string()), ("user", &*mia.id.to_string())];
    assert_eq!(olga.call("rooms/remove_member", &form).await.status, 200);
    // Whoever leaves the room is asked again about everything: no line about exports says so.
    let silenced = socket.frame().await;
    assert_eq!(silenced["event"], "pusher:subscription_error", "{silenced}");
    assert_eq!((mia.get(&download).await.status.as_u16(), mia.exports().await.len()), (404, 0));
    let viewer = world.viewer(mia).await;
    assert!(Access::notices(world.db(), &viewer, EXPORT.object(export)).await.is_err());
    assert_eq!(sam.call("exports/order", &[("room", &closed.to_string())]).await.status, 404);
}

async fn an_export_that_is_ordered_twice_is_one(database: Database) {
    let world = World::new(database).await;
    let mia = world.viewer(&world.mia).await;
    // Nobody has woken the worker.
    let order = async || {
        let mut tx = world.db().begin("Mia").await.unwrap();
        let access = Held::room(&mut tx, &mia, world.open).await.unwrap();
        let ordered = store::order(&mut tx, &access).await;
        tx.commit().await.unwrap();
        ordered
    };
    let first = order().await.unwrap();
    assert_eq!(order().await.unwrap(), first);
    world.server.state.exports.wake();
    world.mia.until(first, |state| state["Finished"].is_object()).await;
    for _ in 1..10 {
        world.mia.export(world.open).await;
    }
    assert!(order().await.unwrap_err().sentence.contains("delete one"));
    assert_eq!(world.mia.exports().await.len(), 10);
}

async fn an_export_that_cannot_be_made_says_why(database: Database) {
    let world = World::new(database).await;
    let (mia, room) = (&world.mia, world.closed);
    let file = mia.upload(room, "lost.txt", "x").await.json()["id"].as_i64().unwrap();
    mia.post_files(room, "", &[file], "lost").await;
    let bytes = world.server.state.config.files.open().unwrap();
    for found in bytes.list(None).collect::<Vec<_>>().await {
        bytes.delete(&found.unwrap().location).await.unwrap();
    }
    let export = mia.order(room).await;
    let state = mia.until(export, |state| state["Failed"].is_string()).await;
    assert!(state["Failed"].as_str().unwrap().contains("lost.txt"), "{state}");
    // The next one is made all the same.
    mia.export(world.open).await;
}

async fn an_export_goes_after_a_week_or_when_it_is_deleted_and_its_bytes_with_it(database: Database) {
    let world = World::new(database).await;
    let mia = &world.mia;
    let stored = async || {
        let state = &world.server.state;
        app::files::store::tidy(&state.db, &state.blobs, Timestamp::now()).await.unwrap();
        world.server.stored().await
    };
    let (deleted, kept) = (mia.export(world.open).await, mia.export(world.open).await);
    assert_eq!(stored().await, 2);
    assert_eq!(mia.call("exports/delete", &[("id", &deleted.to_string())]).await.status, 200);
    assert_eq!((stored().await, mia.exports().await.len()), (1, 1));
    store::tidy(world.db(), Timestamp::now()).await.unwrap();
    assert_eq!(mia.get(&format!("/exports/{kept}/download")).await.status, 200);
    store::tidy(world.db(), Timestamp(Timestamp::now().0 + WEEK)).await.unwrap();
    assert_eq!((stored().await, mia.exports().await.len()), (0, 0));
}

async fn what_was_stored_for_nothing_is_cleared_away_and_no_archive_is(database: Database) {
    let world = World::new(database).await;
    let db = world.db();
    let export = world.mia.export(world.open).await;
    let archive: String =
        query_scalar("SELECT key FROM exports WHERE id = $1").bind(export).fetch_one(db.read()).await.unwrap();
    for key in [&*archive, "orphan"] {
        store::let_go(db, key).await.unwrap();
    }
    let discarded: Vec<String> =
        query_scalar("SELECT key FROM discarded WHERE since = 0").fetch_all(db.read()).await.unwrap();
    assert_eq!(discarded, ["orphan"]);
    // One that another server has finished stays, whatever this one has found out.
    let (room_id, owner_id) = (world.open, world.mia.id);
    store::end(db, store::Job { id: export, owner_id, room_id }).await.unwrap();
    world.mia.download(export).await;
}

async fn an_export_is_finished_after_the_server_was_killed(database: Database) {
    const MESSAGES: usize = 3_000;
    let db = bare(&database, Arc::new(earshot_hub::Hub::default())).await;
    let mut process = Process::start(&database.url).await;
    let person = crowd(&db, &process.url, 1).await.remove(0);
    let viewer = Viewer::on_behalf(db.read(), person.id).await.unwrap();
    let mut tx = db.begin(APPLICATION).await.unwrap();
    let room = new_room(&mut tx, &viewer, "Long", false).await;
    tx.commit().await.unwrap();
    talk(&db, &viewer, room, MESSAGES).await;
    let export = until_some("an export is interrupted", async || {
        let export = person.order(room).await;
        let begun = |state: &Value| state["Finished"].is_object() || state["Running"]["done"].as_i64() > Some(0);
        person.until(export, begun).await;
        process.end().await;
        let unfinished = query_scalar("SELECT id FROM exports WHERE id = $1 AND finished IS NULL").bind(export);
        let unfinished = unfinished.fetch_optional(db.read()).await.unwrap();
        process.start_again().await;
        unfinished
    });
    let export: i64 = export.await;
    person.until(export, |state| state["Finished"].is_object()).await;
    let entries = person.download(export).await;
    let bodies: Vec<String> = messages(&entries).iter().map(|m| m["body"].as_str().unwrap().to_owned()).collect();
    assert_eq!(bodies, (0..MESSAGES).map(|number| format!("number {number}")).collect::<Vec<_>>());
}
