//! What one server at a time does for all.

use std::sync::Arc;

use app::work::{EXPORTING, SENDING};
use earshot_live::error::Error;
use earshot_live::store::Db;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::several::two;
use crate::support::timeout::{PAUSE, in_time, until};

/// Is at the sending, and never done.
async fn at_work(db: &Db) -> JoinHandle<Result<Option<()>, Error>> {
    let (db, begun) = (db.clone(), Arc::new(Notify::new()));
    let has_begun = begun.clone();
    let holder = tokio::spawn(async move {
        loop {
            let at_it = async {
                begun.notify_one();
                std::future::pending().await
            };
            match db.alone(SENDING, at_it).await {
                // Whoever was at it last may still be ending.
                Ok(None) => sleep(PAUSE).await,
                ended => return ended,
            }
        }
    });
    in_time("the work has begun", has_begun.notified()).await;
    holder
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_at_a_time_does_a_work() {
    let (world, other) = two().await;
    let holder = at_work(world.db()).await;
    let try_to = async |work| other.db().alone(work, async { Ok::<_, Error>(()) }).await.unwrap().is_some();
    assert!(!try_to(SENDING).await);
    until("nobody makes exports", async || try_to(EXPORTING).await).await;
    // With its holder the work is free, and with its connection it is lost.
    holder.abort();
    until("it is free", async || try_to(SENDING).await).await;
    let holder = at_work(world.db()).await;
    until("the connection is lost", async || {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE state = 'idle in transaction' AND datname = current_database()";
        sqlx::query(cut).execute(other.db().read()).await.unwrap();
        holder.is_finished()
    })
    .await;
    assert!(holder.await.unwrap().is_err());
}
