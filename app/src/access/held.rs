//! Rights to write. Each is asked for inside the transaction that writes, under locks on what it rests on: whoever takes it away
//! has committed before, and it is refused, or waits until the transaction has ended.
//!
//! The order of locks: an object's row first, then the rows of people, then those of sessions. What changes people, or ends
//! sessions, locks the team, so that no two of these hold what the other one waits for.

use std::ops::Deref;

use earshot_live::error::Error;
use earshot_live::object::Object;
use earshot_live::store::Tx;

use crate::access::rules::{room_and_author, room_and_owner};
use crate::access::{Access, Export, Message, Read, Reading, Room, Session, Source, Team, User, Viewer, Write};
use crate::entities::{EVERYONE, ROOM};

/// An [`Access`] that nobody can take away until the transaction has ended in which it was asked for. Only this file makes one:
/// what writes takes it, and so cannot forget to ask.
#[derive(Debug)]
pub struct Held<T, R = Read>(Access<T, R>);

impl<T, R> Deref for Held<T, R> {
    type Target = Access<T, R>;

    fn deref(&self) -> &Access<T, R> {
        &self.0
    }
}

/// Locks `object`, and the viewer, who is returned as of now.
async fn lock(tx: &mut Tx, object: Object, viewer: &Viewer) -> Result<Viewer, Error> {
    tx.lock(object).await?;
    viewer.still(tx).await
}

// As for the rules of the same names. `SignedOut` when the session has ended.

impl Held<Team> {
    pub async fn team(tx: &mut Tx, viewer: &Viewer) -> Result<Self, Error> {
        let viewer = lock(tx, EVERYONE, viewer).await?;
        Ok(Self(Access::team(&viewer)))
    }
}

impl Held<Team, Write> {
    pub async fn team_write(tx: &mut Tx, viewer: &Viewer) -> Result<Self, Error> {
        let viewer = lock(tx, EVERYONE, viewer).await?;
        Access::team_write(&viewer).map(Self)
    }
}

impl Held<User> {
    pub async fn me(tx: &mut Tx, viewer: &Viewer) -> Result<Self, Error> {
        let viewer = lock(tx, EVERYONE, viewer).await?;
        Ok(Self(Access::me(&viewer)))
    }
}

impl Held<Session, Write> {
    pub async fn session(tx: &mut Tx, viewer: &Viewer, session: i64) -> Result<Self, Error> {
        let viewer = lock(tx, EVERYONE, viewer).await?;
        Access::session(tx, &viewer, session).await.map(Self)
    }
}

impl Held<Room> {
    pub async fn room(tx: &mut Tx, viewer: &Viewer, room: i64) -> Result<Self, Error> {
        let viewer = lock(tx, ROOM.object(room), viewer).await?;
        Access::room(tx, &viewer, room).await.map(Self)
    }
}

impl Held<Room, Write> {
    pub async fn room_write(tx: &mut Tx, viewer: &Viewer, room: i64) -> Result<Self, Error> {
        let viewer = lock(tx, ROOM.object(room), viewer).await?;
        Access::room_write(tx, &viewer, room).await.map(Self)
    }
}

impl Held<Reading> {
    /// Many read a room at the same time: they share its lock.
    pub async fn reading(tx: &mut Tx, viewer: &Viewer, room: i64) -> Result<Self, Error> {
        tx.share(ROOM.object(room)).await?;
        let viewer = viewer.still(tx).await?;
        Access::reading(tx, &viewer, room).await.map(Self)
    }
}

impl Held<Message> {
    pub async fn message(tx: &mut Tx, viewer: &Viewer, message: i64) -> Result<Self, Error> {
        let (room, _) = room_and_author(&mut Source::from(&mut *tx), message).await?;
        let viewer = lock(tx, ROOM.object(room), viewer).await?;
        Access::message(tx, &viewer, message).await.map(Self)
    }
}

impl Held<Message, Write> {
    pub async fn message_write(tx: &mut Tx, viewer: &Viewer, message: i64) -> Result<Self, Error> {
        let (room, _) = room_and_author(&mut Source::from(&mut *tx), message).await?;
        let viewer = lock(tx, ROOM.object(room), viewer).await?;
        Access::message_write(tx, &viewer, message).await.map(Self)
    }
}

impl Held<Export> {
    pub async fn export(tx: &mut Tx, viewer: &Viewer, export: i64) -> Result<Self, Error> {
        let (room, _) = room_and_owner(&mut Source::from(&mut *tx), export).await?;
        let viewer = lock(tx, ROOM.object(room), viewer).await?;
        Access::export(tx, &viewer, export).await.map(Self)
    }
}
