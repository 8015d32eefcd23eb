//! Every access rule of the product, on one page. Only this file can make an [`Access`], and no function that touches an
//! object's data takes less. Unknown and forbidden are one answer after one look: alike in status, body and time.

use std::marker::PhantomData;
use std::sync::Arc;

use sqlx::query_as;

use crate::error::{Error, Kind};
use crate::object::{Action, Entity, Notice, Object};
use crate::store::facts::{RoomFacts, Source};
use crate::store::{Db, Viewer};

/// Proof that `viewer` has the right `R` to one `T`.
#[derive(Clone, Debug)]
pub struct Access<T, R = Read> {
    viewer: Viewer,
    object: Object,
    id: i64,
    right: PhantomData<fn() -> (T, R)>,
}

/// What a proof is about: the `T` of [`Access`].
#[derive(Clone, Debug)]
pub enum Team {}
#[derive(Clone, Debug)]
pub enum Room {}
#[derive(Clone, Debug)]
pub enum Message {}
#[derive(Clone, Debug)]
pub enum User {}
/// The notices of an object: the right to listen to it.
#[derive(Clone, Debug)]
pub enum Notices {}

/// To see it. In a room also: to post.
#[derive(Clone, Debug)]
pub enum Read {}
/// To change or delete it.
#[derive(Clone, Debug)]
pub enum Write {}

impl<T, R> Access<T, R> {
    fn granted(viewer: &Viewer, object: Object, id: i64) -> Self {
        Self { viewer: viewer.clone(), object, id, right: PhantomData }
    }

    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// Where notices about it are heard.
    pub fn object(&self) -> Object {
        self.object
    }

    pub fn id(&self) -> i64 {
        self.id
    }
}

impl RoomFacts {
    /// An open room is everyone's; a closed one its members' and the administrators'. [`ROOM_READABLE`] says the same.
    fn readable_by(&self, viewer: &Viewer) -> bool {
        !self.closed || viewer.admin.0 || self.members.contains(&viewer.id)
    }

    /// A room is changed by its owner and by administrators.
    pub fn writable_by(&self, viewer: &Viewer) -> bool {
        (self.owner == viewer.id || viewer.admin.0) && self.readable_by(viewer)
    }
}

/// The same in SQL, for lists. `$1`: the viewer, `$2`: 1 for an administrator, `r`: the room.
pub(crate) const ROOM_READABLE: &str = "(r.closed = 0 OR $2 = 1
    OR EXISTS (SELECT 1 FROM members m WHERE m.room_id = r.id AND m.user_id = $1))";

impl Access<Team> {
    /// Whoever is signed in belongs to the team.
    pub fn team(viewer: &Viewer) -> Self {
        Self::granted(viewer, Object::Team, Object::Team.id())
    }
}

impl Access<Team, Write> {
    /// Roles are given and taken by administrators.
    ///
    /// # Errors
    /// `Forbidden` for everyone else.
    pub fn team_write(viewer: &Viewer) -> Result<Self, Error> {
        if viewer.admin.0 {
            Ok(Self::granted(viewer, Object::Team, Object::Team.id()))
        } else {
            Err(Kind::Forbidden.into())
        }
    }
}

impl Access<User> {
    /// What concerns one person is that person's alone.
    pub fn me(viewer: &Viewer) -> Self {
        Self::granted(viewer, Object::User(viewer.id), viewer.id)
    }
}

impl Access<Room> {
    /// # Errors
    /// `NotFound` when there is no such room or the viewer may not read it.
    pub async fn room(source: impl Into<Source<'_>>, viewer: &Viewer, room: i64) -> Result<Self, Error> {
        Self::room_with_facts(source, viewer, room).await.map(|(access, _)| access)
    }

    /// The same, with what was found out on the way.
    ///
    /// # Errors
    /// As for [`Access::room`].
    pub async fn room_with_facts(
        source: impl Into<Source<'_>>,
        viewer: &Viewer,
        room: i64,
    ) -> Result<(Self, Arc<RoomFacts>), Error> {
        let facts = RoomFacts::find(source.into(), room, |facts| facts.readable_by(viewer)).await?;
        Ok((Self::granted(viewer, Object::Room(room), room), facts.ok_or(Kind::NotFound)?))
    }
}

impl Access<Room, Write> {
    /// # Errors
    /// `NotFound` when there is no such room or the viewer may not change it.
    pub async fn room_write(source: impl Into<Source<'_>>, viewer: &Viewer, room: i64) -> Result<Self, Error> {
        let facts = RoomFacts::find(source.into(), room, |facts| facts.writable_by(viewer)).await?;
        facts.map(|_| Self::granted(viewer, Object::Room(room), room)).ok_or(Kind::NotFound.into())
    }
}

impl Access<Message, Write> {
    /// A message is changed by its author, as long as the author may read its room, and by administrators.
    ///
    /// # Errors
    /// `NotFound` when there is no such message or the viewer may not change it.
    pub async fn message_write(db: &Db, viewer: &Viewer, message: i64) -> Result<Self, Error> {
        let found: Option<(i64, i64)> = query_as("SELECT room_id, author_id FROM messages WHERE id = $1")
            .bind(message)
            .fetch_optional(db.read())
            .await?;
        // The room of no message admits nobody, after as long a look as any other.
        let (room, author) = found.unwrap_or((0, 0));
        let mine = author == viewer.id || viewer.admin.0;
        let facts = RoomFacts::find(db.into(), room, |facts| mine && facts.readable_by(viewer)).await?;
        facts.map(|_| Self::granted(viewer, Object::Room(room), message)).ok_or(Kind::NotFound.into())
    }
}

impl Access<Notices> {
    /// Listening takes the role `pusher_user` and the right to read the object. Pages, the hub and catch-up ask here.
    ///
    /// # Errors
    /// `Forbidden` without the role; `NotFound` when there is no such object or the viewer may not read it.
    pub async fn notices(db: &Db, viewer: &Viewer, object: Object) -> Result<Self, Error> {
        role_pusher_user(viewer)?;
        match object {
            Object::Team => {}
            Object::Room(room) => drop(Access::room(db, viewer, room).await?),
            Object::User(user) if user == viewer.id => {}
            Object::User(_) => return Err(Kind::NotFound.into()),
        }
        Ok(Self::granted(viewer, object, object.id()))
    }
}

/// The role that admits to live updates.
///
/// # Errors
/// `Forbidden` without it.
pub fn role_pusher_user(viewer: &Viewer) -> Result<(), Error> {
    if viewer.pusher_user.0 { Ok(()) } else { Err(Kind::Forbidden.into()) }
}

/// What a commit took away. Subscriptions and sockets that rest on it end before its notices are heard by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// One person's right to listen to one object.
    OfPerson { user: i64, object: Object },
    /// Everyone's right to listen to an object that is no more.
    OfEveryone { object: Object },
    /// All of a person's rights may be others now: every socket of theirs has to come back and ask anew.
    OfSockets { user: i64 },
    /// One session, with its sockets.
    OfSession { user: i64, session: i64 },
}

impl Withdrawal {
    /// The right that the change behind `notice` took away, if it took one.
    pub fn by(notice: &Notice) -> Option<Self> {
        let (object, id) = (notice.object, notice.reference.id);
        match (object, notice.action, notice.reference.entity) {
            (Object::Room(_), Action::Left, Entity::User) => Some(Self::OfPerson { user: id, object }),
            (Object::Room(_), Action::Deleted, Entity::Room) => Some(Self::OfEveryone { object }),
            (Object::User(user), Action::RoleChanged, _) => Some(Self::OfSockets { user }),
            (Object::User(user), Action::SignedOut, Entity::Session) => Some(Self::OfSession { user, session: id }),
            _ => None,
        }
    }
}
