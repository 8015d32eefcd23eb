//! A commit makes a notice: numbered without gaps, in commit order, never for what did not happen, never before it can be read. On
//! both databases, with tables of the module's own alone.
#![cfg(feature = "ssr")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../../server/tests/machines/mod.rs"]
mod machines;

use std::sync::Arc;
use std::time::Duration;

use earshot_live::object::{Action, After, Entity, Notice, Object};
use earshot_live::store::cache::Invalidated;
use earshot_live::store::{Cache, Db, Notifier, notices};
use earshot_live::timestamp::Timestamp;
use sqlx::{query, query_scalar};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

const TIMEOUT: Duration = Duration::from_secs(60);

const COUNTER: Entity = Entity::new("Counter");
const RAISED: Action = Action::new("raised");
/// The one that the tests raise.
const THIS: Object = COUNTER.object(1);

/// Runs each named test on both databases.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let folder = tempfile::tempdir().unwrap();
                super::$test(format!("sqlite://{}/test.db", folder.path().display())).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::machines::postgres::copy_of(crate::machines::postgres::EMPTY).await).await;
            })+
        }
    };
}

on_both!(
    numbers_follow_the_commits_without_gaps,
    a_write_that_is_rolled_back_sends_nothing_and_uses_no_number,
    a_notice_is_never_heard_before_its_commit_can_be_read,
    whoever_is_behind_is_told_what_came_after_as_long_as_it_is_kept,
    what_a_commit_that_has_failed_may_have_changed_is_read_again,
);

/// Hands on each notice in the very moment it is given, and notes when there were more.
struct Forwarder(UnboundedSender<Notice>, Arc<Notify>);

impl Notifier for Forwarder {
    fn notify(&self, notices: &[Notice]) {
        notices.iter().for_each(|notice| drop(self.0.send(notice.clone())));
    }

    fn missed(&self) {
        self.1.notify_one();
    }
}

/// A database with a counter in it, what is heard of it, and whether that is not all.
async fn deaf_counter(url: &str) -> (Db, UnboundedReceiver<Notice>, Arc<Notify>) {
    let ((sender, heard), missed) = (unbounded_channel(), Arc::<Notify>::default());
    let cache = Cache::new(100, |_| Invalidated::Changed);
    let db = Db::open(url, cache, Arc::new(Forwarder(sender, missed.clone()))).await.unwrap();
    for _ in 0..2 {
        // The second time nothing is missing.
        db.create_tables().await.unwrap();
    }
    let mut tx = db.begin("Ada").await.unwrap();
    query("CREATE TABLE counters (id BIGINT PRIMARY KEY, value BIGINT NOT NULL)").execute(tx.sql()).await.unwrap();
    query("INSERT INTO counters (id, value) VALUES (1, 0)").execute(tx.sql()).await.unwrap();
    tx.commit().await.unwrap();
    (db, heard, missed)
}

/// The same, of which all is heard from now on.
async fn counter(url: &str) -> (Db, UnboundedReceiver<Notice>) {
    let (db, heard, _) = deaf_counter(url).await;
    db.run_relay().into_iter().for_each(|relay| drop(tokio::spawn(relay)));
    db.catch_up().await.unwrap();
    (db, heard)
}

/// Raises the counter, and commits it if that is wished.
async fn raise(db: &Db, commits: bool) {
    let mut tx = db.begin("Ada").await.unwrap();
    // The lock comes before the row that it is about.
    tx.lock(THIS).await.unwrap();
    query("UPDATE counters SET value = value + 1 WHERE id = 1").execute(tx.sql()).await.unwrap();
    tx.notice(THIS, RAISED, THIS);
    if commits {
        tx.commit().await.unwrap();
    }
}

async fn value(db: &Db) -> i64 {
    query_scalar("SELECT value FROM counters WHERE id = 1").fetch_one(db.read()).await.unwrap()
}

/// The seqs of the next notices, as they are heard.
async fn next_seqs(heard: &mut UnboundedReceiver<Notice>, count: i64) -> Vec<i64> {
    let mut seqs = Vec::new();
    for _ in 0..count {
        let notice = timeout(TIMEOUT, heard.recv()).await.expect("a notice is heard").unwrap();
        assert_eq!((notice.object, notice.action, notice.reference.by.as_str()), (THIS, RAISED, "Ada"));
        seqs.push(notice.reference.seq);
    }
    seqs
}

async fn seqs_after(db: &Db, seq: i64) -> Vec<i64> {
    match notices::after(db, THIS, seq).await.unwrap() {
        After::Notices(notices) => notices.iter().map(|notice| notice.reference.seq).collect(),
        After::TooOld { seq } => panic!("too old: {seq}"),
    }
}

async fn numbers_follow_the_commits_without_gaps(url: String) {
    const WRITERS: i64 = 8;
    const EACH: i64 = 15;
    let (db, mut heard) = counter(&url).await;
    let writers = (0..WRITERS).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..EACH {
                raise(&db, true).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let all: Vec<i64> = (1..=WRITERS * EACH).collect();
    assert_eq!(next_seqs(&mut heard, WRITERS * EACH).await, all, "they are handed over in the order of the commits");
    assert_eq!(seqs_after(&db, 0).await, all);
    assert_eq!((notices::seq(&db, THIS).await.unwrap(), value(&db).await), (WRITERS * EACH, WRITERS * EACH));
}

async fn a_write_that_is_rolled_back_sends_nothing_and_uses_no_number(url: String) {
    let (db, mut heard) = counter(&url).await;
    raise(&db, false).await;
    raise(&db, true).await;
    assert_eq!((next_seqs(&mut heard, 1).await, value(&db).await), (vec![1], 1));
    assert_eq!(seqs_after(&db, 0).await, [1]);
}

async fn a_notice_is_never_heard_before_its_commit_can_be_read(url: String) {
    const RAISES: i64 = 100;
    let (db, mut heard) = counter(&url).await;
    let writes = async {
        for _ in 0..RAISES {
            raise(&db, true).await;
        }
    };
    let listens = async {
        for _ in 0..RAISES {
            let seq = next_seqs(&mut heard, 1).await[0];
            assert!(value(&db).await >= seq, "{seq} was heard before it could be read");
        }
    };
    tokio::join!(writes, listens);
}

async fn whoever_is_behind_is_told_what_came_after_as_long_as_it_is_kept(url: String) {
    let (db, _heard) = counter(&url).await;
    for _ in 0..3 {
        raise(&db, true).await;
    }
    assert_eq!(seqs_after(&db, 1).await, [2, 3]);
    assert_eq!(seqs_after(&db, 3).await, [0; 0]);
    notices::forget_before(&db, Timestamp(i64::MAX)).await.unwrap();
    assert_eq!(notices::after(&db, THIS, 1).await.unwrap(), After::TooOld { seq: 3 });
    assert_eq!(seqs_after(&db, 3).await, [0; 0]);
    raise(&db, true).await;
    assert_eq!(seqs_after(&db, 3).await, [4]);
}

async fn what_a_commit_that_has_failed_may_have_changed_is_read_again(url: String) {
    let (db, _heard) = counter(&url).await;
    let mut tx = db.begin("Ada").await.unwrap();
    let late = "CREATE TABLE late (id BIGINT PRIMARY KEY, counter_id BIGINT NOT NULL
        REFERENCES counters (id) DEFERRABLE INITIALLY DEFERRED)";
    query(late).execute(tx.sql()).await.unwrap();
    tx.commit().await.unwrap();
    let known = || db.cache().known::<i64>(COUNTER, 1).is_some();
    db.cache().remember(COUNTER, 1, async { Ok(Some(0_i64)) }).await.unwrap();
    let mut tx = db.begin("Ada").await.unwrap();
    // Nobody notices before the commit that there is no such counter.
    query("INSERT INTO late (id, counter_id) VALUES (1, 2)").execute(tx.sql()).await.unwrap();
    tx.notice(THIS, RAISED, THIS);
    assert!(known());
    tx.commit().await.unwrap_err();
    assert!(!known());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_before_the_relay_has_connected_is_known_to_be_missed() {
    let (db, _heard, missed) = deaf_counter(&machines::postgres::copy_of(machines::postgres::EMPTY).await).await;
    let relay = db.run_relay().expect("PostgreSQL has one");
    let writer = tokio::spawn({
        let db = db.clone();
        async move { raise(&db, true).await }
    });
    let committed = async {
        while value(&db).await == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(TIMEOUT, committed).await.expect("it is committed");
    let told = missed.notified();
    tokio::spawn(relay);
    timeout(TIMEOUT, told).await.expect("it is told");
    writer.await.unwrap();
}
