//! The database behind one pool: SQLite (one writer, several readers) or PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::store::aftermath::Aftermath;
use crate::store::cache::Cache;
use crate::store::{APPLICATION, Dialect, Notifier, Relay, Tx};

const SQLITE_CONNECTIONS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 16;
/// Writes at a time. Fewer than connections, so that reading goes on.
const SQLITE_WRITERS: usize = 1;
const POSTGRES_WRITERS: usize = 12;
/// How long a request may wait for its turn or for a connection before it is told that the server is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Set on every new PostgreSQL connection. Nobody waits longer for a row: of a ring of which [`Tx::lock`] is one half the
/// database sees nothing. A server that stands still within a transaction loses it, so that the others get at what it has locked
/// before they stop waiting.
const POSTGRES_SETTINGS: &str = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '5s'";

/// Set on every new SQLite connection. `synchronous=FULL`: an acknowledged commit survives a power cut. The cache is in KiB; the
/// indexes of a large database do not fit into the 2 MB that are given by default.
const SQLITE_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; PRAGMA cache_size = -16000;";

/// Changes nothing, and is written all the same.
const TRIAL: [&str; 2] =
    ["INSERT INTO objects (object, seq) VALUES ('Trial.0', 0)", "DELETE FROM objects WHERE object = 'Trial.0'"];

/// The URL with the wish that the file be made, unless it says itself what is wished.
fn made_when_missing(url: &str) -> String {
    match url.split_once('?') {
        None => format!("{url}?mode=rwc"),
        Some((_, query)) if query.split('&').any(|parameter| parameter.starts_with("mode=")) => url.to_owned(),
        Some(_) => format!("{url}&mode=rwc"),
    }
}

/// A handle to the database; clones share the pool.
#[derive(Clone)]
pub struct Db {
    pool: AnyPool,
    dialect: Dialect,
    /// Where the relay connects, too.
    url: String,
    writers: Arc<Semaphore>,
    aftermath: Arc<Aftermath>,
    relay: Relay,
}

impl Db {
    /// Connects to `url` (`sqlite://path` or `postgres://..`). A SQLite file that does not exist is made. The
    /// relay waits for [`Db::run_relay`].
    ///
    /// # Errors
    /// When the URL names neither database, or the database does not answer.
    pub async fn open(url: &str, cache: Cache, notifier: Arc<dyn Notifier>) -> Result<Self, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let unknown = || sqlx::Error::Configuration("neither sqlite: nor postgres:".into());
        let dialect = Dialect::of(url).ok_or_else(unknown)?;
        let options = AnyPoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT);
        let options = options.after_release(|connection, _| Box::pin(is_at_rest(connection)));
        let (options, url, writers) = match dialect {
            Dialect::Sqlite => {
                let options = options.max_connections(SQLITE_CONNECTIONS).after_connect(|connection, _| {
                    Box::pin(async move { connection.execute(SQLITE_PRAGMAS).await.map(drop) })
                });
                (options, made_when_missing(url), SQLITE_WRITERS)
            }
            Dialect::Postgres => {
                let options = options.max_connections(POSTGRES_CONNECTIONS).after_connect(|connection, _| {
                    Box::pin(async move { connection.execute(POSTGRES_SETTINGS).await.map(drop) })
                });
                (options, url.to_owned(), POSTGRES_WRITERS)
            }
        };
        let connect: AnyConnectOptions = url.parse()?;
        let pool = options.connect_with(connect).await?;
        let relay = notifier.relay();
        let aftermath = Aftermath { notifier, cache, in_doubt: AtomicBool::new(false) };
        Ok(Self {
            pool,
            dialect,
            url,
            writers: Arc::new(Semaphore::new(writers)),
            aftermath: Arc::new(aftermath),
            relay,
        })
    }

    /// Brings the schema up to the last of these steps: one server does, others that start meanwhile wait for it. A schema that
    /// is further is left as it is.
    ///
    /// # Errors
    /// When a step fails.
    pub async fn migrate(&self, mut steps: Migrator) -> Result<(), MigrateError> {
        steps.set_ignore_missing(true);
        match self.dialect {
            Dialect::Sqlite => steps.run(&self.pool).await,
            Dialect::Postgres => {
                // A connection of its own, which waits for the others as long as they take.
                let mut sql = AnyConnection::connect(&self.url).await?;
                steps.run(&mut sql).await
            }
        }
    }

    /// Makes the tables that notices take, where they are missing. A program that counts its steps makes them in one of its own.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn create_tables(&self) -> Result<(), sqlx::Error> {
        let mut tx = self.begin(APPLICATION).await?;
        tx.sql().execute(self.dialect.tables()).await?;
        tx.commit().await
    }

    /// Hands over what other servers on the same PostgreSQL commit, for as long as the future is run: commits and [`Db::catch_up`]
    /// wait for it from this call on. A SQLite file has one server.
    pub fn run_relay(&self) -> Option<impl Future<Output = ()> + Send + 'static> {
        let Self { dialect, url, aftermath, relay, .. } = self;
        (*dialect == Dialect::Postgres).then(|| relay.run(url.clone(), aftermath.clone()))
    }

    /// To come before what is cached is trusted: waits until this server has heard of all that was committed before this call,
    /// on whichever server.
    ///
    /// # Errors
    /// When the database does not say in time what that is.
    pub async fn catch_up(&self) -> Result<(), sqlx::Error> {
        if self.cache().is_kept() { self.relay.catch_up().await } else { Ok(()) }
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What is kept of rows.
    pub fn cache(&self) -> &Cache {
        &self.aftermath.cache
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
        Ok(Tx::new(inner, by.into(), self.dialect, self.aftermath.clone(), self.relay.clone(), place))
    }

    /// Whether the database answers, also about what other servers commit, and takes writes. That is tried when the last write
    /// came to nothing.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check(&self) -> Result<(), sqlx::Error> {
        self.catch_up().await?;
        self.pool.execute("SELECT 1").await?;
        if !self.aftermath.in_doubt.load(SeqCst) {
            return Ok(());
        }
        let mut tx = self.begin(APPLICATION).await?;
        for sql in TRIAL {
            tx.sql().execute(sql).await?;
        }
        tx.commit().await?;
        self.aftermath.in_doubt.store(false, SeqCst);
        Ok(())
    }

    /// After a great many writes: lets the database look at what it holds now, so that it plans well from the first question on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settle(&self) -> Result<(), sqlx::Error> {
        self.pool.execute(self.dialect.settle()).await.map(drop)
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Whether nothing is under way on a connection that comes back. One whose transaction could not be ended is closed: after a
/// full disk SQLite has undone it by itself, and sqlx goes on counting it.
async fn is_at_rest(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    // What was dropped in the middle is undone before this is answered.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}
