//! What happens to an export while the database is busy, or what it exports goes.

use earshot_live::store::Db;
use sqlx::{AssertSqlSafe, query};

use crate::exports::messages;
use crate::support::postgres as machine;
use crate::support::world::World;

/// Has PostgreSQL do `what` whenever somebody asks whose a file is, before it answers.
async fn at_the_question_whose_a_file_is(db: &Db, what: &str) {
    // What is stable is left out where nobody asks for it.
    const ASKED: &str = "CREATE FUNCTION asked(file BIGINT, uploader BIGINT) RETURNS BIGINT STABLE LANGUAGE plpgsql AS
         $$ BEGIN PERFORM meanwhile(file); RETURN uploader; END $$";
    let meanwhile =
        format!("CREATE FUNCTION meanwhile(file BIGINT) RETURNS void LANGUAGE plpgsql AS $$ BEGIN {what} END $$");
    let columns = "id, room_id, asked(id, uploader_id) AS uploader_id, message_id, place, key, name, media_type, size,
         width, height, created";
    for sql in [
        "CREATE SEQUENCE questions".into(),
        "ALTER TABLE files RENAME TO all_files".into(),
        meanwhile,
        ASKED.into(),
        format!("CREATE VIEW files AS SELECT {columns} FROM all_files"),
    ] {
        query(AssertSqlSafe(sql)).execute(db.read()).await.unwrap();
    }
}

/// A world in which Mia has posted a file, and its name in an export.
async fn with_a_file() -> (World, String) {
    let world = World::new(machine::database().await).await;
    let file = world.mia.upload(world.open, "plan.txt", "the plan").await.json()["id"].as_i64().unwrap();
    assert_eq!(world.mia.post_files(world.open, "", &[file], "plan").await.status, 200);
    (world, format!("files/{file}-plan.txt"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_waits_for_a_busy_database_and_lacks_nothing() {
    let (world, name) = with_a_file().await;
    let busy = "IF nextval('questions') = 1 THEN RAISE 'busy' USING ERRCODE = 'lock_not_available'; END IF;";
    at_the_question_whose_a_file_is(world.db(), busy).await;
    let export = world.mia.order(world.open).await;
    world.mia.until(export, |state| state["Finished"].is_object() || state["Failed"].is_string()).await;
    assert_eq!(world.mia.download(export).await[&name], b"the plan");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_cannot_be_made_now_keeps_no_other_waiting() {
    let (world, _) = with_a_file().await;
    at_the_question_whose_a_file_is(world.db(), "RAISE 'busy' USING ERRCODE = 'lock_not_available';").await;
    let busy = world.mia.order(world.open).await;
    world.mia.export(world.closed).await;
    let stands = world.mia.until(busy, |_| true).await;
    assert!(stands["Finished"].is_null() && stands["Failed"].is_null(), "{stands}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_goes_while_it_is_exported_takes_nothing_else_along() {
    let (world, name) = with_a_file().await;
    at_the_question_whose_a_file_is(world.db(), "DELETE FROM all_files WHERE id = file;").await;
    let export = world.mia.export(world.open).await;
    let entries = world.mia.download(export).await;
    assert!(!entries.contains_key(&name) && messages(&entries).len() == 2, "{:?}", entries.keys());
}
