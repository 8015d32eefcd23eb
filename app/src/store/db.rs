//! The database behind one pool: SQLite (one writer, several readers) or PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, AssertSqlSafe, Executor};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::store::memory::Memory;
use crate::store::tx::Aftermath;
use crate::store::{Notifier, Tx};

const SQLITE_CONNECTIONS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 16;
/// Writes at a time. Fewer than connections, so that reading goes on.
const SQLITE_WRITERS: usize = 1;
const POSTGRES_WRITERS: usize = 12;
/// How long a request may wait for its turn or for a connection before it is told that the server is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Set on every new SQLite connection. `synchronous=FULL`: an acknowledged commit survives a power cut.
const SQLITE_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000;";

/// What the two databases say differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The dialect that a database URL asks for.
    pub fn of(url: &str) -> Option<Self> {
        match url.split_once(':')?.0 {
            "sqlite" => Some(Dialect::Sqlite),
            "postgres" | "postgresql" => Some(Dialect::Postgres),
            _ => None,
        }
    }

    /// SQLite takes the write lock at once: a transaction that reads first and writes later would fail when another wrote
    /// in between.
    fn begin(self) -> &'static str {
        match self {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        }
    }
}

/// A handle to the database; clones share the pool.
#[derive(Clone)]
pub struct Db {
    pool: AnyPool,
    dialect: Dialect,
    writers: Arc<Semaphore>,
    aftermath: Arc<Aftermath>,
}

impl Db {
    /// Connects to `url` (`sqlite://path` or `postgres://..`). A SQLite file that does not exist is made. `cache`: rows to
    /// keep in memory, see [`Memory`].
    ///
    /// # Errors
    /// When the URL names neither database, or the database does not answer.
    pub async fn open(url: &str, cache: usize, notifier: Arc<dyn Notifier>) -> Result<Self, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let unknown = || sqlx::Error::Configuration("neither sqlite: nor postgres:".into());
        let dialect = Dialect::of(url).ok_or_else(unknown)?;
        let options = AnyPoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT);
        let (options, url, writers) = match dialect {
            Dialect::Sqlite => {
                let options = options.max_connections(SQLITE_CONNECTIONS).after_connect(|connection, _| {
                    Box::pin(async move { connection.execute(SQLITE_PRAGMAS).await.map(drop) })
                });
                (options, format!("{url}?mode=rwc"), SQLITE_WRITERS)
            }
            Dialect::Postgres => (options.max_connections(POSTGRES_CONNECTIONS), url.to_owned(), POSTGRES_WRITERS),
        };
        let connect: AnyConnectOptions = url.parse()?;
        let pool = options.connect_with(connect).await?;
        let aftermath = Aftermath { notifier, memory: Memory::new(cache), turns: Default::default() };
        Ok(Self { pool, dialect, writers: Arc::new(Semaphore::new(writers)), aftermath: Arc::new(aftermath) })
    }

    /// Brings the schema up to this version of the program.
    ///
    /// # Errors
    /// When a step fails, or the database was made by a later version.
    pub async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        match self.dialect {
            Dialect::Sqlite => sqlx::migrate!("../migrations/sqlite").run(&self.pool).await,
            Dialect::Postgres => sqlx::migrate!("../migrations/postgres").run(&self.pool).await,
        }
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.aftermath.memory
    }

    /// For reading. Writes go through [`Db::begin`].
    pub fn read(&self) -> &AnyPool {
        &self.pool
    }

    /// Begins a write by the person named `by` (or [`crate::store::APPLICATION`]).
    ///
    /// # Errors
    /// When no connection is free in time, or the database does not answer.
    pub async fn begin(&self, by: impl Into<String>) -> Result<Tx, sqlx::Error> {
        let place = timeout(ACQUIRE_TIMEOUT, self.writers.clone().acquire_owned()).await;
        let place = place.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        let inner = self.pool.begin_with(AssertSqlSafe(self.dialect.begin())).await?;
        Ok(Tx::new(inner, by.into(), self.aftermath.clone(), place))
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
