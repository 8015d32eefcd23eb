//! Messages: what is said in a room.

mod address;
mod announce;
mod answer;
pub mod api;
#[cfg(feature = "ssr")]
pub mod bulk;
mod composer;
mod conversation;
mod drafts;
mod edit;
mod grouping;
#[cfg(feature = "ssr")]
pub mod markdown;
mod newer;
mod outbox;
mod scrolling;
#[cfg(feature = "ssr")]
pub mod store;
mod timeline;
mod view;
mod window;

use earshot_live::error::Error;
use earshot_live::listen::HasId;
use earshot_live::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::files::File;
use crate::mentions::Mention;
use crate::people::{Me, Person};
use crate::reactions::Reaction;
use crate::text::{shows, with_stored_breaks};

pub use address::{Address, Place};
pub use conversation::{Conversation, page_at};
pub use drafts::{Drafts, provide_drafts};
pub use outbox::{Outbox, provide_outbox};
pub use view::LostMessages;
pub use window::MessageWindow;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: i64,
    pub author: Person,
    /// As it was written: Markdown, to be edited. Empty once it is deleted.
    pub body: String,
    /// The same as markup that is safe to show.
    pub html: String,
    pub files: Vec<File>,
    /// Whom it mentions.
    pub mentions: Vec<Mention>,
    pub posted: Timestamp,
    pub edited: Option<Timestamp>,
    /// When it was deleted: nothing is left of it but its place in the conversation.
    pub deleted: Option<Timestamp>,
    /// What it answers.
    pub reply_to: Option<Quote>,
    pub reactions: Vec<Reaction>,
    /// Tells the form with which it was posted, for the browser that did.
    pub client_id: String,
}

impl Message {
    /// Whether to offer `me` to change it. The access rules decide again when it is tried.
    pub fn changeable_by(&self, me: &Me) -> bool {
        self.deleted.is_none() && (self.author.id == me.person.id || me.admin)
    }

    /// As it stands above its answers, with all marks of its Markdown: the server can do without them.
    pub fn quote(&self) -> Quote {
        let line = || self.body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_QUOTE).collect();
        let line = self.deleted.is_none().then(line);
        Quote { id: self.id, author: self.author.clone(), line }
    }
}

impl HasId for Message {
    fn id(&self) -> i64 {
        self.id
    }
}

/// A message as it stands above its answers: as it is now, not as it was when it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quote {
    pub id: i64,
    pub author: Person,
    /// Its first line; nothing once it is deleted.
    pub line: Option<String>,
}

/// What somebody posts.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewMessage<'a> {
    pub body: &'a str,
    /// Made by the form: of two with the same, only the first becomes a message.
    pub client_id: &'a str,
    /// The message that it answers.
    pub reply_to: Option<i64>,
    /// Files that its author has uploaded before.
    pub files: &'a [i64],
}

/// A window of a room's messages, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub more: bool,
    /// Whether there are newer ones.
    pub newer: bool,
    /// The room's seq when this was read.
    pub seq: i64,
}

/// Messages on a page.
pub const PAGE: usize = 50;
/// Characters.
pub const MAX_BODY: usize = 10_000;
/// Characters of a message that is quoted.
pub const MAX_QUOTE: usize = 120;

/// The text of a new message with so many files. With any it may be empty.
///
/// # Errors
/// As for [`check_body`].
pub fn check_post(body: &str, files: usize) -> Result<String, Error> {
    if files > 0 && !shows(body) { Ok(String::new()) } else { check_body(body) }
}

/// The text of a message as it is stored.
///
/// # Errors
/// `Invalid`, with what to change.
pub fn check_body(body: &str) -> Result<String, Error> {
    let body = with_stored_breaks(body);
    let length = body.chars().count();
    if !shows(&body) {
        Err(Error::invalid("Please write something first."))
    } else if length > MAX_BODY {
        Err(Error::invalid(format!("This message has {length} characters; {MAX_BODY} is the most.")))
    } else {
        Ok(body)
    }
}
