//! The SQL of files.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use earshot_live::error::{Error, Kind};
use earshot_live::store::{APPLICATION, Db, Sql, Tx};
use earshot_live::timestamp::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Row, query, query_scalar};

use crate::access::{self, Access, Held};
use crate::files::blobs::Blobs;
use crate::files::{File, MAX_FILES, Pixels};

/// Files that one person may have uploaded and not posted: a few messages' worth.
const MAX_NOT_POSTED: i64 = 5 * MAX_FILES as i64;
/// How long a file waits to be posted.
const NOT_POSTED_KEPT: i64 = 24 * 60 * 60 * 1_000_000;
/// How long the bytes of a file may be on their way.
const ON_ITS_WAY: i64 = 2 * 60 * 60 * 1_000_000;
/// Rows that are cleared away together.
const AT_ONCE: i64 = 200;

/// A new file, whose bytes are stored.
pub struct NewFile<'a> {
    pub key: &'a str,
    pub name: String,
    pub media_type: &'static str,
    pub size: i64,
    pub picture: Option<Pixels>,
}

/// A file as it is given out.
pub struct Stored {
    pub file: File,
    pub key: String,
    pub media_type: String,
}

/// Makes room for one more file of the viewer's: of those that were put aside, the oldest go.
pub async fn make_room(tx: &mut Tx, access: &Held<access::Room>) -> Result<(), Error> {
    query(
        "DELETE FROM files WHERE message_id IS NULL AND uploader_id = $1 AND id <=
            (SELECT id FROM files WHERE message_id IS NULL AND uploader_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
    )
    .bind(access.viewer().id)
    .bind(MAX_NOT_POSTED - 1)
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Notes that bytes are about to be stored under `key`: if they never become a file, they are cleared away.
pub async fn announce(tx: &mut Tx, key: &str) -> Result<(), Error> {
    let now = tx.now().0;
    query("INSERT INTO discarded (key, since) VALUES ($1, $2)").bind(key).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// Notes that what was announced under `key` is stored, and belongs to something from now on.
///
/// # Errors
/// `NotFound` when it was so long on its way that it is cleared away already.
pub(crate) async fn settle(tx: &mut Tx, key: &str) -> Result<(), Error> {
    let announced = query("DELETE FROM discarded WHERE key = $1").bind(key).execute(tx.sql()).await?;
    if announced.rows_affected() == 0 { Err(Kind::NotFound.into()) } else { Ok(()) }
}

/// Notes that the bytes under `key` belong to nothing any more.
pub(crate) async fn let_go(tx: &mut Tx, key: &str) -> Result<(), Error> {
    let sql = query("INSERT INTO discarded (key, since) VALUES ($1, 0) ON CONFLICT (key) DO NOTHING");
    sql.bind(key).execute(tx.sql()).await?;
    Ok(())
}

/// Makes a file of bytes that were announced and are stored. It belongs to nothing until it is posted.
///
/// # Errors
/// As for [`settle`].
pub async fn add(tx: &mut Tx, access: &Held<access::Room>, new: NewFile<'_>) -> Result<File, Error> {
    settle(tx, new.key).await?;
    let now = tx.now().0;
    let id = query_scalar(
        "INSERT INTO files (room_id, uploader_id, key, name, media_type, size, width, height, created)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
    )
    .bind(access.id())
    .bind(access.viewer().id)
    .bind(new.key)
    .bind(new.name.as_str())
    .bind(new.media_type)
    .bind(new.size)
    .bind(new.picture.map(|picture| i64::from(picture.width)))
    .bind(new.picture.map(|picture| i64::from(picture.height)))
    .bind(now)
    .fetch_one(tx.sql())
    .await?;
    Ok(File { id, name: new.name, size: new.size, picture: new.picture })
}

/// Posts the viewer's `files` with `message`, in this order.
///
/// # Errors
/// `Invalid` when there are too many, or one is not there (any more), is another's, or is posted already.
pub(crate) async fn attach(tx: &mut Tx, access: &Held<access::Room>, message: i64, files: &[i64]) -> Result<(), Error> {
    if files.len() > MAX_FILES {
        return Err(Error::invalid(format!("At most {MAX_FILES} files can be sent with one message.")));
    }
    let mut places: Vec<(i64, i64)> = files.iter().copied().zip(0..).collect();
    // Whoever takes several rows takes them in this order: two who do so at once wait for each other, and not for ever.
    places.sort_unstable();
    for (file, place) in places {
        let attached = query(
            "UPDATE files SET message_id = $1, place = $2
             WHERE id = $3 AND room_id = $4 AND uploader_id = $5 AND message_id IS NULL",
        )
        .bind(message)
        .bind(place)
        .bind(file)
        .bind(access.id())
        .bind(access.viewer().id)
        .execute(tx.sql())
        .await?;
        if attached.rows_affected() == 0 {
            return Err(Error::invalid("A file of this message is not there any more. Please attach it again."));
        }
    }
    Ok(())
}

/// The files of a message, in their order.
pub(crate) async fn attached(tx: &mut Tx, message: i64) -> Result<Vec<i64>, Error> {
    let sql = query_scalar("SELECT id FROM files WHERE message_id = $1 ORDER BY place").bind(message);
    Ok(sql.fetch_all(tx.sql()).await?)
}

/// Takes the files of a message away. Their bytes follow.
pub(crate) async fn discard(tx: &mut Tx, access: &Held<access::Message, access::Write>) -> Result<(), Error> {
    query("DELETE FROM files WHERE message_id = $1").bind(access.id()).execute(tx.sql()).await?;
    Ok(())
}

/// The files of the `messages` of a room, for the store of messages, which has seen to the right.
pub(crate) async fn of_messages(
    sql: impl Sql<'_>,
    room: i64,
    messages: RangeInclusive<i64>,
) -> Result<HashMap<i64, Vec<File>>, Error> {
    let rows = query(
        "SELECT id, message_id, name, size, width, height FROM files
         WHERE room_id = $1 AND message_id BETWEEN $2 AND $3 ORDER BY message_id, place",
    )
    .bind(room)
    .bind(*messages.start())
    .bind(*messages.end())
    .fetch_all(sql)
    .await?;
    let mut files = HashMap::<i64, Vec<File>>::new();
    for row in &rows {
        files.entry(row.try_get("message_id")?).or_default().push(file(row)?);
    }
    Ok(files)
}

/// # Errors
/// `NotFound` when the file has gone since access was given.
pub async fn stored(db: &Db, access: &Access<access::File>) -> Result<Stored, Error> {
    let row = query("SELECT id, name, size, width, height, key, media_type FROM files WHERE id = $1")
        .bind(access.id())
        .fetch_one(db.read())
        .await?;
    Ok(Stored { file: file(&row)?, key: row.try_get("key")?, media_type: row.try_get("media_type")? })
}

/// Clears away files that were never posted, and the bytes of all that are no more.
///
/// # Errors
/// When the database or the store of files refuses; what is left is cleared away the next time.
pub async fn tidy(db: &Db, blobs: &Blobs, now: Timestamp) -> Result<(), Error> {
    let mut tx = db.begin(APPLICATION).await?;
    query("DELETE FROM files WHERE message_id IS NULL AND created < $1")
        .bind(now.0 - NOT_POSTED_KEPT)
        .execute(tx.sql())
        .await?;
    tx.commit().await?;
    loop {
        let keys: Vec<String> = query_scalar("SELECT key FROM discarded WHERE since < $1 ORDER BY since LIMIT $2")
            .bind(now.0 - ON_ITS_WAY)
            .bind(AT_ONCE)
            .fetch_all(db.read())
            .await?;
        for key in &keys {
            blobs.remove(key).await?;
        }
        let mut tx = db.begin(APPLICATION).await?;
        for key in &keys {
            query("DELETE FROM discarded WHERE key = $1").bind(key.as_str()).execute(tx.sql()).await?;
        }
        tx.commit().await?;
        if keys.len() < AT_ONCE as usize {
            return Ok(());
        }
    }
}

fn file(row: &AnyRow) -> Result<File, Error> {
    let pixels = |column: &str| row.try_get::<Option<i64>, _>(column).map(|n| n.and_then(|n| u32::try_from(n).ok()));
    let picture = pixels("width")?.zip(pixels("height")?).map(|(width, height)| Pixels { width, height });
    Ok(File { id: row.try_get("id")?, name: row.try_get("name")?, size: row.try_get("size")?, picture })
}
