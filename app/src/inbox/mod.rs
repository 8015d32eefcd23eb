//! The inbox: what is addressed to one person and not read yet.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;

use earshot_live::listen::HasId;
use earshot_live::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};

use crate::people::Person;

/// A message that is addressed to the viewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The message's.
    pub id: i64,
    pub cause: Cause,
    pub room: i64,
    pub room_name: String,
    pub author: Person,
    /// The beginning of what it says, on one line.
    pub excerpt: String,
    pub posted: Timestamp,
}

/// Why a message is addressed to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Cause {
    Mention,
    Everyone,
    Direct,
}

impl Entry {
    /// Where the message can be read.
    pub fn href(&self) -> String {
        format!("/rooms/{}?at={}#message-{}", self.room, self.id, self.id)
    }

    /// Who says it, and where.
    pub fn heading(&self) -> String {
        match self.cause {
            Cause::Mention | Cause::Everyone => format!("{} in {}", self.author.name, self.room_name),
            Cause::Direct => self.author.name.clone(),
        }
    }
}

impl HasId for Entry {
    fn id(&self) -> i64 {
        self.id
    }
}

/// What waits in the inbox: the newest, [`MAX_ENTRIES`] at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    pub entries: Vec<Entry>,
    /// The seq of what concerns the viewer alone, when this was read.
    pub seq: i64,
}

pub const MAX_ENTRIES: usize = 100;
/// Characters of a message that are shown.
pub const MAX_EXCERPT: usize = 160;
