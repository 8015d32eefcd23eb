//! A thousand listeners in one room. What is counted here is whatever happens in the process, so that the tests run one at a
//! time, in a process of their own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod plans;
mod statements;
#[path = "../all/support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use app::entities::{EVERYONE, RENAMED, USER};
use earshot_live::object::{Notice, Reference};
use earshot_live::store::Notifier;
use earshot_live::timestamp::Timestamp;
use futures::future::join_all;
use support::audience::{Audience, LISTENERS, ROWS};
use support::database::Database;
use support::server::Server;
use support::socket::Socket;
use support::world::crowd;
use tokio::sync::Mutex;

/// As `on_both` of the other tests, but one at a time from the making of the database on.
macro_rules! alone_on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let _alone = crate::ALONE.lock().await;
                super::$test(crate::support::database::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let _alone = crate::ALONE.lock().await;
                super::$test(crate::support::postgres::database().await).await;
            })+
        }
    };
}

alone_on_both!(one_post_costs_a_handful_of_statements, without_a_memory_every_reader_asks_the_database);

static ALONE: Mutex<()> = Mutex::const_new(());

const URL: &str = "http://127.0.0.1";
/// How often one statement may be asked for a post: once to write it, and to read it once, or once more if it was read meanwhile.
const HANDFUL: usize = 5;
/// Statements in all, with those of whatever else goes on in the process.
const SOME: usize = 50;
/// What begins the relay's own: asking what other servers have committed, every few milliseconds for all who wait, and telling them.
const RELAY: [&str; 2] = ["SELECT now.snapshot", "SELECT pg_notify"];
/// Between two times that it asks, at least.
const RELAY_PAUSE: Duration = Duration::from_millis(3);
/// What is asked each second, whatever happens.
const CLOCK: &str = "SELECT 1 FROM sessions WHERE expires";
/// Those who read beside one who does not. They are not so many that the first is asked whether it lives before the last is there.
const READERS: usize = 100;
/// Notices between two looks at who has heard them: they wait in memory for each listener.
const AT_ONCE: i64 = 4;

/// The statements from a post until the last listener shows it: how often each was asked, and how often the relay's.
async fn statements_of_a_post(database: Database, rows: usize) -> (HashMap<String, usize>, usize, Duration) {
    let server = Server::start_with(database, URL, rows).await;
    let audience = Audience::gather(server.db(), &server.url).await;
    let (before, begun) = (statements::so_far(), Instant::now());
    audience.until_all_have(audience.speaker.post(audience.room, "Heard by all").await).await;
    let (mut asked, took) = (statements::after(before), begun.elapsed());
    asked.retain(|asked| !asked.trim_start().starts_with(CLOCK));
    let is_the_relays = |asked: &String| RELAY.iter().any(|begin| asked.trim_start().starts_with(begin));
    let (relay, asked): (Vec<String>, Vec<String>) = asked.into_iter().partition(is_the_relays);
    let mut counts = HashMap::new();
    for statement in asked {
        *counts.entry(statement).or_default() += 1;
    }
    (counts, relay.len(), took)
}

async fn one_post_costs_a_handful_of_statements(database: Database) {
    statements::count();
    let (counts, relay, took) = statements_of_a_post(database, ROWS).await;
    let count: usize = counts.values().sum();
    println!("{count} statements, and {relay} of the relay");
    assert!(counts.values().all(|count| *count <= HANDFUL), "a statement for each listener: {counts:#?}");
    assert!((1..=SOME).contains(&count), "{counts:#?}");
    let pauses = took.as_millis() / RELAY_PAUSE.as_millis();
    assert!(relay as u128 <= 2 * (pauses + 1), "the relay asks {relay} times, and not for all who wait");
}

async fn without_a_memory_every_reader_asks_the_database(database: Database) {
    statements::count();
    let (counts, ..) = statements_of_a_post(database, 0).await;
    assert!(counts.values().any(|count| *count >= LISTENERS), "{counts:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_dropped_and_the_others_hear_everything() {
    let _alone = ALONE.lock().await;
    let server = Server::start(support::database::sqlite()).await;
    let people = crowd(server.db(), &server.url, READERS + 1).await;
    let mut listeners = Vec::new();
    for person in &people[1..] {
        listeners.push(Socket::listening(&server, person, EVERYONE).await);
    }
    let mut deaf = Socket::open_narrow(&server).await;
    deaf.subscribe(&people[0], EVERYONE).await;
    assert_eq!(server.state.hub.sockets(), READERS + 1);

    let mut said = 0;
    while server.state.hub.sockets() > READERS {
        assert!(said < 10_000, "what nobody reads is kept without a bound");
        let notices: Vec<Notice> = (said + 1..=said + AT_ONCE).map(long).collect();
        said += AT_ONCE;
        server.state.hub.notify(&notices);
        join_all(listeners.iter_mut().map(async |listener| {
            for notice in &notices {
                assert_eq!(support::socket::data(&listener.frame().await)["seq"], notice.reference.seq);
            }
        }))
        .await;
    }
    server.state.hub.notify(&[long(said + 1)]);
    for listener in &mut listeners {
        assert_eq!(support::socket::data(&listener.frame().await)["seq"], said + 1);
    }
}

/// A notice that fills what a socket may leave unread soon.
fn long(seq: i64) -> Notice {
    let reference = Reference { entity: USER, id: 1, seq, changed: Timestamp::now(), by: "x".repeat(8_000) };
    Notice { object: EVERYONE, action: RENAMED, reference }
}
