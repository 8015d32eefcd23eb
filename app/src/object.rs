//! The ground floor: what can be listened to, what can happen to it, and the notice that says so.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};

use crate::timestamp::Timestamp;

/// A kind of persistable object: the `entity` of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString)]
pub enum Entity {
    Team,
    User,
    Session,
    Room,
    Message,
    Export,
    /// One that this version does not know: a page outlives a deploy.
    #[serde(other)]
    Other,
}

/// An object that a page can listen to. On the wire `Room.7`, its channel `private-Room.7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Object {
    /// Everyone on this server. What concerns all is heard here: an open room was created, somebody joined. Its id is 1.
    Team,
    /// One room with its messages and members.
    Room(i64),
    /// One person. What concerns this person alone is heard here, and only this person may listen.
    User(i64),
    /// One export of a room, as long as it is being made and until it is deleted. Only its owner may listen.
    Export(i64),
}

const TEAM_ID: i64 = 1;

impl Object {
    pub fn entity(self) -> Entity {
        match self {
            Object::Team => Entity::Team,
            Object::Room(_) => Entity::Room,
            Object::User(_) => Entity::User,
            Object::Export(_) => Entity::Export,
        }
    }

    pub fn id(self) -> i64 {
        match self {
            Object::Team => TEAM_ID,
            Object::Room(id) | Object::User(id) | Object::Export(id) => id,
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.entity(), self.id())
    }
}

/// The text names no object: not `<Entity>.<positive id>` in its one canonical form, or an entity without listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this names no object")]
pub struct NoSuchObject;

impl FromStr for Object {
    type Err = NoSuchObject;

    fn from_str(text: &str) -> Result<Self, NoSuchObject> {
        let (entity, digits) = text.split_once('.').ok_or(NoSuchObject)?;
        let id: i64 = digits.parse().map_err(|_| NoSuchObject)?;
        let object = match entity.parse::<Entity>().map_err(|_| NoSuchObject)? {
            Entity::Team => Object::Team,
            Entity::Room => Object::Room(id),
            Entity::User => Object::User(id),
            Entity::Export => Object::Export(id),
            Entity::Message | Entity::Session | Entity::Other => return Err(NoSuchObject),
        };
        // `Room.+7` and `Room.07` would be second names for one object, and there is one team.
        if id > 0 && object.to_string() == text { Ok(object) } else { Err(NoSuchObject) }
    }
}

impl From<Object> for String {
    fn from(object: Object) -> Self {
        object.to_string()
    }
}

impl TryFrom<String> for Object {
    type Error = NoSuchObject;

    fn try_from(text: String) -> Result<Self, NoSuchObject> {
        text.parse()
    }
}

/// What happened, and what a listener runs: the event name on the wire. Which object it is heard on stands behind each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// `Room`: a message was written.
    Posted,
    /// `Room`: a message was changed by its author.
    Edited,
    /// `Room`: a message, or the room itself (the entity says which), is no more. `Export`, and `User` of its owner: an export
    /// is no more.
    Deleted,
    /// `Team`: an open room came to be. `User`: an export of this person's was ordered.
    Created,
    /// `Export`: one more step of it is done, or the last, or it has failed.
    Progressed,
    /// `Room`: somebody's sign on a message came or went.
    Reacted,
    /// `Room`: it has another name.
    Renamed,
    /// `Room`: somebody became a member. `Team`: somebody signed up.
    Joined,
    /// `Team`: somebody's name or picture is another one.
    ProfileChanged,
    /// `Room`: somebody is no longer a member. `User`: this person has left a room, by themselves.
    Left,
    /// `User`: this person may read a room from now on.
    Added,
    /// `User`: this person may no longer read a room, by somebody else's doing.
    Removed,
    /// `User`: a message is addressed to this person.
    Notified,
    /// `User`: this person has read a room, or wants to hear more or less of it.
    Read,
    /// `User`: this person's role was given or taken away, or the whole account.
    RoleChanged,
    /// `User`: one of this person's sessions is over.
    SignedOut,
    /// One that this version does not know: it is counted, and nothing is run.
    #[serde(other)]
    Other,
}

/// One row of `notices`: something happened to `object`, and it is the `seq`th thing that did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub object: Object,
    pub action: Action,
    #[serde(flatten)]
    pub reference: Reference,
}

/// The payload of a notice: which row changed, when and by whom. Never what it says now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    pub entity: Entity,
    pub id: i64,
    /// Counts the notices of one object without gaps, in commit order, from 1.
    pub seq: i64,
    pub changed: Timestamp,
    /// The name of the person who changed it, or `Application`.
    pub by: String,
}

/// What an object has to tell to a listener who is at some number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// The notices that come next, oldest first, as many as one answer holds.
    Notices(Vec<Notice>),
    /// The next ones are not kept any more: the listener reads the whole object anew and goes on from number `seq`.
    TooOld { seq: i64 },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read_as_it_is_written() {
        for object in [Object::Team, Object::Room(7), Object::User(i64::MAX), Object::Export(1)] {
            assert_eq!(object.to_string().parse(), Ok(object));
        }
    }

    #[test]
    fn what_a_later_version_says_is_counted() {
        let notice = r#"{"object":"Room.7","action":"painted","entity":"Wall","id":1,"seq":9,"changed":0,"by":"Ada"}"#;
        let notice: Notice = serde_json::from_str(notice).unwrap();
        assert_eq!((notice.action, notice.reference.entity, notice.reference.seq), (Action::Other, Entity::Other, 9));
    }

    #[test]
    fn an_object_has_one_name_only() {
        for text in [
            "Room.07",
            "Room.+7",
            "Room.0",
            "Room.-1",
            "Room.",
            "Room",
            "room.7",
            "Team.2",
            "Message.7",
            "Room.7.7",
            "",
        ] {
            assert_eq!(text.parse::<Object>(), Err(NoSuchObject), "{text}");
        }
    }
}
