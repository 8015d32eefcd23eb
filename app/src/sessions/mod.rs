//! Where somebody is signed in: on which device, from where, and when it was last used.

pub mod api;
#[cfg(feature = "ssr")]
mod device;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;

use std::time::Duration;

use earshot_live::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: i64,
    /// `Firefox on Linux`, as far as the browser has told.
    pub device: String,
    /// The address from which it was last used.
    pub address: String,
    pub used: Timestamp,
    /// Whether it is the one that asks.
    pub this: bool,
}

/// A person's sessions, the last used first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionList {
    pub user: i64,
    pub sessions: Vec<Session>,
}

/// How old the time of last use may be: not every request writes.
pub const USE_NOTED_EVERY: Duration = Duration::from_secs(5 * 60);
/// Sessions that one answer holds.
pub const MAX_SHOWN: usize = 100;
