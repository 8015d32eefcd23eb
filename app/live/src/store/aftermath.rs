//! What a commit leaves behind: it invalidates what is cached, and only then is it told.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::object::Notice;
use crate::store::Notifier;
use crate::store::cache::Cache;

/// Shared by all transactions of a database.
pub(super) struct Aftermath {
    pub notifier: Arc<dyn Notifier>,
    pub cache: Cache,
    /// The last write came to nothing, for whatever reason.
    pub in_doubt: AtomicBool,
}

impl Aftermath {
    /// Forgets what has changed, and only then hands the notices to the notifier.
    pub fn hand_over(&self, notices: &[Notice]) {
        self.cache.forget(notices);
        for notice in notices {
            self.cache.reached(notice.object, notice.reference.seq);
        }
        self.notifier.notify(notices);
    }

    /// So much has changed that everything is forgotten, and everyone is to catch up.
    pub fn missed(&self) {
        self.cache.forget_all();
        self.notifier.missed();
    }
}
