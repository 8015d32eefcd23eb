//! The store, server only: the database, the transaction that leaves notices, and the rules of access.
//! Each noun keeps its own SQL in its own `store.rs`.

pub mod access;
mod db;
mod facts;
mod memory;
pub mod notices;
mod turns;
mod tx;
mod viewer;

pub use access::Access;
pub use db::{Db, Dialect};
pub use tx::{APPLICATION, Tx};
pub use viewer::{Flag, Viewer, session_key};

use sqlx::{Any, Executor};

use crate::object::Notice;

/// Where a query runs: `db.read()`, or `tx.sql()` for what must hold inside a transaction.
pub trait Sql<'c>: Executor<'c, Database = Any> {}

impl<'c, E: Executor<'c, Database = Any>> Sql<'c> for E {}

/// Carries committed notices to listeners. Only `Tx::commit` calls it.
pub trait Notifier: Send + Sync {
    /// Hands over what one commit made, in order. Never waits and never fails: what cannot be sent now is found later
    /// in `notices`.
    fn notify(&self, notices: &[Notice]);
}
