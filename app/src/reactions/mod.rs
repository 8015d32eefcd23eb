//! Reactions: an emoji that somebody puts under a message.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;

use serde::{Deserialize, Serialize};

use crate::people::Person;

/// One emoji under a message, and who put it there, the first of them first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    pub emoji: String,
    pub people: Vec<Person>,
}

impl Reaction {
    pub fn is_by(&self, person: i64) -> bool {
        self.people.iter().any(|one| one.id == person)
    }
}

/// Offered at once; any other can be typed.
pub const QUICK: [&str; 6] = ["👍", "❤️", "😂", "🎉", "👀", "✅"];
/// Different ones on one message.
pub const MAX_DIFFERENT: usize = 20;
