//! Where a test's data are, and the store without any server.

use std::sync::Arc;

use app::access::{self, Access};
use app::database;
use app::files::storage::Storage;
use earshot_hub::Hub;
use earshot_live::object::{After, Notice};
use earshot_live::store::{Db, Dialect, Notifier, notices};
use tempfile::TempDir;

use crate::support::postgres;
pub use crate::support::sqlite::database as sqlite;

/// Rows kept in memory, where a test does not say otherwise.
pub const CACHE: usize = 1_000;

/// The folder goes when the test is done.
pub struct Database {
    pub url: String,
    pub folder: TempDir,
    /// Where its files are, if not in the folder.
    pub bucket: Option<Storage>,
}

impl Database {
    /// Another of the same kind, without anything in it.
    pub async fn empty_one(&self) -> Self {
        match Dialect::of(&self.url).unwrap() {
            Dialect::Sqlite => crate::support::sqlite::empty(),
            Dialect::Postgres => postgres::empty().await,
        }
    }
}

/// Gives an empty database its schema, and lets go of it.
pub async fn migrate(database: &Database) {
    let db = database::open(&database.url, CACHE, Arc::new(Hub::default())).await.unwrap();
    database::migrate(&db).await.unwrap();
    db.close().await;
}

/// A database without any server, for tests of the store.
pub async fn bare(database: &Database, notifier: Arc<dyn Notifier>) -> Db {
    bare_at(&database.url, notifier).await
}

pub async fn bare_at(url: &str, notifier: Arc<dyn Notifier>) -> Db {
    let db = database::open(url, CACHE, notifier).await.unwrap();
    database::migrate(&db).await.unwrap();
    if let Some(relay) = db.run_relay() {
        tokio::spawn(relay);
    }
    db
}

/// What was said on an object after number `seq`, which is not too old.
pub async fn heard_after(db: &Db, access: &Access<access::Notices>, seq: i64) -> Vec<Notice> {
    match notices::after(db, access.object(), seq).await.unwrap() {
        After::Notices(notices) => notices,
        After::TooOld { .. } => panic!("nothing is kept after {seq}"),
    }
}
