//! The SQL of messages: writing them here, reading them in `read`.

mod read;

use earshot_live::error::{Error, Kind};
use earshot_live::store::Tx;
use sha2::{Digest, Sha256};
use sqlx::{query, query_as, query_scalar};

use crate::access::{self, Held, Write};
use crate::client_id;
use crate::entities::{DELETED, EDITED, MESSAGE, POSTED};
use crate::files;
use crate::inbox::store as inbox;
use crate::mentions::store::{self as mentions, Mentions};
use crate::messages::{NewMessage, check_body, check_post, markdown};
use crate::reactions;

pub use read::{Found, extent, following, page, reload};

/// Writes a message and returns its id. The same again with the same `client_id`: the id of the first, and no second message.
/// Ids follow the order of commits, since the room is locked: what is read up to one holds nothing that is still to come.
///
/// # Errors
/// `Invalid` when something else was sent with this `client_id` before, when there is neither text nor a file, when it is too
/// long, a file is not there or it answers what is not in the room, or when the `client_id` cannot be one.
pub async fn post(tx: &mut Tx, access: &Held<access::Room>, new: NewMessage<'_>) -> Result<i64, Error> {
    let body = check_post(new.body, new.files.len())?;
    client_id::check(new.client_id)?;
    if let Some(answered) = new.reply_to {
        is_in_room(tx, access, answered).await?;
    }
    let (author, now) = (access.viewer().id, tx.now().0);
    let sent = digest(access.id(), &body, new.reply_to, new.files);
    let mentions = mentions::of(tx.sql(), access, &markdown::prose(&body)).await?;
    let posted: Option<(i64, i64)> = query_as(
        "INSERT INTO messages (room_id, author_id, client_id, body, reply_to, posted, mentions, sent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (author_id, client_id) DO NOTHING
         RETURNING id, (SELECT COUNT(direct) FROM rooms WHERE rooms.id = room_id)",
    )
    .bind(access.id())
    .bind(author)
    .bind(new.client_id)
    .bind(body.as_str())
    .bind(new.reply_to)
    .bind(now)
    .bind(mentions.to_json())
    .bind(sent.as_str())
    .fetch_optional(tx.sql())
    .await?;
    match posted {
        Some((id, direct)) => {
            files::store::attach(tx, access, id, new.files).await?;
            let addressed = if direct > 0 { mentions::directly(tx.sql(), access).await? } else { mentions.addressed };
            inbox::address(tx, access, id, &addressed).await?;
            tx.notice(access.object(), POSTED, MESSAGE.object(id));
            Ok(id)
        }
        None => posted_before(tx, access, new.client_id, &sent).await,
    }
}

/// Gives the message another body.
///
/// # Errors
/// `Invalid` when the body is empty or too long; `NotFound` when the message has gone.
pub async fn edit(tx: &mut Tx, access: &Held<access::Message, Write>, body: &str) -> Result<(), Error> {
    let (body, now) = (check_body(body)?, tx.now().0);
    let mentions = mentions::of(tx.sql(), access, &markdown::prose(&body)).await?;
    readdress(tx, access, &mentions).await?;
    let changed = query("UPDATE messages SET body = $1, edited = $2, mentions = $3 WHERE id = $4 AND deleted IS NULL")
        .bind(body.as_str())
        .bind(now)
        .bind(mentions.to_json())
        .bind(access.id())
        .execute(tx.sql())
        .await?;
    if changed.rows_affected() == 0 {
        return Err(Kind::NotFound.into());
    }
    tx.notice(access.object(), EDITED, MESSAGE.object(access.id()));
    Ok(())
}

/// Puts an edited message into the inboxes of those whom it did not mention before, and takes it from those whom it does not
/// mention any more.
async fn readdress(tx: &mut Tx, access: &Held<access::Message, Write>, mentions: &Mentions) -> Result<(), Error> {
    let before: Option<(i64, String)> = query_as("SELECT author_id, mentions FROM messages WHERE id = $1")
        .bind(access.id())
        .fetch_optional(tx.sql())
        .await?;
    let (author, before) = before.ok_or(Kind::NotFound)?;
    let new = mentions.addressed_since(&mentions::from_json(&before));
    let new: Vec<_> = new.into_iter().filter(|(user, _)| *user != author).collect();
    let keep: Vec<i64> = mentions.addressed.iter().map(|(user, _)| *user).collect();
    inbox::withdraw_mentions(tx, access, &keep).await?;
    inbox::address(tx, access, access.id(), &new).await
}

/// Takes away what was said and what stands under it. The message keeps its place in the conversation.
///
/// # Errors
/// `NotFound` when the message has gone.
pub async fn delete(tx: &mut Tx, access: &Held<access::Message, Write>) -> Result<(), Error> {
    let now = tx.now().0;
    let gone = query(
        "UPDATE messages SET body = '', mentions = '[]', edited = NULL, deleted = $1 WHERE id = $2 AND deleted IS NULL",
    )
    .bind(now)
    .bind(access.id())
    .execute(tx.sql())
    .await?;
    if gone.rows_affected() == 0 {
        return Err(Kind::NotFound.into());
    }
    files::store::discard(tx, access).await?;
    reactions::store::clear(tx, access).await?;
    inbox::withdraw(tx, access).await?;
    tx.notice(access.object(), DELETED, MESSAGE.object(access.id()));
    Ok(())
}

async fn is_in_room(tx: &mut Tx, access: &Held<access::Room>, message: i64) -> Result<(), Error> {
    let found: Option<i64> = query_scalar("SELECT 1 FROM messages WHERE id = $1 AND room_id = $2")
        .bind(message)
        .bind(access.id())
        .fetch_optional(tx.sql())
        .await?;
    found.map(drop).ok_or_else(|| Error::invalid("The message that you answer is not in this room."))
}

/// The message that was posted with this `client_id`, if the same was sent, whatever it has become since.
async fn posted_before(tx: &mut Tx, access: &Held<access::Room>, client_id: &str, sent: &str) -> Result<i64, Error> {
    let sql = "SELECT id, room_id, body, reply_to, sent FROM messages WHERE author_id = $1 AND client_id = $2";
    let before: (i64, i64, String, Option<i64>, Option<String>) =
        query_as(sql).bind(access.viewer().id).bind(client_id).fetch_one(tx.sql()).await?;
    let (id, room, body, reply_to, known) = before;
    let known = match known {
        Some(known) => known,
        // It was posted by a version that did not note it.
        None => digest(room, &body, reply_to, &files::store::attached(tx, id).await?),
    };
    if known == sent {
        return Ok(id);
    }
    Err(Error::invalid("Something else was sent with this form before. To post this too, please send it once more."))
}

/// What is known of a message that was sent.
fn digest(room: i64, body: &str, reply_to: Option<i64>, files: &[i64]) -> String {
    hex::encode(Sha256::digest(serde_json::json!((room, body, reply_to, files)).to_string()))
}
