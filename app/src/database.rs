//! The chat's database, server only: its tables, and which cached rows a notice invalidates.

use std::sync::Arc;

use earshot_live::object::Notice;
use earshot_live::store::cache::Invalidated;
use earshot_live::store::{Cache, Db, Dialect, Notifier};
use sqlx::migrate;
use sqlx::migrate::MigrateError;

use crate::entities::{MESSAGE, NOTIFIED, PROFILE_CHANGED, READ};

/// Connects to the database at `url`, of which so many `rows` are cached.
///
/// # Errors
/// As for [`Db::open`].
pub async fn open(url: &str, rows: usize, notifier: Arc<dyn Notifier>) -> Result<Db, sqlx::Error> {
    Db::open(url, Cache::new(rows, invalidated_by), notifier).await
}

/// Brings the tables up to this version of the program. Each step only adds, so that this version goes on working beside the
/// next.
///
/// # Errors
/// As for [`Db::migrate`].
pub async fn migrate(db: &Db) -> Result<(), MigrateError> {
    match db.dialect() {
        Dialect::Sqlite => db.migrate(migrate!("../migrations/sqlite")).await,
        Dialect::Postgres => db.migrate(migrate!("../migrations/postgres")).await,
    }
}

/// What is not forgotten may go on granting: a notice of which nothing is said here invalidates whatever it names.
fn invalidated_by(notice: &Notice) -> Invalidated {
    match (notice.action, notice.reference.entity) {
        // One person has read or is told something: neither rows nor rights are others for that.
        (READ | NOTIFIED, _) => Invalidated::Nothing,
        // The name stands in rows of every kind, and this is rare.
        (PROFILE_CHANGED, _) => Invalidated::Everything,
        // Nobody's rights rest on a message.
        (_, MESSAGE) => Invalidated::Changed,
        _ => Invalidated::ChangedAndHeardOn,
    }
}
