//! The one way to write. What was left with the transaction is announced by its commit, and by nothing else.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use sqlx::{Any, AnyConnection, Transaction};
use tokio::sync::OwnedSemaphorePermit;

use crate::object::{Action, Notice, Object, Reference};
use crate::store::aftermath::Aftermath;
use crate::store::{Dialect, Relay, notices, unsent};
use crate::timestamp::Timestamp;

/// Who a notice is by when no person did it.
pub const APPLICATION: &str = "Application";

/// A write under way. Dropping it undoes what it wrote and forgets what it would have announced.
pub struct Tx {
    inner: Transaction<'static, Any>,
    by: String,
    now: Timestamp,
    pending: Vec<PendingNotice>,
    dialect: Dialect,
    ending: Ending,
    relay: Relay,
    place: OwnedSemaphorePermit,
}

/// Notes how a write ends, also when it is dropped.
struct Ending {
    aftermath: Arc<Aftermath>,
    /// Whether writing is in doubt after it. A commit that may have had nothing to write shows nothing.
    in_doubt: Option<bool>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(in_doubt) = self.in_doubt {
            self.aftermath.in_doubt.store(in_doubt, SeqCst);
        }
    }
}

/// A notice without its number, which it gets at commit.
struct PendingNotice {
    object: Object,
    action: Action,
    changed: Object,
}

impl Tx {
    pub(super) fn new(
        inner: Transaction<'static, Any>,
        by: String,
        dialect: Dialect,
        aftermath: Arc<Aftermath>,
        relay: Relay,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let ending = Ending { aftermath, in_doubt: Some(true) };
        Self { inner, by, now: Timestamp::now(), pending: Vec::new(), dialect, ending, relay, place }
    }

    /// For the SQL of the nouns' stores.
    pub fn sql(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The time of everything in this transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Leaves word that `action` happened to `changed`, to be heard on `object` once this is committed.
    pub fn notice(&mut self, object: Object, action: Action, changed: Object) {
        self.pending.push(PendingNotice { object, action, changed });
    }

    /// Keeps every other transaction that locks or notifies `object` waiting until this one has ended. To come before the rows
    /// that it is about: who holds rows and waits for a lock may keep waiting whoever holds the lock.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock(&mut self, object: Object) -> Result<(), sqlx::Error> {
        match self.dialect {
            // It has one writer, and this is it.
            Dialect::Sqlite => Ok(()),
            Dialect::Postgres => notices::lock(&mut self.inner, object).await,
        }
    }

    /// The same, but for those who share the lock.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn share(&mut self, object: Object) -> Result<(), sqlx::Error> {
        match self.dialect {
            Dialect::Sqlite => Ok(()),
            Dialect::Postgres => notices::share(&mut self.inner, object).await,
        }
    }

    /// Numbers the notices, commits, and only then hands them over: itself, or by the relay, when other servers commit too.
    ///
    /// # Errors
    /// When the database refuses; then nothing was written and nothing is announced. When its answer is lost; then the relay
    /// finds out whether anything was written, and announces that.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        // A task of its own: a client that hangs up while this waits leaves no commit without its notices.
        tokio::spawn(self.finish()).await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }

    async fn finish(mut self) -> Result<(), sqlx::Error> {
        let notices = self.number().await?;
        let Self { inner, mut ending, relay, place, .. } = self;
        if !notices.is_empty() {
            relay.expect_commit();
        }
        let committed = inner.commit().await;
        if committed.is_ok() {
            ending.in_doubt = (!notices.is_empty()).then_some(false);
        }
        let aftermath = &ending.aftermath;
        if committed.is_err() {
            // It may have happened all the same: a connection that was lost does not tell how far the commit had come.
            aftermath.cache.forget(&notices);
        }
        if relay.is_running() {
            drop(place);
            if !notices.is_empty() {
                relay.announce_commit().await;
            }
        } else if committed.is_ok() {
            aftermath.hand_over(&notices);
        }
        committed
    }

    async fn number(&mut self) -> Result<Vec<Notice>, sqlx::Error> {
        // Two transactions that lock the same objects do so in the same order, and cannot wait for each other in a ring.
        self.pending.sort_by_key(|pending| pending.object);
        let mut numbered = Vec::with_capacity(self.pending.len());
        for PendingNotice { object, action, changed } in self.pending.drain(..) {
            let seq = notices::next_seq(&mut self.inner, object).await?;
            let Object { entity, id } = changed;
            let reference = Reference { entity, id, seq, changed: self.now, by: self.by.clone() };
            let notice = Notice { object, action, reference };
            notices::insert(&mut self.inner, &notice).await?;
            if self.ending.aftermath.notifier.sends_later() {
                unsent::keep(&mut self.inner, &notice).await?;
            }
            numbered.push(notice);
        }
        Ok(numbered)
    }
}
