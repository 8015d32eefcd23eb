//! The person who asks. Only a living session makes one.

use sha2::{Digest, Sha256};
use sqlx::query_as;

use crate::error::{Error, Kind};
use crate::moment::Moment;
use crate::store::{Db, Sql};

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Viewer {
    pub id: i64,
    pub name: String,
    #[sqlx(try_from = "i64")]
    pub admin: Flag,
    /// Has the role that admits to live updates.
    #[sqlx(try_from = "i64")]
    pub pusher_user: Flag,
    /// The session by which this person is known. When it ends, its sockets close.
    pub session: i64,
}

/// A BIGINT of 0 or 1: `sqlx::Any` cannot read SQLite's BOOLEAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag(pub bool);

impl From<i64> for Flag {
    fn from(number: i64) -> Self {
        Self(number != 0)
    }
}

/// How a session's id is kept: hashed, so that who reads the table cannot sign in with it.
pub fn session_key(cookie_id: &str) -> String {
    hex::encode(Sha256::digest(cookie_id))
}

const VIEWER: &str = "SELECT u.id, u.name, u.admin, u.pusher_user, s.id AS session
    FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.expires > $2 AND ";

impl Viewer {
    /// The person whose session has this [`session_key`].
    ///
    /// # Errors
    /// `SignedOut` when there is no such session, or it has ended.
    pub async fn of_key(db: &Db, key: &str) -> Result<Self, Error> {
        let sql = const_format::concatcp!(VIEWER, "s.key = $1");
        query_as(sql).bind(key).bind(Moment::now().0).fetch_optional(db.read()).await?.ok_or(Kind::SignedOut.into())
    }

    /// The same, read again for a socket that was bound to the session with this id.
    ///
    /// # Errors
    /// `SignedOut` when the session has ended since.
    pub async fn of_session(db: &Db, session: i64) -> Result<Self, Error> {
        let sql = const_format::concatcp!(VIEWER, "s.id = $1");
        query_as(sql).bind(session).bind(Moment::now().0).fetch_optional(db.read()).await?.ok_or(Kind::SignedOut.into())
    }

    /// A person for whom the program itself acts, without any session.
    ///
    /// # Errors
    /// `NotFound` when there is no such person.
    pub async fn on_behalf(sql: impl Sql<'_>, user: i64) -> Result<Self, Error> {
        const SQL: &str = "SELECT id, name, admin, pusher_user, CAST(0 AS BIGINT) AS session FROM users WHERE id = $1";
        query_as(SQL).bind(user).fetch_optional(sql).await?.ok_or(Kind::NotFound.into())
    }
}
