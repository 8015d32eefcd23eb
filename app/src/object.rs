//! What everything else rests on: what can be listened to, what can happen to it, and the notice that says so.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};

use crate::timestamp::Timestamp;

/// Declares the kinds of persistable objects, so that one line is all that another one takes here: `single` are those of which there
/// is one, with its id; `listened` those that a page can listen to; `told` those that are heard of on another object alone.
macro_rules! entities {
    (
        single { $($(#[$single_doc:meta])* $single:ident = $single_id:literal,)* }
        listened { $($(#[$listened_doc:meta])* $listened:ident,)* }
        told { $($told:ident,)* }
    ) => {
        /// A kind of persistable object: the `entity` of a notice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString)]
        pub enum Entity {
            $($single,)*
            $($listened,)*
            $($told,)*
            /// One that this version does not know: a page outlives a deploy.
            #[serde(other)]
            Other,
        }

        /// An object that a page can listen to. On the wire `Room.7`, its channel `private-Room.7`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub enum Object {
            $($(#[$single_doc])* $single,)*
            $($(#[$listened_doc])* $listened(i64),)*
        }

        impl Object {
            pub fn entity(self) -> Entity {
                match self {
                    $(Object::$single => Entity::$single,)*
                    $(Object::$listened(_) => Entity::$listened,)*
                }
            }

            pub fn id(self) -> i64 {
                match self {
                    $(Object::$single => $single_id,)*
                    $(Object::$listened(id) => id,)*
                }
            }

            /// The object of this kind with this id, if it can be listened to.
            fn of(entity: Entity, id: i64) -> Option<Self> {
                match entity {
                    $(Entity::$single => Some(Object::$single),)*
                    $(Entity::$listened => Some(Object::$listened(id)),)*
                    $(Entity::$told => None,)*
                    Entity::Other => None,
                }
            }
        }
    };
}

entities! {
    single {
        /// Everyone on this server. What concerns all is heard here: an open room was created, somebody joined.
        Team = 1,
    }
    listened {
        /// One room with its messages and members.
        Room,
        /// One person. What concerns this person alone is heard here, and only this person may listen.
        User,
        /// One export of a room, as long as it is being made and until it is deleted. Only its owner may listen.
        Export,
    }
    told {
        Message,
        Session,
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
        let object = Object::of(entity.parse().map_err(|_| NoSuchObject)?, id).ok_or(NoSuchObject)?;
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

/// Notices of one object that one answer holds. Who has more to catch up on asks again.
pub const NOTICES_PAGE: usize = 200;

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
