//! A cache of rows; a commit invalidates what it changed, before anybody hears of it. What many ask for at the same time is read
//! once.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::sync;

use crate::error::{Error, Kind};
use crate::object::{Entity, Notice, Object};

/// Objects whose seq is kept. Beyond that all are forgotten, and asked for again.
const MAX_SEQS: usize = 100_000;

type Row = Option<Arc<dyn Any + Send + Sync>>;

/// What a notice invalidates besides the seq of its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalidated {
    /// Nothing: no row is another one for it.
    Nothing,
    /// The row of what has changed.
    Changed,
    /// That one, and the row of the object on which the notice is heard: rights may rest on it.
    ChangedAndHeardOn,
    /// Every row: what has changed stands in rows of every kind.
    Everything,
}

/// Says of each notice what it invalidates.
pub type InvalidatedBy = fn(&Notice) -> Invalidated;

/// A cache of rows and seqs, which commits invalidate.
pub struct Cache {
    kept: Option<Kept>,
    invalidated_by: InvalidatedBy,
}

struct Kept {
    /// Rows by entity and id, also those that are known not to exist.
    rows: sync::Cache<(Entity, i64), Row>,
    /// Ids by keys of which each stays the same for good.
    ids: sync::Cache<String, i64>,
    seqs: Mutex<HashMap<Object, i64>>,
    /// How often something was forgotten.
    changes: Mutex<u64>,
}

impl Cache {
    /// A cache of so many rows. With 0 every question goes to the database.
    pub fn new(rows: usize, invalidated_by: InvalidatedBy) -> Self {
        let kept = || Kept {
            rows: sync::Cache::new(rows),
            ids: sync::Cache::new(rows),
            seqs: Mutex::default(),
            changes: Mutex::default(),
        };
        Self { kept: (rows > 0).then(kept), invalidated_by }
    }

    /// The row of `entity` with this id, read with `load` unless it is known. Of many who ask for it at the same time, one
    /// reads it, and the others wait for the answer.
    ///
    /// # Errors
    /// Those of `load`.
    pub async fn row<T: Send + Sync + 'static>(
        &self,
        entity: Entity,
        id: i64,
        load: impl Future<Output = Result<Option<T>, Error>>,
    ) -> Result<Option<Arc<T>>, Error> {
        let Some(kept) = &self.kept else { return Ok(load.await?.map(Arc::new)) };
        let load = async { Ok::<Row, Error>(load.await?.map(|row| Arc::new(row) as _)) };
        // A commit that comes while this reads takes the place of the answer away: it is given to those who asked before.
        let row = kept.rows.get_or_insert_async(&(entity, id), load).await?;
        row.map(|row| row.downcast().map_err(|_| Kind::Internal.into())).transpose()
    }

    /// The row of `entity` with this id, if it is kept.
    pub fn known<T: Send + Sync + 'static>(&self, entity: Entity, id: i64) -> Option<Arc<T>> {
        self.kept.as_ref()?.known(entity, id)
    }

    /// Keeps the row of `entity` with this id, unless it is kept.
    ///
    /// # Errors
    /// Those of `load`.
    pub async fn remember<T: Send + Sync + 'static>(
        &self,
        entity: Entity,
        id: i64,
        load: impl Future<Output = Result<Option<T>, Error>>,
    ) -> Result<(), Error> {
        if self.is_kept() { self.row(entity, id, load).await.map(drop) } else { Ok(()) }
    }

    /// The rows of `entity` with these ids, as far as they exist. Those that are not known are read together with `load`, and
    /// kept, unless something was committed meanwhile: they may be from before it.
    ///
    /// # Errors
    /// Those of `load`.
    pub async fn rows<T: Send + Sync + 'static>(
        &self,
        entity: Entity,
        ids: &[i64],
        load: impl Future<Output = Result<Vec<(i64, T)>, Error>>,
    ) -> Result<Vec<Arc<T>>, Error> {
        let Some(kept) = &self.kept else { return Ok(load.await?.into_iter().map(|(_, row)| Arc::new(row)).collect()) };
        let before = *kept.changes();
        if let Some(rows) = ids.iter().map(|id| kept.known(entity, *id)).collect() {
            return Ok(rows);
        }
        let rows: Vec<(i64, Arc<T>)> = load.await?.into_iter().map(|(id, row)| (id, Arc::new(row))).collect();
        let changes = kept.changes();
        if *changes == before {
            rows.iter().for_each(|(id, row)| kept.rows.insert((entity, *id), Some(row.clone())));
        }
        drop(changes);
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// The id of what has this key, read with `load` unless it is known.
    ///
    /// # Errors
    /// Those of `load`.
    pub async fn id<E>(&self, key: &str, load: impl Future<Output = Result<i64, E>>) -> Result<i64, E> {
        match &self.kept {
            Some(kept) => kept.ids.get_or_insert_async(key, load).await,
            None => load.await,
        }
    }

    pub(super) fn seq(&self, object: Object) -> Option<i64> {
        self.seqs()?.get(&object).copied()
    }

    /// Notes the object's seq; an earlier one changes nothing.
    pub(super) fn reached(&self, object: Object, seq: i64) {
        let Some(mut seqs) = self.seqs() else { return };
        if seqs.len() >= MAX_SEQS {
            seqs.clear();
        }
        let known = seqs.entry(object).or_insert(seq);
        *known = seq.max(*known);
    }

    /// How often something was forgotten.
    pub(super) fn changes(&self) -> u64 {
        self.kept.as_ref().map_or(0, |kept| *kept.changes())
    }

    /// Notes the object's seq as it was read, unless something was forgotten since there were so many `changes`.
    pub(super) fn learned(&self, object: Object, seq: i64, changes: u64) {
        let Some(kept) = &self.kept else { return };
        let now = kept.changes();
        if *now == changes {
            self.reached(object, seq);
        }
    }

    /// Forgets what these notices invalidate.
    pub(super) fn forget(&self, notices: &[Notice]) {
        let Some(kept) = &self.kept else { return };
        let mut changes = kept.changes();
        *changes += 1;
        for notice in notices {
            if let Some(mut seqs) = self.seqs() {
                seqs.remove(&notice.object);
            }
            let changed = notice.reference.changed_object();
            match (self.invalidated_by)(notice) {
                Invalidated::Nothing => {}
                Invalidated::Changed => kept.forget(changed),
                Invalidated::ChangedAndHeardOn => {
                    [changed, notice.object].into_iter().for_each(|object| kept.forget(object))
                }
                Invalidated::Everything => kept.rows.clear(),
            }
        }
    }

    /// Forgets all that may have changed.
    pub(super) fn forget_all(&self) {
        let Some(kept) = &self.kept else { return };
        let mut changes = kept.changes();
        *changes += 1;
        kept.rows.clear();
        if let Some(mut seqs) = self.seqs() {
            seqs.clear();
        }
    }

    /// Whether anything is kept.
    pub(super) fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// Forgets a row that has lost its worth without a commit.
    pub fn forget_row(&self, entity: Entity, id: i64) {
        if let Some(kept) = &self.kept {
            kept.rows.remove(&(entity, id));
        }
    }

    fn seqs(&self) -> Option<MutexGuard<'_, HashMap<Object, i64>>> {
        self.kept.as_ref().map(|kept| kept.seqs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    fn forget(&self, object: Object) {
        self.rows.remove(&(object.entity, object.id));
    }

    fn known<T: Send + Sync + 'static>(&self, entity: Entity, id: i64) -> Option<Arc<T>> {
        self.rows.get(&(entity, id))??.downcast().ok()
    }

    fn changes(&self) -> MutexGuard<'_, u64> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::join_all;
    use tokio::sync::oneshot;

    use super::*;
    use crate::object::Reference;
    use crate::testing::{DELETED, EDITED, LEFT, MESSAGE, RENAMED, ROOM, TEAM, USER};
    use crate::timestamp::Timestamp;

    fn invalidated_by(notice: &Notice) -> Invalidated {
        match (notice.action, notice.reference.entity) {
            (DELETED, _) => Invalidated::Nothing,
            (RENAMED, _) => Invalidated::Everything,
            (_, MESSAGE) => Invalidated::Changed,
            _ => Invalidated::ChangedAndHeardOn,
        }
    }

    fn edited(id: i64) -> Notice {
        let reference = Reference { entity: MESSAGE, id, seq: 1, changed: Timestamp(0), by: "Ada".into() };
        Notice { object: ROOM.object(7), action: EDITED, reference }
    }

    async fn ask(cache: &Cache, reads: &AtomicU32) -> u32 {
        let load = async {
            tokio::task::yield_now().await;
            Ok(Some(reads.fetch_add(1, Ordering::SeqCst)))
        };
        *cache.row(MESSAGE, 1, load).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn a_row_is_read_once_for_all_who_ask_until_it_changes() {
        let (cache, reads) = (Cache::new(10, invalidated_by), AtomicU32::new(0));
        assert!(join_all((0..100).map(|_| ask(&cache, &reads))).await.iter().all(|answer| *answer == 0));
        cache.forget(&[edited(2)]);
        assert_eq!(ask(&cache, &reads).await, 0);
        cache.forget(&[edited(1)]);
        assert_eq!(ask(&cache, &reads).await, 1);
    }

    #[tokio::test]
    async fn who_asks_after_a_commit_does_not_join_a_reading_that_began_before_it() {
        let cache = Cache::new(10, invalidated_by);
        let (answer, before) = oneshot::channel::<&str>();
        let old = async { Ok(Some(before.await.unwrap())) };
        let new = async {
            // The first is still being read now.
            cache.forget(&[edited(1)]);
            let new = cache.row(MESSAGE, 1, async { Ok(Some("new")) }).await;
            answer.send("old").unwrap();
            new
        };
        let (old, new) = tokio::join!(cache.row(MESSAGE, 1, old), new);
        assert_eq!((*old.unwrap().unwrap(), *new.unwrap().unwrap()), ("old", "new"));
        let later = cache.row(MESSAGE, 1, async { Ok(Some("read again")) }).await;
        assert_eq!(*later.unwrap().unwrap(), "new");
    }

    #[tokio::test]
    async fn what_is_said_of_somebody_on_a_room_may_change_the_rights_in_it_but_what_is_said_of_a_message_does_not() {
        let (cache, reads) = (Cache::new(10, invalidated_by), AtomicU32::new(0));
        let left = Notice { action: LEFT, ..edited(3) };
        let left = Notice { reference: Reference { entity: USER, ..left.reference }, ..left };
        for (notice, expected) in [(edited(1), 0), (left, 1)] {
            let facts = || cache.row(ROOM, 7, async { Ok(Some(reads.fetch_add(1, Ordering::SeqCst))) });
            facts().await.unwrap();
            cache.forget(&[notice]);
            assert_eq!(*facts().await.unwrap().unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_notice_invalidates_what_the_program_says() {
        let (cache, reads) = (Cache::new(10, invalidated_by), AtomicU32::new(0));
        ask(&cache, &reads).await;
        cache.forget(&[Notice { action: DELETED, ..edited(1) }]);
        assert_eq!(ask(&cache, &reads).await, 0);
        cache.forget(&[Notice { object: TEAM.object(1), action: RENAMED, ..edited(3) }]);
        assert_eq!(ask(&cache, &reads).await, 1);
    }

    #[tokio::test]
    async fn rows_that_are_read_together_are_kept_unless_something_was_committed_meanwhile() {
        let cache = Cache::new(10, invalidated_by);
        let read = async |commits: bool| {
            let load = async {
                if commits {
                    cache.forget(&[edited(2)]);
                }
                Ok(vec![(1, "read"), (2, "read")])
            };
            cache.rows(MESSAGE, &[1, 2], load).await.unwrap();
        };
        let asked = async || *cache.row(MESSAGE, 2, async { Ok(Some("asked")) }).await.unwrap().unwrap();
        read(false).await;
        assert_eq!(asked().await, "read");
        cache.forget(&[edited(2)]);
        read(true).await;
        assert_eq!(asked().await, "asked");
        let all = cache.rows(MESSAGE, &[1, 2], async { Err(Kind::Internal.into()) }).await.unwrap();
        assert_eq!(all.iter().map(|row| **row).collect::<Vec<&str>>(), ["read", "asked"], "nothing is left to read");
    }

    #[tokio::test]
    async fn without_room_for_anything_every_question_is_read() {
        let (cache, reads) = (Cache::new(0, invalidated_by), AtomicU32::new(0));
        assert_eq!((ask(&cache, &reads).await, ask(&cache, &reads).await), (0, 1));
    }
}
