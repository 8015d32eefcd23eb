//! Every access rule of the product, on one page. Only this file can make an [`Access`], and no function that reads an
//! object's data takes less. Those that write take a [`crate::access::Held`], which asks the same rules inside its transaction.
//! Unknown and forbidden are one answer after one look: alike in status, body and time.

use std::marker::PhantomData;

use earshot_live::error::{Error, Kind};
use earshot_live::object::Object;
use earshot_live::store::Db;
use sqlx::query_as;

use crate::access::Viewer;
use crate::access::facts::{RoomFacts, Source};
use crate::entities::{EVERYONE, EXPORT, Noun, ROOM, USER};

/// Proof that `viewer` has the right `R` to one `T`. One asks for it:
///
/// ```
/// use app::access::{Access, Room, Viewer};
/// use earshot_live::error::Error;
/// use earshot_live::store::Db;
///
/// async fn read(db: &Db, viewer: &Viewer) -> Result<Access<Room>, Error> {
///     Access::room(db, viewer, 7).await
/// }
/// ```
///
/// Nobody else makes one:
///
/// ```compile_fail
/// use app::access::{Access, Room, Viewer};
/// use app::entities::ROOM;
///
/// fn forge(viewer: &Viewer) -> Access<Room> {
///     Access::granted(viewer, ROOM.object(7), 7)
/// }
/// ```
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
pub enum File {}
#[derive(Clone, Debug)]
pub enum Export {}
#[derive(Clone, Debug)]
pub enum User {}
#[derive(Clone, Debug)]
pub enum Session {}
/// How far the viewer has read one room, and what of it waits for them.
#[derive(Clone, Debug)]
pub enum Reading {}
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
    /// An open room is everyone's; a closed one its members' and the administrators'; a direct one its members' alone.
    /// [`ROOM_READABLE`] says the same.
    fn readable_by(&self, viewer: &Viewer) -> bool {
        !self.closed || (viewer.admin.0 && !self.direct) || self.members.contains(&viewer.id)
    }

    /// A room is changed by its owner and by administrators; a direct one stays as it is.
    fn writable_by(&self, viewer: &Viewer) -> bool {
        (self.owner == viewer.id || viewer.admin.0) && !self.direct && self.readable_by(viewer)
    }
}

/// The same in SQL, for lists. `$1`: the viewer, `$2`: 1 for an administrator, `r`: the room.
pub(crate) const ROOM_READABLE: &str = "(r.closed = 0 OR ($2 = 1 AND r.direct IS NULL)
    OR EXISTS (SELECT 1 FROM members m WHERE m.room_id = r.id AND m.user_id = $1))";

/// What a viewer calls a room: a direct one after the others in it. `$1`: the viewer, `r`: the room.
pub(crate) const ROOM_NAME: &str = "CASE WHEN r.direct IS NULL THEN r.name ELSE COALESCE(
        (SELECT STRING_AGG(u.name, ', ' ORDER BY u.name, u.id) FROM members m JOIN users u ON u.id = m.user_id
         WHERE m.room_id = r.id AND m.user_id <> $1), 'You') END";

/// The same for lists of people. `r`: the room, `u`: the person, `m`: their row in `members`, if there is one.
pub(crate) const ROOM_READERS: &str = "(r.closed = 0 OR (u.admin = 1 AND r.direct IS NULL) OR m.user_id IS NOT NULL)";

impl Access<Team> {
    /// Whoever is signed in belongs to the team.
    pub fn team(viewer: &Viewer) -> Self {
        Self::granted(viewer, EVERYONE, EVERYONE.id)
    }
}

impl Access<Team, Write> {
    /// Roles are given and taken by administrators.
    ///
    /// # Errors
    /// `Forbidden` for everyone else.
    pub fn team_write(viewer: &Viewer) -> Result<Self, Error> {
        if viewer.admin.0 { Ok(Self::granted(viewer, EVERYONE, EVERYONE.id)) } else { Err(Kind::Forbidden.into()) }
    }
}

impl Access<User> {
    /// What concerns one person is that person's alone.
    pub fn me(viewer: &Viewer) -> Self {
        Self::granted(viewer, USER.object(viewer.id), viewer.id)
    }
}

impl Access<User, Write> {
    /// An account is its person's and the administrators'.
    ///
    /// # Errors
    /// `NotFound` when there is no such person or the account is not the viewer's to change.
    pub async fn account(source: impl Into<Source<'_>>, viewer: &Viewer, user: i64) -> Result<Self, Error> {
        let known = source.into().find(query_as("SELECT id FROM users WHERE id = $1").bind(user)).await?;
        let known = known.filter(|(user,): &(i64,)| *user == viewer.id || viewer.admin.0);
        known.map(|_| Self::granted(viewer, USER.object(user), user)).ok_or(Kind::NotFound.into())
    }
}

impl Access<Session, Write> {
    /// A session is ended by its person and by administrators.
    ///
    /// # Errors
    /// `NotFound` when there is no such session or the viewer may not end it.
    pub async fn session(source: impl Into<Source<'_>>, viewer: &Viewer, session: i64) -> Result<Self, Error> {
        let sql = query_as("SELECT user_id FROM sessions WHERE id = $1 AND user_id IS NOT NULL");
        let found = source.into().find(sql.bind(session)).await?;
        let found = found.filter(|(user,): &(i64,)| *user == viewer.id || viewer.admin.0);
        found.map(|(user,)| Self::granted(viewer, USER.object(user), session)).ok_or(Kind::NotFound.into())
    }
}

impl Access<Room> {
    /// # Errors
    /// `NotFound` when there is no such room or the viewer may not read it.
    pub async fn room(source: impl Into<Source<'_>>, viewer: &Viewer, room: i64) -> Result<Self, Error> {
        RoomFacts::admit(source.into(), room, viewer, |facts| facts.readable_by(viewer)).await?;
        Ok(Self::granted(viewer, ROOM.object(room), room))
    }
}

impl Access<Reading> {
    /// # Errors
    /// `NotFound` when there is no such room or the viewer may not read it.
    pub async fn reading(source: impl Into<Source<'_>>, viewer: &Viewer, room: i64) -> Result<Self, Error> {
        let Access { viewer, object, id, .. } = Access::room(source, viewer, room).await?;
        Ok(Self::granted(&viewer, object, id))
    }
}

impl Access<Room, Write> {
    /// # Errors
    /// `NotFound` when there is no such room or the viewer may not change it.
    pub async fn room_write(source: impl Into<Source<'_>>, viewer: &Viewer, room: i64) -> Result<Self, Error> {
        RoomFacts::admit(source.into(), room, viewer, |facts| facts.writable_by(viewer)).await?;
        Ok(Self::granted(viewer, ROOM.object(room), room))
    }
}

impl Access<Message> {
    /// A message is read, and reacted to, by whoever may read its room.
    ///
    /// # Errors
    /// `NotFound` when there is no such message or the viewer may not read it.
    pub async fn message(source: impl Into<Source<'_>>, viewer: &Viewer, message: i64) -> Result<Self, Error> {
        let mut source = source.into();
        let (room, _) = room_and_author(&mut source, message).await?;
        RoomFacts::admit(source, room, viewer, |facts| facts.readable_by(viewer)).await?;
        Ok(Self::granted(viewer, ROOM.object(room), message))
    }
}

impl Access<Message, Write> {
    /// A message is changed by its author, as long as the author may read its room, and by administrators.
    ///
    /// # Errors
    /// `NotFound` when there is no such message or the viewer may not change it.
    pub async fn message_write(source: impl Into<Source<'_>>, viewer: &Viewer, message: i64) -> Result<Self, Error> {
        let mut source = source.into();
        let (room, author) = room_and_author(&mut source, message).await?;
        let mine = author == viewer.id || viewer.admin.0;
        RoomFacts::admit(source, room, viewer, |facts| mine && facts.readable_by(viewer)).await?;
        Ok(Self::granted(viewer, ROOM.object(room), message))
    }
}

impl Access<File> {
    /// A file is its uploader's until it is posted, and everyone's who may read its message from then on.
    ///
    /// # Errors
    /// `NotFound` when there is no such file or the viewer may not read it.
    pub async fn file(db: &Db, viewer: &Viewer, file: i64) -> Result<Self, Error> {
        let mut source = Source::from(db);
        let sql = query_as("SELECT room_id, uploader_id, message_id FROM files WHERE id = $1");
        let found: Option<(i64, i64, Option<i64>)> = source.find(sql.bind(file)).await?;
        let (room, uploader, message) = found.unwrap_or((0, 0, None));
        let posted_or_mine = message.is_some() || uploader == viewer.id;
        RoomFacts::admit(source, room, viewer, |facts| posted_or_mine && facts.readable_by(viewer)).await?;
        Ok(Self::granted(viewer, ROOM.object(room), file))
    }
}

impl Access<Export> {
    /// An export is its owner's, as long as the owner may read the room: to see it, to download it, and to delete it.
    ///
    /// # Errors
    /// `NotFound` when there is no such export or it is not the viewer's (any more).
    pub async fn export(source: impl Into<Source<'_>>, viewer: &Viewer, export: i64) -> Result<Self, Error> {
        let mut source = source.into();
        let (room, owner) = room_and_owner(&mut source, export).await?;
        RoomFacts::admit(source, room, viewer, |facts| owner == viewer.id && facts.readable_by(viewer)).await?;
        Ok(Self::granted(viewer, EXPORT.object(export), export))
    }
}

/// Where a message is and whose. No message is in a room that admits nobody, which takes as long to find out as any other.
pub(super) async fn room_and_author(source: &mut Source<'_>, message: i64) -> Result<(i64, i64), Error> {
    let sql = query_as("SELECT room_id, author_id FROM messages WHERE id = $1");
    Ok(source.find(sql.bind(message)).await?.unwrap_or((0, 0)))
}

/// The same of an export.
pub(super) async fn room_and_owner(source: &mut Source<'_>, export: i64) -> Result<(i64, i64), Error> {
    let sql = query_as("SELECT room_id, owner_id FROM exports WHERE id = $1");
    Ok(source.find(sql.bind(export)).await?.unwrap_or((0, 0)))
}

impl Access<Notices> {
    /// Listening takes the role `pusher_user` and the right to read the object. Pages, the hub and catch-up ask here.
    ///
    /// # Errors
    /// `Forbidden` without the role; `NotFound` when there is no such object or the viewer may not read it.
    pub async fn notices(db: &Db, viewer: &Viewer, object: Object) -> Result<Self, Error> {
        role_pusher_user(viewer)?;
        match Noun::of(object.entity).ok_or(Kind::NotFound)? {
            Noun::Team if object == EVERYONE => {}
            Noun::Room => drop(Access::room(db, viewer, object.id).await?),
            Noun::Export => drop(Access::export(db, viewer, object.id).await?),
            Noun::User if object.id == viewer.id => {}
            // What happens to the last two is heard elsewhere.
            Noun::Team | Noun::User | Noun::Message | Noun::Session => return Err(Kind::NotFound.into()),
        }
        Ok(Self::granted(viewer, object, object.id))
    }
}

/// The role that admits to live updates.
///
/// # Errors
/// `Forbidden` without it.
pub fn role_pusher_user(viewer: &Viewer) -> Result<(), Error> {
    if viewer.pusher_user.0 { Ok(()) } else { Err(Kind::Forbidden.into()) }
}
