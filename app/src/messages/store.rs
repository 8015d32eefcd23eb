//! The SQL of messages.

use const_format::concatcp;
use sqlx::any::AnyRow;
use sqlx::{Row, query, query_scalar};

use crate::error::{Error, Kind};
use crate::listen::MAX_RELOAD;
use crate::messages::{Message, PAGE, check_body};
use crate::moment::Moment;
use crate::object::{Action, Entity};
use crate::people::Person;
use crate::store::access::{self, Access, Write};
use crate::store::{Db, Tx};

/// Characters that a client may use to tell its forms apart.
const MAX_CLIENT_ID: usize = 64;

const MESSAGE: &str =
    "SELECT m.id, m.room_id, m.client_id, m.body, m.posted, m.edited, u.id AS author_id, u.name AS author_name
    FROM messages m JOIN users u ON u.id = m.author_id WHERE ";

/// Writes a message and returns its id. The same `client_id` from the same author again: the id of the first, and no
/// second message.
///
/// # Errors
/// `Invalid` when the body is empty or too long, or the `client_id` cannot be one.
pub async fn post(tx: &mut Tx, access: &Access<access::Room>, body: &str, client_id: &str) -> Result<i64, Error> {
    let body = check_body(body)?;
    if client_id.is_empty() || client_id.len() > MAX_CLIENT_ID || client_id.contains('\0') {
        return Err(Kind::Invalid.into());
    }
    let (author, now) = (access.viewer().id, tx.now().0);
    let id: Option<i64> = query_scalar(
        "INSERT INTO messages (room_id, author_id, client_id, body, posted) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (author_id, client_id) DO NOTHING RETURNING id",
    )
    .bind(access.id())
    .bind(author)
    .bind(client_id)
    .bind(body.as_str())
    .bind(now)
    .fetch_optional(tx.sql())
    .await
    .map_err(room_is_gone)?;
    match id {
        Some(id) => {
            tx.notice(access.object(), Action::Posted, Entity::Message, id);
            Ok(id)
        }
        None => posted_before(tx, author, client_id).await,
    }
}

/// Gives the message another body.
///
/// # Errors
/// `Invalid` when the body is empty or too long; `NotFound` when the message has gone.
pub async fn edit(tx: &mut Tx, access: &Access<access::Message, Write>, body: &str) -> Result<(), Error> {
    let (body, now) = (check_body(body)?, tx.now().0);
    let changed = query("UPDATE messages SET body = $1, edited = $2 WHERE id = $3")
        .bind(body.as_str())
        .bind(now)
        .bind(access.id())
        .execute(tx.sql())
        .await?;
    if changed.rows_affected() == 0 {
        return Err(Kind::NotFound.into());
    }
    tx.notice(access.object(), Action::Edited, Entity::Message, access.id());
    Ok(())
}

/// # Errors
/// `NotFound` when the message has gone.
pub async fn delete(tx: &mut Tx, access: &Access<access::Message, Write>) -> Result<(), Error> {
    let gone = query("DELETE FROM messages WHERE id = $1").bind(access.id()).execute(tx.sql()).await?;
    if gone.rows_affected() == 0 {
        return Err(Kind::NotFound.into());
    }
    tx.notice(access.object(), Action::Deleted, Entity::Message, access.id());
    Ok(())
}

/// The last [`PAGE`] messages, or those before message `before`, oldest first, and whether there are older ones.
pub async fn page(db: &Db, access: &Access<access::Room>, before: Option<i64>) -> Result<(Vec<Message>, bool), Error> {
    const SQL: &str = concatcp!(MESSAGE, "m.room_id = $1 AND m.id < $2 ORDER BY m.id DESC LIMIT $3");
    let rows = query(SQL)
        .bind(access.id())
        .bind(before.unwrap_or(i64::MAX))
        .bind(PAGE as i64 + 1)
        .fetch_all(db.read())
        .await?;
    let more = rows.len() > PAGE;
    let messages = rows.iter().take(PAGE).rev().map(message).collect::<Result<_, _>>()?;
    Ok((messages, more))
}

/// Those of `ids` that are in the room, oldest first.
///
/// # Errors
/// `Invalid` when there are more than [`MAX_RELOAD`].
pub async fn reload(db: &Db, access: &Access<access::Room>, ids: &[i64]) -> Result<Vec<Message>, Error> {
    if ids.len() > MAX_RELOAD {
        return Err(Error::invalid(format!("At most {MAX_RELOAD} messages can be reloaded at once.")));
    }
    let mut messages = Vec::with_capacity(ids.len());
    for id in ids {
        let found = db.memory().row(Entity::Message, *id, in_its_room(db, *id)).await?;
        messages.extend(found.filter(|found| found.0 == access.id()).map(|found| found.1.clone()));
    }
    messages.sort_by_key(|message| message.id);
    Ok(messages)
}

/// The message with the id of its room.
async fn in_its_room(db: &Db, id: i64) -> Result<Option<(i64, Message)>, Error> {
    const SQL: &str = concatcp!(MESSAGE, "m.id = $1");
    let row = query(SQL).bind(id).fetch_optional(db.read()).await?;
    row.map(|row| Ok((row.try_get("room_id")?, message(&row)?))).transpose()
}

async fn posted_before(tx: &mut Tx, author: i64, client_id: &str) -> Result<i64, Error> {
    let id = query_scalar("SELECT id FROM messages WHERE author_id = $1 AND client_id = $2")
        .bind(author)
        .bind(client_id)
        .fetch_one(tx.sql())
        .await?;
    Ok(id)
}

/// The room was deleted between the access check and the write.
fn room_is_gone(error: sqlx::Error) -> Error {
    match error.as_database_error() {
        Some(refused) if refused.is_foreign_key_violation() => Kind::NotFound.into(),
        _ => error.into(),
    }
}

fn message(row: &AnyRow) -> Result<Message, Error> {
    Ok(Message {
        id: row.try_get("id")?,
        author: Person { id: row.try_get("author_id")?, name: row.try_get("author_name")? },
        body: row.try_get("body")?,
        posted: Moment(row.try_get("posted")?),
        edited: row.try_get::<Option<i64>, _>("edited")?.map(Moment),
        client_id: row.try_get("client_id")?,
    })
}
