//! Mentions: `@Name` and `@everyone` in what is written.

pub mod api;
#[cfg(feature = "ssr")]
mod find;
#[cfg(feature = "ssr")]
pub mod store;
mod view;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use find::{find, mentioned};
pub use view::{Completion, MentionList};

/// Somebody who is mentioned, under the name by which it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The person's, or [`EVERYONE`].
    pub id: i64,
    pub name: String,
}

/// What `@everyone` mentions: an id that nobody has.
pub const EVERYONE: i64 = 0;
pub const NAME_OF_EVERYONE: &str = "everyone";

/// The name behind `@` that means all.
pub fn everyone() -> Mention {
    Mention { id: EVERYONE, name: NAME_OF_EVERYONE.to_owned() }
}
