//! The SQL of the inbox. A row is there until its message was read.

use const_format::concatcp;
use earshot_live::error::Error;
use earshot_live::listen::MAX_RELOAD;
use earshot_live::store::{Db, Tx};
use earshot_live::timestamp::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Row, query, query_scalar};

use crate::access::{self, Access, Held, ROOM_NAME, ROOM_READABLE, Write};
use crate::entities::{MESSAGE, NOTIFIED, READ, USER};
use crate::inbox::{Cause, Entry, MAX_ENTRIES, MAX_EXCERPT};
use crate::messages::markdown;
use crate::people::Person;

/// `$1` and `$2` as in [`ROOM_READABLE`]: what one may not read any more is not in the inbox either.
const ENTRY: &str = concatcp!(
    "SELECT i.message_id, i.cause, i.room_id, ",
    ROOM_NAME,
    " AS room_name, t.body, t.posted,
    (SELECT name FROM files WHERE message_id = t.id ORDER BY place LIMIT 1) AS file_name, a.id AS author_id, a.name AS author_name, a.picture AS author_picture
    FROM inbox i JOIN messages t ON t.id = i.message_id JOIN rooms r ON r.id = t.room_id JOIN users a ON a.id = t.author_id
    WHERE i.user_id = $1 AND ",
    ROOM_READABLE
);

/// The newest [`MAX_ENTRIES`] that wait for the viewer, oldest first.
pub async fn unread(db: &Db, me: &Access<access::User>) -> Result<Vec<Entry>, Error> {
    const SQL: &str = concatcp!(ENTRY, " ORDER BY i.message_id DESC LIMIT $3");
    let sql = query(SQL).bind(me.id()).bind(i64::from(me.viewer().admin.0)).bind(MAX_ENTRIES as i64);
    sql.fetch_all(db.read()).await?.iter().rev().map(entry).collect()
}

/// Those of the messages `ids` that wait for the viewer.
///
/// # Errors
/// `Invalid` when there are more than [`MAX_RELOAD`].
pub async fn reload(db: &Db, me: &Access<access::User>, ids: &[i64]) -> Result<Vec<Entry>, Error> {
    const SQL: &str = concatcp!(ENTRY, " AND i.message_id = $3");
    if ids.len() > MAX_RELOAD {
        return Err(Error::invalid(format!("At most {MAX_RELOAD} messages can be reloaded at once.")));
    }
    let mut entries = Vec::new();
    for id in ids {
        let sql = query(SQL).bind(me.id()).bind(i64::from(me.viewer().admin.0)).bind(*id);
        if let Some(row) = sql.fetch_optional(db.read()).await? {
            entries.push(entry(&row)?);
        }
    }
    Ok(entries)
}

/// Puts a message of the room that `access` is about into the inboxes of these people, and tells them.
pub async fn address<T, R>(
    tx: &mut Tx,
    access: &Held<T, R>,
    message: i64,
    people: &[(i64, Cause)],
) -> Result<(), Error> {
    for (user, cause) in people {
        let added = query(
            "INSERT INTO inbox (user_id, message_id, room_id, cause) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(*user)
        .bind(message)
        .bind(access.object().id)
        .bind(cause.to_string())
        .execute(tx.sql())
        .await?;
        if added.rows_affected() > 0 {
            tx.notice(USER.object(*user), NOTIFIED, MESSAGE.object(message));
        }
    }
    Ok(())
}

/// Takes the message out of all inboxes, and tells their owners.
pub async fn withdraw(tx: &mut Tx, access: &Held<access::Message, Write>) -> Result<(), Error> {
    let held = query_scalar("SELECT user_id FROM inbox WHERE message_id = $1").bind(access.id());
    let held: Vec<i64> = held.fetch_all(tx.sql()).await?;
    take_out(tx, access.id(), &held).await
}

/// Takes the message out of the inboxes of those whom it mentioned, but of the people in `keep`, and tells their owners.
pub async fn withdraw_mentions(tx: &mut Tx, access: &Held<access::Message, Write>, keep: &[i64]) -> Result<(), Error> {
    let held = query_scalar("SELECT user_id FROM inbox WHERE message_id = $1 AND cause <> $2");
    let held = held.bind(access.id()).bind(Cause::Direct.to_string());
    let mut held: Vec<i64> = held.fetch_all(tx.sql()).await?;
    held.retain(|user| !keep.contains(user));
    take_out(tx, access.id(), &held).await
}

async fn take_out(tx: &mut Tx, message: i64, users: &[i64]) -> Result<(), Error> {
    for user in users {
        query("DELETE FROM inbox WHERE user_id = $1 AND message_id = $2")
            .bind(*user)
            .bind(message)
            .execute(tx.sql())
            .await?;
        tx.notice(USER.object(*user), NOTIFIED, MESSAGE.object(message));
    }
    Ok(())
}

/// Takes out what the viewer has read of a room, up to message `upto`. Whether there was any.
pub async fn settle(tx: &mut Tx, access: &Held<access::Reading>, upto: i64) -> Result<bool, Error> {
    let settled = query("DELETE FROM inbox WHERE user_id = $1 AND room_id = $2 AND message_id <= $3")
        .bind(access.viewer().id)
        .bind(access.id())
        .bind(upto)
        .execute(tx.sql())
        .await?;
    Ok(settled.rows_affected() > 0)
}

/// Empties the viewer's inbox.
pub async fn clear(tx: &mut Tx, me: &Held<access::User>) -> Result<(), Error> {
    let cleared = query("DELETE FROM inbox WHERE user_id = $1").bind(me.id()).execute(tx.sql()).await?;
    if cleared.rows_affected() > 0 {
        tx.notice(me.object(), READ, USER.object(me.id()));
    }
    Ok(())
}

fn entry(row: &AnyRow) -> Result<Entry, Error> {
    let body: String = row.try_get("body")?;
    // A message of files alone is known by the first of them.
    let file: Option<String> = row.try_get("file_name")?;
    let excerpt = file.filter(|_| body.is_empty()).unwrap_or_else(|| markdown::excerpt(&body, MAX_EXCERPT));
    Ok(Entry {
        id: row.try_get("message_id")?,
        cause: row.try_get::<String, _>("cause")?.parse().unwrap_or(Cause::Mention),
        room: row.try_get("room_id")?,
        room_name: row.try_get("room_name")?,
        author: Person {
            id: row.try_get("author_id")?,
            name: row.try_get("author_name")?,
            picture: row.try_get("author_picture")?,
        },
        excerpt,
        posted: Timestamp(row.try_get("posted")?),
    })
}
