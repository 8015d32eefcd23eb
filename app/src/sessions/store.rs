//! The SQL of sessions. What tower-sessions makes of it is the server's `sessions.rs`.

use earshot_live::error::{Error, Kind};
use sha2::{Digest, Sha256};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::QueryAs;
use sqlx::{Any, Row, query, query_as, query_scalar};

use crate::entities::{EVERYONE, SESSION, SIGNED_OUT, USER};
pub use crate::sessions::device::MAX_AGENT;
use earshot_live::store::{APPLICATION, Db, Tx};
use earshot_live::timestamp::Timestamp;

use crate::access::{self, Access, Held};
use crate::sessions::device::device;
use crate::sessions::{MAX_SHOWN, Session};

/// Those of the account: the one that asks, then the last used first.
pub async fn list(db: &Db, account: &Access<access::User, access::Write>) -> Result<Vec<Session>, Error> {
    let rows = query(
        "SELECT id, agent, address, used FROM sessions WHERE user_id = $1 AND expires > $2
         ORDER BY used DESC, id DESC LIMIT $3",
    )
    .bind(account.id())
    .bind(Timestamp::now().0)
    .bind(MAX_SHOWN as i64)
    .fetch_all(db.read())
    .await?;
    let this = account.viewer().session;
    let mut sessions = rows.iter().map(|row| session(row, this)).collect::<Result<Vec<_>, _>>()?;
    sessions.sort_by_key(|session| !session.this);
    Ok(sessions)
}

/// Ends one, with its sockets.
///
/// # Errors
/// `NotFound` when it has ended already.
pub async fn end(tx: &mut Tx, access: &Held<access::Session, access::Write>) -> Result<(), Error> {
    let ended = query("DELETE FROM sessions WHERE id = $1").bind(access.id()).execute(tx.sql()).await?;
    if ended.rows_affected() == 0 {
        return Err(Kind::NotFound.into());
    }
    tx.notice(access.object(), SIGNED_OUT, SESSION.object(access.id()));
    Ok(())
}

/// Ends all of the viewer's but the one that asks.
pub async fn end_others(tx: &mut Tx, me: &Held<access::User>) -> Result<(), Error> {
    end_all(tx, me.id(), me.viewer().session).await
}

/// Ends all of `user`'s but the one with the id `but`; 0 spares none. Who calls it has proved a right to the whole account.
pub(crate) async fn end_all(tx: &mut Tx, user: i64, but: i64) -> Result<(), Error> {
    let ended = query_scalar("DELETE FROM sessions WHERE user_id = $1 AND id <> $2 RETURNING id").bind(user).bind(but);
    for session in ended.fetch_all(tx.sql()).await? {
        tx.notice(USER.object(user), SIGNED_OUT, SESSION.object(session));
    }
    Ok(())
}

/// A session as tower-sessions has it.
pub struct Kept<'a> {
    pub key: String,
    pub user: Option<i64>,
    /// What the session was begun with: [`proof`] of the password's hash.
    pub proof: &'a str,
    pub agent: &'a str,
    pub address: &'a str,
    pub data: String,
    pub expires: Timestamp,
}

/// What tells one password from the next, and is of no use for anything else.
pub fn proof(password_hash: &str) -> String {
    hex::encode(Sha256::digest(password_hash))
}

/// Begins a session, unless its person may not sign in any more, or not with this password.
///
/// # Errors
/// When the database refuses.
pub async fn begin(db: &Db, session: &Kept<'_>) -> Result<(), sqlx::Error> {
    let mut tx = db.begin(APPLICATION).await?;
    let now = tx.now().0;
    // Whoever ends all sessions of this person has changed the person before: this one is among them, or it is refused.
    let person = query_as(tx.dialect().share("SELECT password_hash FROM users WHERE id = $1 AND active = 1"));
    let person: Option<(String,)> = person.bind(session.user).fetch_optional(tx.sql()).await?;
    if person.is_none_or(|(password_hash,)| proof(&password_hash) != session.proof) {
        return Ok(());
    }
    query(
        "INSERT INTO sessions (key, user_id, data, expires, agent, address, used) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(session.key.as_str())
    .bind(session.user)
    .bind(session.data.as_str())
    .bind(session.expires.0)
    .bind(session.agent)
    .bind(session.address)
    .bind(now)
    .execute(tx.sql())
    .await?;
    tx.commit().await
}

/// Notes that a session is in use, and prolongs it. One that has ended stays so.
///
/// # Errors
/// When the database refuses.
pub async fn prolong(db: &Db, session: &Kept<'_>) -> Result<(), sqlx::Error> {
    let mut tx = db.begin(APPLICATION).await?;
    let now = tx.now().0;
    let prolonged: Option<i64> = query_scalar(
        "UPDATE sessions SET data = $1, expires = $2, address = $3, used = $4 WHERE key = $5 AND expires > $4 RETURNING id",
    )
    .bind(session.data.as_str())
    .bind(session.expires.0)
    .bind(session.address)
    .bind(now)
    .bind(session.key.as_str())
    .fetch_optional(tx.sql())
    .await?;
    tx.commit().await?;
    prolonged.into_iter().for_each(|id| db.cache().forget_row(SESSION, id));
    Ok(())
}

/// Ends every session that has expired. Looks before it writes.
///
/// # Errors
/// When the database refuses.
pub async fn delete_expired(db: &Db) -> Result<(), sqlx::Error> {
    let (now, any) = (Timestamp::now().0, query_scalar("SELECT 1 FROM sessions WHERE expires <= $1 LIMIT 1"));
    let any: Option<i64> = any.bind(now).fetch_optional(db.read()).await?;
    if any.is_none() {
        return Ok(());
    }
    let mut tx = db.begin(APPLICATION).await?;
    tx.lock(EVERYONE).await?;
    let ended = query_as("DELETE FROM sessions WHERE expires <= $1 RETURNING id, user_id").bind(now);
    announce(&mut tx, ended).await?;
    tx.commit().await
}

/// Ends the session with this key, as its person asks.
///
/// # Errors
/// When the database refuses.
pub async fn end_by_key(db: &Db, key: &str) -> Result<(), sqlx::Error> {
    let mut tx = db.begin(APPLICATION).await?;
    announce(&mut tx, query_as("DELETE FROM sessions WHERE key = $1 RETURNING id, user_id").bind(key)).await?;
    tx.commit().await
}

/// Whoever listens in one of the sessions that `ended` is to fall silent.
async fn announce(tx: &mut Tx, ended: QueryAs<'_, Any, (i64, Option<i64>), AnyArguments>) -> Result<(), sqlx::Error> {
    for (session, user) in ended.fetch_all(tx.sql()).await? {
        if let Some(user) = user {
            tx.notice(USER.object(user), SIGNED_OUT, SESSION.object(session));
        }
    }
    Ok(())
}

fn session(row: &AnyRow, this: i64) -> Result<Session, Error> {
    let id = row.try_get("id")?;
    Ok(Session {
        id,
        device: device(&row.try_get::<String, _>("agent")?),
        address: row.try_get("address")?,
        used: Timestamp(row.try_get("used")?),
        this: id == this,
    })
}
