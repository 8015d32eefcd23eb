//! Work that only one of several servers does at a time.

use std::time::Duration;

use sqlx::{Any, Transaction, query, query_scalar};
use tokio::time::{sleep, timeout};

use crate::store::{Db, Dialect};

/// Until PostgreSQL takes the work away from a server that has fallen silent without its connection having ended.
const SILENCE: &str = "SET LOCAL idle_in_transaction_session_timeout = '10s'";
const BEAT: Duration = Duration::from_secs(3);

/// A piece of work, by the number of PostgreSQL's advisory lock.
#[derive(Clone, Copy, Debug)]
pub struct Work(pub i64);

impl Db {
    /// Does the work, unless another server is at it: then nothing. It stops in the middle when the lock is lost with its
    /// connection. A SQLite file has one server.
    ///
    /// # Errors
    /// Those of the work, or when the database does not answer.
    pub async fn alone<T, E: From<sqlx::Error>>(
        &self,
        work: Work,
        doing: impl Future<Output = Result<T, E>>,
    ) -> Result<Option<T>, E> {
        if self.dialect() == Dialect::Sqlite {
            return doing.await.map(Some);
        }
        let mut lock = self.read().begin().await?;
        query(SILENCE).execute(&mut *lock).await?;
        let free = query_scalar("SELECT pg_try_advisory_xact_lock($1)").bind(work.0).fetch_one(&mut *lock);
        if !free.await? {
            return Ok(None);
        }
        let done = tokio::select! {
            done = doing => done,
            lost = keep(&mut lock) => return Err(lost.into()),
        };
        lock.rollback().await?;
        done.map(Some)
    }
}

/// Keeps the lock, and returns when it was lost.
async fn keep(lock: &mut Transaction<'static, Any>) -> sqlx::Error {
    loop {
        sleep(BEAT).await;
        match timeout(BEAT, query("SELECT 1").execute(&mut **lock)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return error,
            Err(_) => return sqlx::Error::PoolTimedOut,
        }
    }
}
