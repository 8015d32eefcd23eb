//! Readings: how far one has read each room, and how much one wants to hear of it.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;

use serde::{Deserialize, Serialize};

/// How a room stands with one person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The newest message that was read.
    pub upto: i64,
    /// Messages of others after it, of the newest [`COUNTED`].
    pub unread: usize,
    pub level: Level,
}

/// How much one wants to hear of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// What is unread is counted.
    #[default]
    Everything,
    /// Only what is addressed to oneself counts.
    Mentions,
    /// The room is quiet, whatever happens in it.
    Nothing,
}

/// Messages of a room that are looked at to count what is unread.
pub const COUNTED: usize = 100;

impl From<i64> for Level {
    fn from(number: i64) -> Self {
        match number {
            1 => Level::Mentions,
            2 => Level::Nothing,
            _ => Level::Everything,
        }
    }
}

impl From<Level> for i64 {
    fn from(level: Level) -> Self {
        match level {
            Level::Everything => 0,
            Level::Mentions => 1,
            Level::Nothing => 2,
        }
    }
}

/// A count as it is shown: what was not counted to the end is more than 99.
pub fn capped(count: usize) -> String {
    if count < COUNTED { count.to_string() } else { format!("{}+", COUNTED - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_read_as_it_is_stored() {
        for level in [Level::Everything, Level::Mentions, Level::Nothing] {
            assert_eq!(Level::from(i64::from(level)), level);
        }
    }

    #[test]
    fn a_count_ends_at_ninety_nine() {
        assert_eq!([1, 99, 100, 250].map(capped), ["1", "99", "99+", "99+"]);
    }
}
