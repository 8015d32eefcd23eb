//! Rooms: open to everyone, or closed to all but their members.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::listen::HasId;
use crate::people::Person;

/// A room as one viewer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub id: i64,
    pub name: String,
    /// Members only.
    pub closed: bool,
    /// Whether this viewer may rename or delete it and choose its members.
    pub mine: bool,
    /// The room's seq when this was read.
    pub seq: i64,
}

impl HasId for Room {
    fn id(&self) -> i64 {
        self.id
    }
}

/// Every room that a viewer may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomList {
    pub rooms: Vec<Room>,
    /// The team's seq when this was read: new open rooms are heard there.
    pub team_seq: i64,
}

/// Who is in a closed room, and who could be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    pub members: Vec<Person>,
    pub others: Vec<Person>,
}

/// Characters.
pub const MAX_NAME: usize = 80;
