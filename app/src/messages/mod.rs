//! Messages: what is said in a room.

pub mod api;
mod composer;
mod conversation;
mod edit;
#[cfg(feature = "ssr")]
pub mod store;
mod timeline;
mod view;

use serde::{Deserialize, Serialize};

use crate::listen::HasId;
use crate::moment::Moment;
use crate::people::{Me, Person};

pub use conversation::Conversation;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: i64,
    pub author: Person,
    /// As it was written: text, never markup.
    pub body: String,
    pub posted: Moment,
    pub edited: Option<Moment>,
}

impl Message {
    /// Whether to offer `me` to change it. The access rules decide again when it is tried.
    pub fn changeable_by(&self, me: &Me) -> bool {
        self.author.id == me.person.id || me.admin
    }
}

impl HasId for Message {
    fn id(&self) -> i64 {
        self.id
    }
}

/// A stretch of a room's messages, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub more: bool,
    /// The room's seq when this was read.
    pub seq: i64,
}

/// Messages on a page.
pub const PAGE: usize = 50;
/// Characters.
pub const MAX_BODY: usize = 10_000;
