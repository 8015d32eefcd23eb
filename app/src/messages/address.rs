//! Where in a room one is, and what one is about to do there. Both stand in the address, so that a page can be loaded again,
//! passed on, and used without JavaScript.

/// The part of a conversation that a page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    #[default]
    Newest,
    /// The page that ends before this message.
    Before(i64),
    /// The page that begins after this message.
    After(i64),
    /// What was said around this message.
    At(i64),
}

impl Place {
    /// The place that was asked for. One wish counts, the narrowest.
    pub fn asked(at: Option<i64>, before: Option<i64>, after: Option<i64>) -> Self {
        let places = [at.map(Self::At), before.map(Self::Before), after.map(Self::After)];
        places.into_iter().flatten().next().unwrap_or_default()
    }

    /// What to ask for: around, before, after which message. The other way round of [`Place::asked`].
    pub fn wishes(self) -> (Option<i64>, Option<i64>, Option<i64>) {
        match self {
            Self::Newest => (None, None, None),
            Self::At(id) => (Some(id), None, None),
            Self::Before(id) => (None, Some(id), None),
            Self::After(id) => (None, None, Some(id)),
        }
    }

    /// The wish of this place, as it stands in an address.
    pub fn wish(self) -> Option<(&'static str, i64)> {
        match self {
            Self::Newest => None,
            Self::Before(id) => Some(("before", id)),
            Self::After(id) => Some(("after", id)),
            Self::At(id) => Some(("at", id)),
        }
    }
}

/// A place in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    pub room: i64,
    pub place: Place,
}

impl Address {
    pub fn path(self) -> String {
        let query = self.place.wish().map(|(wish, id)| format!("?{wish}={id}")).unwrap_or_default();
        format!("/rooms/{}{query}", self.room)
    }

    /// The same place, about to do `what` (`edit`, `reply`, `react`) with a message.
    pub fn doing(self, what: &str, message: i64) -> String {
        let query = self.place.wish().map(|(wish, id)| format!("{wish}={id}&")).unwrap_or_default();
        format!("/rooms/{}?{query}{what}={message}", self.room)
    }

    /// The lasting address of a message: the room, opened around it.
    pub fn of_message(self, message: i64) -> String {
        let place = Place::At(message);
        format!("{}#message-{message}", Self { place, ..self }.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_place() {
        let newest = Address { room: 7, place: Place::Newest };
        let around = Address { room: 7, place: Place::asked(Some(5), Some(6), None) };
        assert_eq!((newest.path(), around.path()), ("/rooms/7".into(), "/rooms/7?at=5".into()));
        assert_eq!(
            (newest.doing("edit", 9), around.doing("edit", 9)),
            ("/rooms/7?edit=9".into(), "/rooms/7?at=5&edit=9".into())
        );
        let before = Address { room: 7, place: Place::Before(6) };
        assert_eq!(before.doing("edit", 9), "/rooms/7?before=6&edit=9");
        assert_eq!(newest.of_message(9), "/rooms/7?at=9#message-9");
    }
}
