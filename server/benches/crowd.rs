//! How soon a thousand listeners of one room have what is new, on both databases: `bin/bench crowd`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../tests/all/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::access::Viewer;
use app::entities::ROOM;
use earshot_hub::Hub;
use earshot_live::store::{APPLICATION, Db};
use support::audience::{Audience, LISTENERS, ROWS};
use support::database::{self, Database};
use support::process::Process;
use support::server::Server;
use support::socket::Socket;
use support::world;
use support::{postgres, world::crowd};

const ROUNDS: usize = 30;
const RESTARTS: usize = 5;

#[tokio::main]
async fn main() {
    println!("{LISTENERS} listeners in one room; milliseconds\n");
    println!("| | | rounds | p50 | p99 |\n|---|---|--:|--:|--:|");
    for name in ["SQLite", "PostgreSQL"] {
        let database = async || if name == "SQLite" { database::sqlite() } else { postgres::database().await };
        let report = |what: &str, times: Vec<Duration>| report(name, what, times);
        for (memory, rows) in [("", ROWS), (", without memory", 0)] {
            let database = database().await;
            let db = database::bare(&database, Arc::new(Hub::default())).await;
            let mut process = Process::start_with(&database.url, rows).await;
            let audience = Audience::gather(&db, &process.url).await;
            report(&format!("from a post until the last shows it{memory}"), posts(&audience).await);
            if rows > 0 {
                report(
                    "from SIGTERM until the last is back and caught up",
                    restarts(&db, &mut process, &audience).await,
                );
            }
        }
        let (told, answered) = removals(database().await).await;
        report("from a request to remove a member until the member's socket is told", told);
        report("from that request until its answer", answered);
    }
}

async fn posts(audience: &Audience) -> Vec<Duration> {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let begun = Instant::now();
        audience.until_all_have(audience.speaker.post(audience.room, &format!("Round {round}")).await).await;
        times.push(begun.elapsed());
    }
    times
}

async fn restarts(db: &Db, process: &mut Process, audience: &Audience) -> Vec<Duration> {
    let speaker = Viewer::on_behalf(db.read(), audience.speaker.id).await.unwrap();
    let mut times = Vec::new();
    for _ in 0..RESTARTS {
        // Written beside the server, so that nobody hears of it: all have to find out when they are back.
        let mut tx = db.begin(APPLICATION).await.unwrap();
        let missed = world::say(&mut tx, &speaker, audience.room, "Said meanwhile").await;
        tx.commit().await.unwrap();
        let begun = Instant::now();
        process.restart().await;
        audience.until_all_have(missed).await;
        times.push(begun.elapsed());
    }
    times
}

/// Everyone listens to a closed room, and some are put out of it one by one.
async fn removals(database: Database) -> (Vec<Duration>, Vec<Duration>) {
    let server = Server::start_with(database, "http://127.0.0.1", ROWS).await;
    let people = crowd(server.db(), &server.url, LISTENERS).await;
    let owner = &people[0];
    let owner_viewer = Viewer::on_behalf(server.db().read(), owner.id).await.unwrap();
    let mut tx = server.db().begin(APPLICATION).await.unwrap();
    let room = world::new_room(&mut tx, &owner_viewer, "Board", true).await;
    let access = app::access::Held::room_write(&mut tx, &owner_viewer, room).await.unwrap();
    for person in &people[1..] {
        app::rooms::store::add_member(&mut tx, &access, person.id).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut sockets = Vec::new();
    for person in &people[1..] {
        sockets.push(Socket::listening(&server, person, ROOM.object(room)).await);
    }
    let (mut told, mut answered) = (Vec::new(), Vec::new());
    for (person, mut socket) in people[1..].iter().zip(sockets.drain(..)).take(ROUNDS) {
        // What others' removals have left in the socket is not what is waited for.
        socket.heard_so_far().await;
        let form = [("id", &*room.to_string()), ("user", &*person.id.to_string())];
        let begun = Instant::now();
        let answer = async {
            assert_eq!(owner.call("rooms/remove_member", &form).await.status, 200);
            begun.elapsed()
        };
        let silence = async {
            assert_eq!(socket.frame().await["event"], "pusher:subscription_error");
            begun.elapsed()
        };
        let (answer, silence) = tokio::join!(answer, silence);
        answered.push(answer);
        told.push(silence);
    }
    (told, answered)
}

fn report(database: &str, what: &str, mut times: Vec<Duration>) {
    times.sort();
    let percentile = |part: usize| times[(times.len() * part).div_ceil(100) - 1].as_secs_f64() * 1_000.0;
    println!("| {database} | {what} | {} | {:.1} | {:.1} |", times.len(), percentile(50), percentile(99));
}
