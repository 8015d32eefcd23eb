//! Channel names: their rules, their kinds by prefix, and the one channel of each object.

use crate::object::Object;

/// Longest channel name, in characters.
pub const MAX_NAME: usize = 164;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anyone who knows the key may subscribe.
    Public,
    /// Needs a signature.
    Private,
    /// Needs a signature that also covers who the subscriber is.
    Presence,
}

/// The kind of a channel, or `None` when `name` breaks the rules for channel names.
pub fn kind(name: &str) -> Option<Kind> {
    let valid = !name.is_empty()
        && name.len() <= MAX_NAME
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-=@,.;".contains(&b));
    if !valid {
        None
    } else if name.starts_with("private-") {
        Some(Kind::Private)
    } else if name.starts_with("presence-") {
        Some(Kind::Presence)
    } else {
        Some(Kind::Public)
    }
}

/// The channel on which the notices of `object` are heard.
pub fn of(object: Object) -> String {
    format!("private-{object}")
}

/// The object whose notices are heard on the channel `name`, if it is one of ours.
pub fn object(name: &str) -> Option<Object> {
    name.strip_prefix("private-")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_decides_the_kind() {
        assert_eq!(kind("private-Room.7"), Some(Kind::Private));
        assert_eq!(kind("presence-Room.7"), Some(Kind::Presence));
        assert_eq!(kind("news"), Some(Kind::Public));
    }

    #[test]
    fn a_name_that_breaks_the_rules_has_no_kind() {
        for name in ["", "a b", "#server-to-user-1", "private-ä", "a/b", &"x".repeat(MAX_NAME + 1)] {
            assert_eq!(kind(name), None, "{name}");
        }
        assert!(kind(&"x".repeat(MAX_NAME)).is_some());
    }

    #[test]
    fn every_object_has_one_channel() {
        assert_eq!(of(Object::Room(7)), "private-Room.7");
        assert_eq!(object("private-Room.7"), Some(Object::Room(7)));
        assert_eq!(object("private-anything"), None);
        assert_eq!(object("Room.7"), None);
    }
}
