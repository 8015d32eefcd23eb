//! Places for what comes in at the same time, server only: so many for all, and few of them for one person.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Kind};

/// Uploads of all.
const MAX_UPLOADS: usize = 64;
/// Uploads of one person: two tabs' worth.
const MAX_OF_ONE: usize = 4;

#[derive(Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    /// How many each person has, of those who have any.
    taken: Arc<Mutex<HashMap<i64, usize>>>,
}

/// It is given back when this is dropped.
pub struct Place {
    person: i64,
    taken: Arc<Mutex<HashMap<i64, usize>>>,
    _of_all: OwnedSemaphorePermit,
}

impl Default for Places {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(MAX_UPLOADS)), taken: Arc::default() }
    }
}

impl Places {
    /// # Errors
    /// `Busy` when all are taken, or as many as one person may have.
    pub fn take(&self, person: i64) -> Result<Place, Error> {
        let of_all = self.all.clone().try_acquire_owned().map_err(|_| Kind::Busy)?;
        let mut taken = lock(&self.taken);
        let count = taken.entry(person).or_default();
        if *count >= MAX_OF_ONE {
            let sentence = "As many of your files are on their way as may be. Please try again when one has arrived.";
            return Err(Error { kind: Kind::Busy, sentence: sentence.to_owned() });
        }
        *count += 1;
        Ok(Place { person, taken: self.taken.clone(), _of_all: of_all })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(count) = taken.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.person);
            }
        }
    }
}

fn lock(taken: &Mutex<HashMap<i64, usize>>) -> MutexGuard<'_, HashMap<i64, usize>> {
    // A panic while it was held would be a bug elsewhere; the numbers are still good.
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}
