//! A cache of rows; a commit invalidates what it changed, before anybody hears of it. What many ask for at the same time is read
//! once. Rows of all kinds share its bound, and are [`Any`] in it: a type for each would make [`Db`](crate::store::Db) one of the
//! program's own.

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
mod tests;
