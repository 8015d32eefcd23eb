//! The disk is full, and then it is not.

use std::process::Stdio;

use earshot_live::store::APPLICATION;
use reqwest::StatusCode;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::support::database::{CACHE, bare, sqlite};
use crate::support::person::{Answer, Person};
use crate::support::postgres;
use crate::support::process::Process;
use crate::support::timeout::in_time;
use crate::support::world::{World, crowd, new_room};

/// Bytes of a post.
const LARGE: usize = 8_000;

/// No file of the process may grow beyond so many bytes, as on a disk that has no more.
async fn limit(process: &Process, bytes: &str) {
    let limit = format!("--fsize={bytes}:unlimited");
    let limited = Command::new("prlimit").args(["--pid", &process.pid().to_string(), &limit]).status().await.unwrap();
    assert!(limited.success());
}

async fn post(person: &Person, room: i64, number: usize) -> Answer {
    let (room, body, client_id) = (room.to_string(), "x".repeat(LARGE), format!("post-{number}"));
    person.call("messages/post", &[("room", &room), ("body", &body), ("client_id", &client_id)]).await
}

/// Nothing of a test may fill the disk on which PostgreSQL is: a trigger says what PostgreSQL would.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_as_such_on_postgresql_too() {
    let world = World::new(postgres::database().await).await;
    for sql in [
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN RAISE EXCEPTION USING ERRCODE = ''disk_full''; END'",
        "CREATE TRIGGER full_disk BEFORE INSERT ON messages EXECUTE FUNCTION full_disk()",
    ] {
        sqlx::query(sql).execute(world.db().read()).await.unwrap();
    }
    let answer = post(&world.mia, world.open, 0).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.sentence().contains("disk is full"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_full_disk_all_goes_on_without_another_start() {
    let database = sqlite();
    let db = bare(&database, std::sync::Arc::new(earshot_hub::Hub::default())).await;
    let mut process = Process::start_under("trap '' XFSZ; exec \"$@\"", &database.url, CACHE).await;
    let person = crowd(&db, &process.url, 1).await.remove(0);
    let viewer = app::access::Viewer::on_behalf(db.read(), person.id).await.unwrap();
    let mut tx = db.begin(APPLICATION).await.unwrap();
    let room = new_room(&mut tx, &viewer, "Lounge", false).await;
    tx.commit().await.unwrap();
    assert_eq!(post(&person, room, 0).await.status, StatusCode::OK);

    let written = std::fs::metadata(database.url.replace("sqlite://", "") + "-wal").unwrap().len();
    limit(&process, &(written + 10 * LARGE as u64).to_string()).await;
    let mut refused = Vec::new();
    for number in 1..100 {
        let answer = post(&person, room, number).await;
        if answer.status != StatusCode::OK {
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(answer.sentence().contains("disk is full"), "{answer:?}");
            person.get("/up").await;
            refused.push(number);
        }
        if refused.len() == 12 {
            break;
        }
    }
    assert_eq!(refused.len(), 12);
    assert_eq!(person.get("/up").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(person.call("people/me", &[]).await.status, StatusCode::OK, "reading goes on");

    limit(&process, "unlimited").await;
    for number in refused {
        assert_eq!(post(&person, room, number).await.status, StatusCode::OK);
    }
    assert_eq!(person.get("/up").await.status, StatusCode::OK);
    process.end().await;
    // Until here: with the last connection to it the log that grows would go, and make space.
    db.close().await;
}

#[tokio::test]
async fn a_first_start_on_a_full_disk_is_followed_by_another() {
    let database = sqlite();
    let start = |limit: &str| {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            &format!("ulimit -f {limit}; trap '' XFSZ; exec \"$0\" serve"),
            env!("CARGO_BIN_EXE_earshot"),
        ]);
        command.env("DATABASE_URL", &database.url).env("EARSHOT_ENV", "development").env("EARSHOT_ADDR", "127.0.0.1:0");
        command.stdout(Stdio::piped()).kill_on_drop(true);
        command
    };
    let refused = in_time("it ends by itself", start("0").output()).await.unwrap();
    assert!(!refused.status.success());
    let mut started = start("unlimited").spawn().unwrap();
    let mut lines = BufReader::new(started.stdout.take().unwrap()).lines();
    let said = in_time("it says where it is", lines.next_line()).await.unwrap();
    assert!(said.is_some_and(|line| line.starts_with("Earshot is at")));
}
