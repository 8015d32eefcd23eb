//! Listens to what the database is asked: sqlx logs each statement when it has run.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Mutex, Once, PoisonError};

use earshot_live::store::Db;
use sqlx::Connection;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;

static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Listener;

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        ASKED.lock().unwrap_or_else(PoisonError::into_inner).push(statement.0);
    }
}

/// The statement that an event is about: short ones are their own summary.
#[derive(Default)]
struct Statement(String);

impl Visit for Statement {
    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "db.statement" && !value.is_empty() || field.name() == "summary" && self.0.is_empty() {
            self.0 = value.to_owned();
        }
    }
}

/// Listens from now on.
pub fn count() {
    static BEGUN: Once = Once::new();
    let statements = Targets::new().with_target("sqlx::query", LevelFilter::TRACE);
    BEGUN.call_once(|| tracing_subscriber::registry().with(Listener.with_filter(statements)).init());
}

pub fn so_far() -> usize {
    ASKED.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// What was asked after so many.
pub fn after(count: usize) -> Vec<String> {
    ASKED.lock().unwrap_or_else(PoisonError::into_inner)[count..].to_vec()
}

/// What the database was asked while `work` went on, each statement once.
pub async fn noted(db: &Db, work: impl Future<Output = ()>) -> BTreeSet<String> {
    count();
    let before = so_far();
    work.await;
    until_logged(db).await;
    after(before).into_iter().collect()
}

/// Waits until each connection has logged what it was asked. On SQLite a query that finds no row is answered before it is logged
/// (sqlx-sqlite 0.9, `AnyConnectionBackend::fetch_optional`); a connection does one thing after the other.
async fn until_logged(db: &Db) {
    let (pool, mut connections) = (db.read(), Vec::new());
    while connections.len() < pool.size() as usize {
        let mut connection = pool.acquire().await.unwrap();
        connection.ping().await.unwrap();
        connections.push(connection);
    }
}
