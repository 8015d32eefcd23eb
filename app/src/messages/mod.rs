//! Messages: what is said in a room.

pub mod api;
mod composer;
mod conversation;
mod edit;
mod newer;
mod outbox;
#[cfg(feature = "ssr")]
pub mod store;
mod stretch;
mod timeline;
mod view;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::listen::HasId;
use crate::moment::Moment;
use crate::people::{Me, Person};

pub use conversation::Conversation;
pub use stretch::Stretch;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: i64,
    pub author: Person,
    /// As it was written: text, never markup.
    pub body: String,
    pub posted: Moment,
    pub edited: Option<Moment>,
    /// Tells the form with which it was posted, for the browser that did.
    pub client_id: String,
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

/// The text of a message as it is stored.
///
/// # Errors
/// `Invalid`, with what to change.
pub fn check_body(body: &str) -> Result<String, Error> {
    // Browsers send line breaks in forms as CR LF.
    let body = body.replace("\r\n", "\n");
    let length = body.chars().count();
    if body.trim().is_empty() {
        Err(Error::invalid("Please write something first."))
    } else if length > MAX_BODY {
        Err(Error::invalid(format!("This message has {length} characters; {MAX_BODY} is the most.")))
    } else if body.contains('\0') {
        Err(Error::invalid("A message cannot contain the NUL character."))
    } else {
        Ok(body)
    }
}
