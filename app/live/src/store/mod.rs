//! The store, server only: the database, the transaction that leaves notices, and what becomes of them after the commit. A program
//! keeps its own SQL, and asks for its rights itself.

mod aftermath;
pub mod cache;
mod db;
mod dialect;
pub mod notices;
mod relay;
mod sole;
mod tx;
pub mod unsent;

pub use cache::Cache;
pub use db::Db;
pub use dialect::Dialect;
pub use relay::Relay;
pub use sole::Work;
pub use tx::{APPLICATION, Tx};

use sqlx::{Any, Executor};

use crate::object::Notice;

/// Where a query runs: `db.read()`, or `tx.sql()` for what must hold inside a transaction.
pub trait Sql<'c>: Executor<'c, Database = Any> {}

impl<'c, E: Executor<'c, Database = Any>> Sql<'c> for E {}

/// Carries committed notices to listeners. Only a commit calls [`Notifier::notify`], on this server or another.
pub trait Notifier: Send + Sync {
    /// Hands over what was committed, in order. Never waits and never fails: what cannot be sent now is found later in `notices`.
    fn notify(&self, notices: &[Notice]);

    /// Whether each notice is to be kept in [`unsent`] until it was sent.
    fn sends_later(&self) -> bool {
        false
    }

    /// By what it tells the notifiers of other servers something.
    fn relay(&self) -> Relay {
        Relay::default()
    }

    /// So much was committed while the database could not be asked that it is not handed over: everyone is to catch up.
    fn missed(&self) {}

    /// The other servers can be heard from now on. What they have said before is not known, and to them nothing is known of this.
    fn met(&self) {}

    /// The notifier of another server has said this by [`Relay::tell`], in this order. No words: it lives.
    fn told(&self, _server: &str, _words: &[String]) {}
}
