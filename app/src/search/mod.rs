//! Search: messages by their words, and people and rooms by their names, among what the viewer may read.

pub mod api;
#[cfg(feature = "ssr")]
pub mod query;
mod rank;
#[cfg(feature = "ssr")]
mod snippet;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;

use earshot_live::timestamp::Timestamp;
use leptos_router::location::Url;
use serde::{Deserialize, Serialize};

use crate::people::Person;

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub id: i64,
    pub room: i64,
    pub room_name: String,
    pub author: Person,
    pub posted: Timestamp,
    pub snippet: Vec<Piece>,
}

impl Hit {
    /// Where it stands among what was said before and after.
    pub fn permalink(&self) -> String {
        format!("/rooms/{0}?at={1}#message-{1}", self.room, self.id)
    }
}

/// A piece of a message's text, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub text: String,
    /// Whether it is one of the words that were looked for.
    pub found: bool,
}

/// What was found, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// The message before which to go on, if there may be more. It may be set although nothing was found: of very many messages
    /// that others may read, one answer looks at a part.
    pub before: Option<i64>,
}

/// What is offered while one types.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anything {
    pub people: Vec<Person>,
    pub messages: Vec<Hit>,
}

/// Messages on a page.
pub const PAGE: usize = 25;
/// Of people and of messages, what is offered while one types.
pub const OFFERED: usize = 5;
/// Characters.
pub const MAX_QUERY: usize = 200;

/// The page that looks for `query`, among the messages before one of them.
pub fn page_of(query: &str, before: Option<i64>) -> String {
    let before = before.map(|id| format!("&before={id}")).unwrap_or_default();
    format!("/search?q={}{before}", Url::escape(query))
}
