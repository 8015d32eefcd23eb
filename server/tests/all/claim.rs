//! A SQLite file is one process's.

use std::os::unix::fs::symlink;
use std::process::Output;
use std::sync::Arc;

use app::database;
use earshot_hub::Hub;
use tokio::process::Command;

use crate::support::database::{CACHE, Database, sqlite};
use crate::support::process::Process;
use crate::support::timeout::in_time;

async fn earshot(database: &Database, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_earshot"));
    command.args(arguments).env("DATABASE_URL", &database.url).env("EARSHOT_ENV", "development");
    command.env("EARSHOT_FILES", database.folder.path().join("files")).env("EARSHOT_ADDR", "127.0.0.1:0");
    in_time("it ends by itself", command.kill_on_drop(true).output()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_refused_with_a_sentence_until_the_first_has_ended() {
    let database = sqlite();
    let mut first = Process::start(&database.url).await;
    let other = database.url.replace("earshot.db", "other.db");
    let add: &[&str] = &["user", "add", "--name", "Ada", "--email", "ada@example.org"];
    let copy: &[&str] = &["copy", "--from", &database.url, "--to", &other];
    for arguments in [&["serve"], &["migrate"], &["demo"], add, copy] {
        let refused = earshot(&database, arguments).await;
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && said.contains("one at a time"), "{arguments:?}: {said}");
    }
    let checked = earshot(&database, &["check"]).await;
    assert!(checked.status.success(), "{checked:?}");
    first.end().await;
    let added = earshot(&database, add).await;
    assert!(added.status.success(), "{added:?}");
    let db = database::open(&database.url, CACHE, Arc::new(Hub::default())).await.unwrap();
    let rooms: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM rooms").fetch_one(db.read()).await.unwrap();
    assert_eq!(rooms, 1, "the first person finds a room");
    db.close().await;
    first.start_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_names_of_one_file_are_one_claim() {
    let folder = tempfile::tempdir().unwrap();
    let [url, linked] = ["earshot.db", "linked.db"].map(|file| format!("sqlite://{}/{file}", folder.path().display()));
    // There is nothing at its end before the first process makes it.
    symlink("earshot.db", folder.path().join("linked.db")).unwrap();
    let mut first = Process::start(&linked).await;
    let mut database = Database { url: format!("{url}?mode=rwc"), folder, bucket: None };
    for _ in 0..2 {
        let refused = earshot(&database, &["migrate"]).await;
        assert!(String::from_utf8_lossy(&refused.stderr).contains("one at a time"), "{refused:?}");
        database.url.clone_from(&url);
    }
    first.end().await;
    assert!(earshot(&database, &["migrate"]).await.status.success());
}
