//! The person who asks. Only a living session makes one.

use std::sync::Arc;

use earshot_live::error::{Error, Kind};
use earshot_live::store::{Db, Sql, Tx};
use earshot_live::timestamp::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::{query_as, query_scalar};

use crate::entities::{SESSION, USER};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub id: i64,
    pub name: String,
    /// The version of the person's picture.
    pub picture: Option<i64>,
    pub admin: Flag,
    /// Has the role that admits to live updates.
    pub pusher_user: Flag,
    /// The session by which this person is known. When it ends, its sockets close.
    pub session: i64,
    /// When it was last noted that the session is in use.
    pub used: Timestamp,
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

/// A row of `sessions`.
#[derive(sqlx::FromRow)]
struct SessionRow {
    user_id: Option<i64>,
    expires: i64,
    used: i64,
}

/// A row of `users`.
#[derive(sqlx::FromRow)]
struct UserRow {
    name: String,
    picture: Option<i64>,
    #[sqlx(try_from = "i64")]
    admin: Flag,
    #[sqlx(try_from = "i64")]
    pusher_user: Flag,
    #[sqlx(try_from = "i64")]
    active: Flag,
}

const SELECT_PERSON: &str = "SELECT name, picture, admin, pusher_user, active FROM users WHERE id = $1";
/// The person of a session that has not expired. `$1`: the session, `$2`: now.
const STILL: &str = "SELECT u.name, u.picture, u.admin, u.pusher_user, u.active
    FROM users u JOIN sessions s ON s.user_id = u.id WHERE s.id = $1 AND s.expires > $2";

impl Viewer {
    /// The person whose session has this [`session_key`].
    ///
    /// # Errors
    /// `SignedOut` when there is no such session, or it has ended.
    pub async fn of_key(db: &Db, key: &str) -> Result<Self, Error> {
        let id = async {
            let id = query_scalar("SELECT id FROM sessions WHERE key = $1").bind(key).fetch_optional(db.read()).await?;
            id.ok_or(Error::from(Kind::SignedOut))
        };
        Self::of_session(db, db.cache().id(key, id).await?).await
    }

    /// The person whose session has this id.
    ///
    /// # Errors
    /// `SignedOut` when the session has ended.
    pub async fn of_session(db: &Db, session: i64) -> Result<Self, Error> {
        let mut known = SessionRow::find(db, session).await?;
        if !known.lives() {
            // It may have been prolonged since it was read, by another server.
            db.cache().forget_row(SESSION, session);
            known = SessionRow::find(db, session).await?;
        }
        let SessionRow { user_id, used, .. } = *known;
        let id = user_id.filter(|_| known.lives()).ok_or(Kind::SignedOut)?;
        let row = async { Ok(query_as(SELECT_PERSON).bind(id).fetch_optional(db.read()).await?) };
        let user: Arc<UserRow> = db.cache().row(USER, id, row).await?.ok_or(Kind::SignedOut)?;
        if user.active.0 { Ok(user.as_viewer(id, session, Timestamp(used))) } else { Err(Kind::SignedOut.into()) }
    }

    /// The same person as of now, for as long as `tx` lasts: whoever ends the session, or changes the person, waits for that.
    ///
    /// # Errors
    /// `SignedOut` when the session has ended, or the person is not active any more.
    pub async fn still(&self, tx: &mut Tx) -> Result<Self, Error> {
        let (id, now, dialect) = (self.id, tx.now().0, tx.dialect());
        let found: Option<UserRow> = if self.session == 0 {
            query_as(dialect.share(SELECT_PERSON)).bind(id).fetch_optional(tx.sql()).await?
        } else {
            query_as(dialect.share(STILL)).bind(self.session).bind(now).fetch_optional(tx.sql()).await?
        };
        let user = found.filter(|user| user.active.0).ok_or(Kind::SignedOut)?;
        Ok(user.as_viewer(id, self.session, self.used))
    }

    /// A person for whom the program itself acts, without any session.
    ///
    /// # Errors
    /// `NotFound` when there is no such person.
    pub async fn on_behalf(sql: impl Sql<'_>, user: i64) -> Result<Self, Error> {
        let found: Option<UserRow> = query_as(SELECT_PERSON).bind(user).fetch_optional(sql).await?;
        Ok(found.ok_or(Kind::NotFound)?.as_viewer(user, 0, Timestamp(0)))
    }
}

impl SessionRow {
    async fn find(db: &Db, session: i64) -> Result<Arc<Self>, Error> {
        let row = async {
            let sql = query_as("SELECT user_id, expires, used FROM sessions WHERE id = $1");
            Ok(sql.bind(session).fetch_optional(db.read()).await?)
        };
        db.cache().row(SESSION, session, row).await?.ok_or(Kind::SignedOut.into())
    }

    fn lives(&self) -> bool {
        self.expires > Timestamp::now().0
    }
}

impl UserRow {
    fn as_viewer(&self, id: i64, session: i64, used: Timestamp) -> Viewer {
        let Self { name, picture, admin, pusher_user, .. } = self;
        let (picture, admin, pusher_user) = (*picture, *admin, *pusher_user);
        Viewer { id, name: name.clone(), picture, admin, pusher_user, session, used }
    }
}
