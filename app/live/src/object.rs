//! What everything else rests on: what can be listened to, what can happen to it, and the notice that says so.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tinystr::TinyAsciiStr;

use crate::timestamp::Timestamp;

/// Characters of the longest name.
const MAX_NAME: usize = 32;

/// A kind of persistable object, as it is called on the wire: `Room`. A capital letter, then letters and digits, 32 at most. A
/// program declares its own with [`entities!`](crate::entities).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Entity(TinyAsciiStr<MAX_NAME>);

/// What happened, and what a listener runs: the event name on the wire, `posted`. Small letters, digits and underscores, 32 at
/// most, and a letter first. A program declares its own with [`actions!`](crate::actions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Action(TinyAsciiStr<MAX_NAME>);

/// One object of an entity. On the wire `Room.7`; its notices are heard on the channel `private-Room.7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Object {
    /// What kind of object it is.
    pub entity: Entity,
    /// Its primary key, positive.
    pub id: i64,
}

/// The text is no name: of no [`Entity`], no [`Action`], or no [`Object`] in its one canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this names nothing")]
pub struct NoName;

const fn entity_name(text: &str) -> Option<TinyAsciiStr<MAX_NAME>> {
    match (text.as_bytes(), TinyAsciiStr::try_from_str(text)) {
        ([b'A'..=b'Z', ..], Ok(name)) if name.is_ascii_alphanumeric() => Some(name),
        _ => None,
    }
}

const fn action_name(text: &str) -> Option<TinyAsciiStr<MAX_NAME>> {
    let bytes = text.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        let fits = match bytes[index] {
            b'a'..=b'z' => true,
            b'0'..=b'9' | b'_' => index > 0,
            _ => false,
        };
        if !fits {
            return None;
        }
        index += 1;
    }
    match TinyAsciiStr::try_from_str(text) {
        Ok(name) if !name.is_empty() => Some(name),
        _ => None,
    }
}

impl Entity {
    /// For a constant.
    ///
    /// # Panics
    /// When that is no name of an entity; in a constant the compiler says so.
    pub const fn new(name: &str) -> Self {
        match entity_name(name) {
            Some(name) => Self(name),
            None => panic!("an entity is a capital letter, then letters and digits, 32 at most"),
        }
    }

    /// The object of this kind with this id.
    pub const fn object(self, id: i64) -> Object {
        Object { entity: self, id }
    }
}

impl Action {
    /// For a constant.
    ///
    /// # Panics
    /// When that is no name of an action; in a constant the compiler says so.
    pub const fn new(name: &str) -> Self {
        match action_name(name) {
            Some(name) => Self(name),
            None => panic!("an action is a small letter, then small letters, digits and underscores, 32 at most"),
        }
    }
}

impl FromStr for Entity {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        entity_name(text).map(Self).ok_or(NoName)
    }
}

impl FromStr for Action {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        action_name(text).map(Self).ok_or(NoName)
    }
}

impl FromStr for Object {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let (entity, digits) = text.split_once('.').ok_or(NoName)?;
        let object = Self { entity: entity.parse()?, id: digits.parse().map_err(|_| NoName)? };
        // `Room.+7` and `Room.07` would be second names for one object.
        if object.id > 0 && object.to_string() == text { Ok(object) } else { Err(NoName) }
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.entity, self.id)
    }
}

/// As serde asks for it: each is written and read as text.
macro_rules! as_text {
    ($($name:ident)*) => {$(
        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = NoName;

            fn try_from(text: String) -> Result<Self, NoName> {
                text.parse()
            }
        }
    )*};
}

as_text! { Entity Action Object }

/// Declares a program's entities, one line each: a constant for its name, and a variant of an enum by which the compiler asks for
/// each of them where all have to be thought of.
///
/// ```
/// earshot_live::entities! {
///     /// The kinds of persistable objects.
///     pub enum Noun {
///         /// One room with its messages.
///         Room = ROOM,
///         /// One line of what is said in a room.
///         Message = MESSAGE,
///     }
/// }
///
/// assert_eq!(ROOM.object(7).to_string(), "Room.7");
/// assert_eq!(Noun::of(MESSAGE), Some(Noun::Message));
/// ```
#[macro_export]
macro_rules! entities {
    ($(#[$docs:meta])* $vis:vis enum $nouns:ident { $($(#[$doc:meta])* $noun:ident = $name:ident,)* }) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $nouns { $($(#[$doc])* $noun,)* }

        $($(#[$doc])* $vis const $name: $crate::object::Entity = $crate::object::Entity::new(stringify!($noun));)*

        impl $nouns {
            /// Which of them it is, unless another program, or another version of this one, has declared it.
            $vis fn of(entity: $crate::object::Entity) -> Option<Self> {
                $(if entity == $name { return Some(Self::$noun); })*
                None
            }
        }
    };
}

/// Declares a program's actions, one line each: a constant for its name, and the list of all of them.
///
/// ```
/// earshot_live::actions! {
///     /// What can happen.
///     pub const ACTIONS = [
///         /// A message was written.
///         POSTED = "posted",
///     ];
/// }
///
/// assert_eq!(POSTED.to_string(), "posted");
/// assert!(ACTIONS.contains(&POSTED));
/// ```
#[macro_export]
macro_rules! actions {
    ($(#[$docs:meta])* $vis:vis const $all:ident = [$($(#[$doc:meta])* $name:ident = $text:literal,)*];) => {
        $($(#[$doc])* $vis const $name: $crate::object::Action = $crate::object::Action::new($text);)*

        $(#[$docs])*
        $vis const $all: &[$crate::object::Action] = &[$($name,)*];
    };
}

/// One row of `notices`: something happened to `object`, and it is the `seq`th thing that did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// On which it is heard.
    pub object: Object,
    /// What happened.
    pub action: Action,
    /// To what, when, and by whom.
    #[serde(flatten)]
    pub reference: Reference,
}

/// The payload of a notice: which row changed, when and by whom. Never what it says now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The kind of what has changed. The object on which the notice is heard may be of another.
    pub entity: Entity,
    /// Its primary key.
    pub id: i64,
    /// Counts the notices of one object without gaps, in commit order, from 1.
    pub seq: i64,
    /// When it was committed, by the server's clock.
    pub changed: Timestamp,
    /// The name of the person who changed it, or `Application`.
    pub by: String,
}

impl Reference {
    /// What has changed.
    pub fn changed_object(&self) -> Object {
        self.entity.object(self.id)
    }
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
    TooOld {
        /// The object's latest.
        seq: i64,
    },
}

#[cfg(test)]
mod tests;
