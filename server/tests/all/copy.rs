//! `earshot copy`: a team moves from one database to another, and finds everything there.

use std::process::{Output, Stdio};
use std::sync::Arc;

use app::people::passwords::Passwords;
use earshot_hub::Hub;
use earshot_live::store::{Db, Dialect};
use server::demo::large::{self, Size};
use sqlx::{AssertSqlSafe, query, query_scalar, raw_sql};
use tokio::process::Command;

use crate::support::database::{Database, bare};
use crate::support::person::{Answer, Person};
use crate::support::server::Server;
use crate::support::timeout::in_time;
use crate::support::world::{World, picture};
use crate::support::{self, on_both};

on_both!(
    the_copy_answers_as_the_original_did,
    what_was_interrupted_goes_on_and_ends_the_same,
    what_holds_something_else_is_left_alone,
    what_was_changed_after_it_was_copied_is_noticed,
    a_table_of_a_fork_is_copied_behind_those_to_which_it_refers,
    databases_of_different_tables_are_not_mixed,
);

/// An empty database of the other kind.
async fn other(database: &Database) -> Database {
    match Dialect::of(&database.url).unwrap() {
        Dialect::Sqlite => support::postgres::empty().await,
        Dialect::Postgres => support::sqlite::empty(),
    }
}

async fn copy(from: &str, to: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_earshot"));
    command.args(["copy", "--from", from, "--to", to]).stdout(Stdio::piped()).stderr(Stdio::piped());
    in_time("the copy ends", command.kill_on_drop(true).output()).await.unwrap()
}

async fn count(db: &Db, table: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    query_scalar(sql).fetch_one(db.read()).await.unwrap()
}

/// What each of them sees at `url`.
async fn seen(people: [&Person; 5], url: &str, room: i64) -> Vec<Answer> {
    let mut answers = Vec::new();
    for person in people {
        let person = person.at(url);
        answers.push(person.call("rooms/list", &[]).await);
        answers.push(person.call("messages/page", &[("room", &room.to_string())]).await);
        answers.push(person.call("search/messages", &[("q", "said")]).await);
        answers.push(person.call("inbox/unread", &[]).await);
        answers.push(person.call("exports/list", &[]).await);
        answers.push(person.catch_up([(format!("Room.{room}"), 0)]).await);
    }
    answers
}

async fn the_copy_answers_as_the_original_did(database: Database) {
    let (from, to) = (database.url.clone(), other(&database).await);
    let mut world = World::new(database).await;
    let (mia, sam, room) = (&world.mia, &world.sam, world.open);
    mia.post(room, "Said with *marks*, \u{1f955} and @Sam\n\n\\").await;
    let file = mia.upload(room, "sky.png", picture(30, 20)).await.json()["id"].as_i64().unwrap();
    mia.post_files(room, "", &[file], "with a file").await;
    let message = world.open_message.to_string();
    sam.call("reactions/toggle", &[("message", &message), ("emoji", "🎉")]).await;
    let gone = sam.call("rooms/create", &[("name", "Gone")]).await.json().as_i64().unwrap();
    assert_eq!(sam.call("rooms/delete", &[("id", &gone.to_string())]).await.status, 200);
    let people = [&world.ada, &world.olga, &world.mia, &world.sam, &world.nora];
    let before = seen(people, &world.server.url, room).await;
    assert!(before.iter().filter(|answer| answer.status == 200).count() > 25, "{before:?}");
    world.server.stop().await;

    let copied = copy(&from, &to.url).await;
    assert!(copied.status.success(), "{copied:?}");
    let server = Server::start(to).await;
    assert_eq!(seen([&world.ada, &world.olga, &world.mia, &world.sam, &world.nora], &server.url, room).await, before);
    let sam = world.sam.at(&server.url);
    let next = sam.call("rooms/create", &[("name", "Next")]).await.json().as_i64().unwrap();
    assert!(next > gone, "what was said of room {gone} is not said of another");
}

/// What lets the database take no more than some of the messages, and what ends that.
fn stop(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::Sqlite => (
            "CREATE TRIGGER stop BEFORE INSERT ON messages WHEN NEW.id > 3000 BEGIN SELECT RAISE(ABORT, 'stop'); END",
            "DROP TRIGGER stop",
        ),
        Dialect::Postgres => (
            "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''stop''; END';
             CREATE TRIGGER stop BEFORE INSERT ON messages FOR EACH ROW WHEN (NEW.id > 3000) EXECUTE FUNCTION stop()",
            "DROP TRIGGER stop ON messages; DROP FUNCTION stop()",
        ),
    }
}

async fn what_was_interrupted_goes_on_and_ends_the_same(database: Database) {
    const MESSAGES: usize = 3_500;
    let (db, to) = (bare(&database, Arc::new(Hub::default())).await, other(&database).await);
    let size = Size { messages: MESSAGES, rooms: 20, people: 20 };
    large::fill(&db, &Passwords::new().unwrap(), size).await.unwrap();
    let copied = bare(&to, Arc::new(Hub::default())).await;
    let (stop, go_on) = stop(copied.dialect());
    raw_sql(stop).execute(copied.read()).await.unwrap();
    assert!(!copy(&database.url, &to.url).await.status.success());
    raw_sql(go_on).execute(copied.read()).await.unwrap();
    let there = count(&copied, "messages").await;
    assert!((1..MESSAGES as i64).contains(&there), "interrupted in the middle: {there}");

    for _ in 0..2 {
        let output = copy(&database.url, &to.url).await;
        assert!(output.status.success(), "{output:?}");
        let told = String::from_utf8(output.stdout).unwrap();
        for table in ["messages", "objects", "notices", "join_links"] {
            assert!(told.contains(&format!("{table:<10} the same on both sides")), "{table}: {told}");
        }
        assert_eq!(count(&copied, "messages").await, MESSAGES as i64);
    }
}

async fn what_holds_something_else_is_left_alone(database: Database) {
    let (from, to) = (database.url.clone(), other(&database).await);
    let _world = World::new(database).await;
    let there = bare(&to, Arc::new(Hub::default())).await;
    query("INSERT INTO discarded (key, since) VALUES ('elsewhere', 0)").execute(there.read()).await.unwrap();
    let refused = copy(&from, &to.url).await;
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && told.contains("something else already, in discarded"), "{told}");
    assert_eq!((count(&there, "users").await, count(&there, "discarded").await), (0, 1));
}

async fn what_was_changed_after_it_was_copied_is_noticed(database: Database) {
    let to = other(&database).await;
    let from_url = database.url.clone();
    let mut world = World::new(database).await;
    world.server.stop().await;
    assert!(copy(&from_url, &to.url).await.status.success());
    let db = bare(&to, Arc::new(Hub::default())).await;
    query("UPDATE messages SET body = 'forged' WHERE id = $1")
        .bind(world.open_message)
        .execute(db.read())
        .await
        .unwrap();
    let refused = copy(&from_url, &to.url).await;
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && told.contains("something else already, in messages"), "{told}");
}

async fn a_table_of_a_fork_is_copied_behind_those_to_which_it_refers(database: Database) {
    // In the order of their names, the first refers to the second.
    const TABLES: &str = "CREATE TABLE polls (id BIGINT PRIMARY KEY, room_id BIGINT NOT NULL REFERENCES rooms (id));
         CREATE TABLE ballots (poll_id BIGINT NOT NULL REFERENCES polls (id), user_id BIGINT NOT NULL REFERENCES users (id),
             PRIMARY KEY (poll_id, user_id));";
    let (from, to) = (database.url.clone(), other(&database).await);
    let world = World::new(database).await;
    let there = bare(&to, Arc::new(Hub::default())).await;
    for db in [world.db(), &there] {
        raw_sql(TABLES).execute(db.read()).await.unwrap();
    }
    let rows =
        format!("INSERT INTO polls VALUES (7, {}); INSERT INTO ballots VALUES (7, {})", world.open, world.sam.id);
    raw_sql(AssertSqlSafe(rows)).execute(world.db().read()).await.unwrap();
    let output = copy(&from, &to.url).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!((count(&there, "polls").await, count(&there, "ballots").await), (1, 1));
}

async fn databases_of_different_tables_are_not_mixed(database: Database) {
    let (from, to) = (database.url.clone(), other(&database).await);
    let world = World::new(database).await;
    raw_sql("CREATE TABLE polls (id BIGINT PRIMARY KEY)").execute(world.db().read()).await.unwrap();
    let refused = copy(&from, &to.url).await;
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && told.contains("differ in their tables"), "{told}");
}
