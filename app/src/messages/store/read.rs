//! Reading messages: rows first, then what belongs to them, in one question for a whole window.

use std::sync::Arc;

use const_format::concatcp;
use earshot_live::error::Error;
use earshot_live::listen::MAX_RELOAD;
use earshot_live::store::Db;
use earshot_live::timestamp::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Row, query, query_as, query_scalar};

use crate::access::{self, Access};
use crate::entities::MESSAGE;
use crate::files;
use crate::mentions::store as mentions;
use crate::messages::markdown;
use crate::messages::{MAX_QUOTE, Message, PAGE, Place, Quote};
use crate::people::Person;
use crate::reactions;

const SELECT_MESSAGE: &str =
    "SELECT m.id, m.room_id, m.client_id, m.body, m.mentions, m.posted, m.edited, m.deleted, m.reply_to, u.id AS author_id,
        u.name AS author_name, u.picture AS author_picture
    FROM messages m JOIN users u ON u.id = m.author_id WHERE ";

/// A message as it is kept in memory. What it answers is another message, and is looked up each time: it changes by itself.
#[derive(Clone, Debug)]
struct Kept {
    room: i64,
    message: Message,
    reply_to: Option<i64>,
}

/// A window of messages, oldest first, and whether there are older and newer ones.
pub struct Found {
    pub messages: Vec<Message>,
    pub more: bool,
    pub newer: bool,
}

/// The [`PAGE`] messages at `place`. Around a message that is not in the room: the newest.
pub async fn page(db: &Db, access: &Access<access::Room>, place: Place) -> Result<Found, Error> {
    const HALF: usize = PAGE / 2;
    let room = access.id();
    let newest = || older(db, room, i64::MAX, PAGE);
    let (older, newer) = match place {
        Place::Newest => (newest().await?, Side::default()),
        Place::Before(id) => {
            let beyond = newer(db, room, id.saturating_sub(1), 0).await?;
            (older(db, room, id, PAGE).await?, beyond)
        }
        Place::After(id) => {
            let beyond = older(db, room, id.saturating_add(1), 0).await?;
            (beyond, newer(db, room, id, PAGE).await?)
        }
        Place::At(id) => {
            let until = older(db, room, id.saturating_add(1), HALF).await?;
            match until.ids.first() {
                Some(found) if *found == id => (until, newer(db, room, id, HALF).await?),
                _ => (newest().await?, Side::default()),
            }
        }
    };
    let ids: Vec<i64> = older.ids.iter().rev().chain(&newer.ids).copied().collect();
    let messages = with_quotes(db, window(db, room, &ids).await?).await?;
    Ok(Found { messages, more: older.more, newer: newer.more })
}

/// Those of `ids` that are in the room, oldest first.
///
/// # Errors
/// `Invalid` when there are more than [`MAX_RELOAD`].
pub async fn reload(db: &Db, access: &Access<access::Room>, ids: &[i64]) -> Result<Vec<Message>, Error> {
    if ids.len() > MAX_RELOAD {
        return Err(Error::invalid(format!("At most {MAX_RELOAD} messages can be reloaded at once.")));
    }
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(kept(db, *id).await?.filter(|found| found.room == access.id()));
    }
    let mut messages = with_quotes(db, found).await?;
    messages.sort_by_key(|message| message.id);
    Ok(messages)
}

/// How many messages the room has, and the id of the last.
pub async fn extent(db: &Db, access: &Access<access::Room>) -> Result<(i64, i64), Error> {
    let sql = query_as("SELECT COUNT(*), COALESCE(MAX(id), 0) FROM messages WHERE room_id = $1");
    Ok(sql.bind(access.id()).fetch_one(db.read()).await?)
}

/// The next messages after message `after` up to message `last`, oldest first, `most` of them.
pub async fn following(
    db: &Db,
    access: &Access<access::Room>,
    after: i64,
    last: i64,
    most: i64,
) -> Result<Vec<Message>, Error> {
    const SQL: &str = concatcp!(SELECT_MESSAGE, "m.room_id = $1 AND m.id > $2 AND m.id <= $3 ORDER BY m.id LIMIT $4");
    let rows = query(SQL).bind(access.id()).bind(after).bind(last).bind(most).fetch_all(db.read()).await?;
    let rows = complete(db, access.id(), rows.iter().map(row).collect::<Result<_, _>>()?).await?;
    with_quotes(db, rows.into_iter().map(Arc::new).collect()).await
}

/// Messages to one side of a place, the nearest first, and whether there are more behind them.
#[derive(Default)]
struct Side {
    ids: Vec<i64>,
    more: bool,
}

async fn older(db: &Db, room: i64, before: i64, count: usize) -> Result<Side, Error> {
    const SQL: &str = "SELECT id FROM messages WHERE room_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    side(db, SQL, room, before, count).await
}

async fn newer(db: &Db, room: i64, after: i64, count: usize) -> Result<Side, Error> {
    const SQL: &str = "SELECT id FROM messages WHERE room_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    side(db, SQL, room, after, count).await
}

async fn side(db: &Db, sql: &'static str, room: i64, from: i64, count: usize) -> Result<Side, Error> {
    let sql = query_scalar(sql).bind(room).bind(from).bind(count as i64 + 1);
    let mut ids: Vec<i64> = sql.fetch_all(db.read()).await?;
    let more = ids.len() > count;
    ids.truncate(count);
    Ok(Side { ids, more })
}

/// The messages with these ids, oldest first: out of memory, or all of them in one question.
async fn window(db: &Db, room: i64, ids: &[i64]) -> Result<Vec<Arc<Kept>>, Error> {
    const SQL: &str = concatcp!(SELECT_MESSAGE, "m.room_id = $1 AND m.id >= $2 AND m.id <= $3 ORDER BY m.id");
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(Vec::new()) };
    let read = async {
        let rows = query(SQL).bind(room).bind(*first).bind(*last).fetch_all(db.read()).await?;
        let rows = complete(db, room, rows.iter().map(row).collect::<Result<_, _>>()?).await?;
        Ok(rows.into_iter().map(|row| (row.message.id, row)).collect())
    };
    db.cache().rows(MESSAGE, ids, read).await
}

/// The message with this id, out of memory where it is known.
async fn kept(db: &Db, id: i64) -> Result<Option<Arc<Kept>>, Error> {
    const SQL: &str = concatcp!(SELECT_MESSAGE, "m.id = $1");
    let read = async {
        let Some(found) = query(SQL).bind(id).fetch_optional(db.read()).await? else { return Ok(None) };
        let found = row(&found)?;
        Ok(complete(db, found.room, vec![found]).await?.pop())
    };
    db.cache().row(MESSAGE, id, read).await
}

/// Adds what belongs to the messages of a window, and makes markup of what they say.
async fn complete(db: &Db, room: i64, mut rows: Vec<Kept>) -> Result<Vec<Kept>, Error> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(rows) };
    let (first, last) = (first.message.id, last.message.id);
    let mut files = files::store::of_messages(db.read(), room, first..=last).await?;
    let mut reactions = reactions::store::under(db, room, first..=last).await?;
    for Kept { message, .. } in &mut rows {
        message.html = markdown::to_html(&message.body, &message.mentions);
        message.files = files.remove(&message.id).unwrap_or_default();
        message.reactions = reactions.remove(&message.id).unwrap_or_default();
    }
    Ok(rows)
}

/// Puts above each message what it answers, as that is now.
async fn with_quotes(db: &Db, found: Vec<Arc<Kept>>) -> Result<Vec<Message>, Error> {
    let mut messages = Vec::with_capacity(found.len());
    for found in found {
        let mut message = found.message.clone();
        if let Some(answered) = found.reply_to {
            message.reply_to = kept(db, answered).await?.map(|answered| quote(&answered.message));
        }
        messages.push(message);
    }
    Ok(messages)
}

fn quote(message: &Message) -> Quote {
    let Message { id, author, body, files, .. } = message;
    // A message of files alone is known by the first of them.
    let line = || {
        files
            .first()
            .filter(|_| body.is_empty())
            .map_or_else(|| markdown::excerpt(body, MAX_QUOTE), |file| file.name.clone())
    };
    Quote { id: *id, author: author.clone(), line: message.deleted.is_none().then(line) }
}

fn row(row: &AnyRow) -> Result<Kept, Error> {
    let moment = |column: &str| row.try_get::<Option<i64>, _>(column).map(|at| at.map(Timestamp));
    let message = Message {
        id: row.try_get("id")?,
        author: Person {
            id: row.try_get("author_id")?,
            name: row.try_get("author_name")?,
            picture: row.try_get("author_picture")?,
        },
        body: row.try_get("body")?,
        html: String::new(),
        files: Vec::new(),
        mentions: mentions::from_json(&row.try_get::<String, _>("mentions")?),
        posted: Timestamp(row.try_get("posted")?),
        edited: moment("edited")?,
        deleted: moment("deleted")?,
        reply_to: None,
        reactions: Vec::new(),
        client_id: row.try_get("client_id")?,
    };
    Ok(Kept { room: row.try_get("room_id")?, message, reply_to: row.try_get("reply_to")? })
}
