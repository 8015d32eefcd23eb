//! Channel names: their rules, their kinds by prefix, and the one channel of each object.

use crate::object::Object;

/// Longest channel name, in characters.
pub const MAX_NAME: usize = 164;

/// What a subscription to a channel takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anyone who knows the key may subscribe.
    Public,
    /// Needs a signature.
    Private,
    /// Needs a signature that also covers who the subscriber is.
    Presence,
    /// One user's own: whoever has signed in as that user may subscribe.
    User,
}

/// The channel of a user begins with it.
const USER: &str = "#server-to-user-";

/// The kind of a channel, or `None` when `name` breaks the rules for channel names.
pub fn kind(name: &str) -> Option<Kind> {
    let valid = !name.is_empty()
        && name.len() <= MAX_NAME
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-=@,.;".contains(&b));
    if user(name).is_some() {
        Some(Kind::User)
    } else if !valid {
        None
    } else if name.starts_with("private-") {
        Some(Kind::Private)
    } else if name.starts_with("presence-") {
        Some(Kind::Presence)
    } else {
        Some(Kind::Public)
    }
}

/// Whether it is a cache channel, on which a newcomer is sent the last event.
pub fn is_cache(name: &str) -> bool {
    ["", "private-", "private-encrypted-", "presence-"]
        .iter()
        .any(|kind| name.strip_prefix(kind).is_some_and(|rest| rest.starts_with("cache-")))
}

/// Whether what is said there only its clients can read.
pub fn is_encrypted(name: &str) -> bool {
    name.starts_with("private-encrypted-")
}

/// The user whose own channel this is.
pub fn user(name: &str) -> Option<&str> {
    name.strip_prefix(USER).filter(|user| !user.is_empty() && name.len() <= MAX_NAME)
}

/// The channel on which the notices of `object` are heard.
pub fn of(object: Object) -> String {
    format!("private-{object}")
}

/// The object whose notices are heard on the channel `name`, if it is one of ours.
pub fn object(name: &str) -> Option<Object> {
    name.strip_prefix("private-")?.parse().ok()
}

/// The channel on which one sees who is at `object`.
pub fn presence_of(object: Object) -> String {
    format!("presence-{object}")
}

/// The object at which the channel `name` shows who is there, if it is one of ours.
pub fn presence_object(name: &str) -> Option<Object> {
    name.strip_prefix("presence-")?.parse().ok()
}

/// Every channel to which the right to listen to `object` admits.
pub fn all_of(object: Object) -> [String; 2] {
    [of(object), presence_of(object)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ROOM;

    #[test]
    fn the_prefix_decides_the_kind() {
        assert_eq!(kind("private-Room.7"), Some(Kind::Private));
        assert_eq!(kind("presence-Room.7"), Some(Kind::Presence));
        assert_eq!(kind("news"), Some(Kind::Public));
        assert_eq!(kind("#server-to-user-7"), Some(Kind::User));
    }

    #[test]
    fn a_cache_channel_may_be_of_any_kind() {
        for name in ["cache-x", "private-cache-x", "private-encrypted-cache-x", "presence-cache-x"] {
            assert!(is_cache(name), "{name}");
        }
        for name in ["cache", "x-cache-", "private-x", "private-private-cache-x", "#server-to-user-cache-x"] {
            assert!(!is_cache(name), "{name}");
        }
    }

    #[test]
    fn a_name_that_breaks_the_rules_has_no_kind() {
        for name in ["", "a b", "#server-to-user-", "#else", "private-ä", "a/b", &"x".repeat(MAX_NAME + 1)] {
            assert_eq!(kind(name), None, "{name}");
        }
        assert!(kind(&"x".repeat(MAX_NAME)).is_some());
    }

    #[test]
    fn every_object_has_one_channel() {
        assert_eq!(of(ROOM.object(7)), "private-Room.7");
        assert_eq!(object("private-Room.7"), Some(ROOM.object(7)));
        assert_eq!(object("private-anything"), None);
        assert_eq!(object("Room.7"), None);
        assert_eq!(object("presence-Room.7"), None);
        assert_eq!(presence_object(&presence_of(ROOM.object(7))), Some(ROOM.object(7)));
    }
}
