//! Exports: copies of a room, made in the background, that their owner downloads. The third use of Notify: each step of the
//! work is committed, and the page's bar moves because it was heard and reloaded.

pub mod api;
#[cfg(feature = "ssr")]
mod archive;
#[cfg(feature = "ssr")]
mod html;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;
#[cfg(feature = "ssr")]
pub mod worker;

use earshot_live::listen::HasId;
use earshot_live::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    pub id: i64,
    pub room: i64,
    pub room_name: String,
    pub ordered: Timestamp,
    pub state: State,
    /// The export's seq when this was read.
    pub seq: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Others come first.
    Waiting,
    /// So many messages of so many are written.
    Running { done: i64, total: i64 },
    /// An archive of so many bytes can be downloaded.
    Finished { size: i64 },
    /// It was given up, and this is why.
    Failed(String),
}

impl HasId for Export {
    fn id(&self) -> i64 {
        self.id
    }
}

impl Export {
    pub fn address(&self) -> String {
        format!("/exports/{}/download", self.id)
    }
}

/// Days for which an export is kept.
pub const KEPT_DAYS: i64 = 7;
/// Exports that one person may have.
pub const MAX_EXPORTS: i64 = 10;
