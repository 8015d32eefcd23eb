//! Which notices take a right away, and whose. The hub ends what rests on it before it tells the others.

use earshot_live::object::{Notice, Object};

use crate::entities::{DELETED, EXPORT, LEFT, ROLE_CHANGED, ROOM, SESSION, SIGNED_OUT, USER};

/// What a commit took away. Subscriptions and sockets that rest on it end before its notices are heard by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// One person's right to listen to one object.
    OfPerson { user: i64, object: Object },
    /// Everyone's right to listen to an object that is no more.
    OfEveryone { object: Object },
    /// All of a person's rights may be others now: every socket of theirs has to come back and ask anew.
    OfSockets { user: i64 },
    /// One session, with its sockets.
    OfSession { user: i64, session: i64 },
}

impl Revocation {
    /// Whose connections it concerns. An object that is no more is nobody's secret.
    pub fn user(self) -> Option<i64> {
        match self {
            Self::OfPerson { user, .. } | Self::OfSockets { user } | Self::OfSession { user, .. } => Some(user),
            Self::OfEveryone { .. } => None,
        }
    }

    /// The right that the change behind `notice` took away, if it took one.
    pub fn by(notice: &Notice) -> Option<Self> {
        let (object, id) = (notice.object, notice.reference.id);
        match (object.entity, notice.action, notice.reference.entity) {
            (ROOM, LEFT, USER) => Some(Self::OfPerson { user: id, object }),
            (ROOM, DELETED, ROOM) | (EXPORT, DELETED, EXPORT) => Some(Self::OfEveryone { object }),
            (USER, ROLE_CHANGED, _) => Some(Self::OfSockets { user: object.id }),
            (USER, SIGNED_OUT, SESSION) => Some(Self::OfSession { user: object.id, session: id }),
            _ => None,
        }
    }
}
