//! Rooms: open to everyone, closed to all but their members, or direct: the conversation of a few people, named after them.

pub mod api;
#[cfg(feature = "ssr")]
pub mod direct;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;

use earshot_live::listen::HasId;
use serde::{Deserialize, Serialize};

use crate::people::Person;
use crate::readings::Reading;

/// A room as one viewer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub id: i64,
    /// Of a direct one: the others in it, as this viewer sees it.
    pub name: String,
    /// Members only.
    pub closed: bool,
    pub direct: bool,
    /// Whether this viewer may rename or delete it and choose its members.
    pub mine: bool,
    /// The newest message of a direct conversation, by which those are ordered. Of other rooms nothing.
    pub latest: Option<i64>,
    /// How it stands with this viewer.
    pub reading: Reading,
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
    /// The seq of what concerns the viewer alone, when this was read.
    pub user_seq: i64,
}

/// Who is in a closed room, and who could be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    pub members: Vec<Person>,
    pub others: Vec<Person>,
}

/// Characters.
pub const MAX_NAME: usize = 80;
/// People in a direct conversation.
pub const MAX_DIRECT: usize = 8;
