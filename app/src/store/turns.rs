//! Commits of one object in this process take turns, from the numbering to the hand-over: its notices leave in the order of
//! their numbers, and a removal is known before anything that was committed after it is heard.

use std::collections::HashMap;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use crate::object::Object;

/// Entries after which those of objects that nobody waits for are cleared away.
const SWEEP: usize = 1_000;

#[derive(Default)]
pub struct Turns(Mutex<HashMap<Object, Weak<Turn<()>>>>);

/// The turns that one transaction has.
#[derive(Default)]
pub struct Held(BTreeMap<Object, OwnedMutexGuard<()>>);

impl Turns {
    /// Waits until it is this transaction's turn. Who takes several does so in the objects' order: then nobody waits in a
    /// ring.
    pub async fn take(&self, object: Object, held: &mut Held) {
        if let Entry::Vacant(entry) = held.0.entry(object) {
            entry.insert(self.of(object).lock_owned().await);
        }
    }

    fn of(&self, object: Object) -> Arc<Turn<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() >= SWEEP {
            turns.retain(|_, turn| turn.strong_count() > 0);
        }
        if let Some(turn) = turns.get(&object).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        turns.insert(object, Arc::downgrade(&turn));
        turn
    }
}
