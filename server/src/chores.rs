//! What a server does besides answering, for as long as it runs.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use app::people::limits::Limits;
use app::work::TIDYING;
use earshot_live::store::{Db, notices};
use earshot_live::timestamp::Timestamp;
use futures::FutureExt;
use futures::future::{BoxFuture, OptionFuture};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use crate::{AppState, fault};

/// How often sessions that have expired are looked for.
const EXPIRY: Duration = Duration::from_secs(1);
/// How often what is forgotten in time is looked for.
const TIDY: Duration = Duration::from_secs(600);
/// How often it is forgotten who has tried something too rarely to be slowed down. Many may try once.
const REST: Duration = Duration::from_secs(60);
/// How long a page may be away and still hear of each thing that happened. After that it reads everything anew.
const NOTICES_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Between a chore's end by a panic and its next beginning.
const AFTER_A_PANIC: Duration = Duration::from_secs(1);

/// Begins all of it.
pub fn begin(state: &AppState) -> JoinSet<()> {
    let mut chores = JoinSet::new();
    let mut begin = |name, chore: fn(AppState) -> BoxFuture<'static, ()>| {
        let state = state.clone();
        chores.spawn(kept(name, move || chore(state.clone())));
    };
    begin("hearing other servers", |state| OptionFuture::from(state.db.run_relay()).map(drop).boxed());
    begin("forgetting tries", |state| forget_tries(state.limits).boxed());
    begin("clearing away", |state| tidy(state).boxed());
    begin("ending sessions", |state| end_sessions(state.db).boxed());
    begin("making exports", |state| async move { state.exports.work().await }.boxed());
    begin("looking after sockets", |AppState { hub, service, db, .. }| match service {
        Some(service) => async move { service.send(&db).await }.boxed(),
        None => hub.watch().boxed(),
    });
    chores
}

/// A chore that is begun again when it panics. All that it needs stands in the database. The server goes on meanwhile: one that
/// ended would find the same again, and nobody could talk.
fn kept(name: &'static str, chore: impl Fn() -> BoxFuture<'static, ()>) -> impl Future<Output = ()> {
    let mut running = chore();
    async move {
        while let Err(panic) = AssertUnwindSafe(running).catch_unwind().await {
            tracing::error!(panic = fault::message(&*panic), "{name} panicked, and is begun again");
            sleep(AFTER_A_PANIC).await;
            running = chore();
        }
    }
}

/// Ends sessions as they expire, with their sockets.
async fn end_sessions(db: Db) {
    let mut pause = interval(EXPIRY);
    loop {
        pause.tick().await;
        if let Err(error) = app::sessions::store::delete_expired(&db).await {
            tracing::warn!(%error, "expired sessions were not ended");
        }
    }
}

async fn forget_tries(limits: Limits) {
    let mut pause = interval(REST);
    loop {
        pause.tick().await;
        limits.forget_rested();
    }
}

async fn tidy(state: AppState) {
    let mut pause = interval(TIDY);
    loop {
        pause.tick().await;
        let clearing = async {
            clear_away(&state).await;
            Ok::<(), sqlx::Error>(())
        };
        if let Err(error) = state.db.alone(TIDYING, clearing).await {
            tracing::warn!(%error, "what is old was not cleared away");
        }
    }
}

/// One thing that cannot be cleared away now keeps none of the others.
async fn clear_away(AppState { db, blobs, .. }: &AppState) {
    if let Err(error) = app::resets::store::forget_expired(db).await {
        tracing::warn!(%error, "old links for another password were not forgotten");
    }
    let since = Timestamp(Timestamp::now().0 - NOTICES_KEPT.as_micros() as i64);
    if let Err(error) = notices::forget_before(db, since).await {
        tracing::warn!(%error, "old notices were not forgotten");
    }
    if let Err(error) = app::exports::store::tidy(db, Timestamp::now()).await {
        tracing::warn!(%error, "old exports were not cleared away");
    }
    if let Err(error) = app::files::store::tidy(db, blobs, Timestamp::now()).await {
        tracing::warn!(%error, "files that nobody needs any more were not cleared away");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_chore_that_panics_is_begun_again() {
        let begun = Arc::new(AtomicUsize::new(0));
        let counted = begun.clone();
        let chore = move || {
            let first = counted.fetch_add(1, SeqCst) == 0;
            async move { assert!(!first, "the first time it fails") }.boxed()
        };
        let mut chores = JoinSet::new();
        chores.spawn(kept("a test", chore));
        let ended = timeout(Duration::from_secs(60), chores.join_next()).await.expect("it ends");
        assert!(ended.is_some_and(|ended| ended.is_ok()));
        assert_eq!(begun.load(SeqCst), 2);
    }
}
