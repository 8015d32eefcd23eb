//! The SQL of sessions as their people see them. How they are kept for tower-sessions is the server's `sessions.rs`.

use sqlx::any::AnyRow;
use sqlx::{Row, query, query_scalar};

use crate::context::ClientAddress;
use crate::error::{Error, Kind};
use crate::moment::Moment;
use crate::object::{Action, Entity, Object};
pub use crate::sessions::device::MAX_AGENT;
use crate::sessions::device::device;
use crate::sessions::{MAX_SHOWN, Session};
use crate::store::{APPLICATION, Access, Db, Tx, Viewer, access};

/// Those of the account: the one that asks, then the last used first.
pub async fn list(db: &Db, account: &Access<access::User, access::Write>) -> Result<Vec<Session>, Error> {
    let rows = query(
        "SELECT id, agent, address, used FROM sessions WHERE user_id = $1 AND expires > $2
         ORDER BY used DESC, id DESC LIMIT $3",
    )
    .bind(account.id())
    .bind(Moment::now().0)
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
pub async fn end(tx: &mut Tx, access: &Access<access::Session, access::Write>) -> Result<(), Error> {
    let ended = query("DELETE FROM sessions WHERE id = $1").bind(access.id()).execute(tx.sql()).await?;
    if ended.rows_affected() == 0 {
        return Err(Kind::NotFound.into());
    }
    tx.notice(access.object(), Action::SignedOut, Entity::Session, access.id());
    Ok(())
}

/// Ends all of the viewer's but the one that asks.
pub async fn end_others(tx: &mut Tx, me: &Access<access::User>) -> Result<(), Error> {
    end_all(tx, me.id(), me.viewer().session).await
}

/// Ends all of `user`'s but the one with the id `but`; 0 spares none. Who calls it has proved a right to the whole account.
pub(crate) async fn end_all(tx: &mut Tx, user: i64, but: i64) -> Result<(), Error> {
    let ended = query_scalar("DELETE FROM sessions WHERE user_id = $1 AND id <> $2 RETURNING id").bind(user).bind(but);
    for session in ended.fetch_all(tx.sql()).await? {
        tx.notice(Object::User(user), Action::SignedOut, Entity::Session, session);
    }
    Ok(())
}

/// Notes that the viewer's session is used now, from `address`.
///
/// # Errors
/// When the database refuses.
pub async fn note_use(db: &Db, viewer: &Viewer, ClientAddress(address): ClientAddress) -> Result<(), Error> {
    let mut tx = db.begin(APPLICATION).await?;
    let now = tx.now().0;
    query("UPDATE sessions SET used = $1, address = $2 WHERE id = $3")
        .bind(now)
        .bind(address.to_string())
        .bind(viewer.session)
        .execute(tx.sql())
        .await?;
    tx.commit().await?;
    db.memory().forget_row(Entity::Session, viewer.session);
    Ok(())
}

fn session(row: &AnyRow, this: i64) -> Result<Session, Error> {
    let id = row.try_get("id")?;
    Ok(Session {
        id,
        device: device(&row.try_get::<String, _>("agent")?),
        address: row.try_get("address")?,
        used: Moment(row.try_get("used")?),
        this: id == this,
    })
}
