//! The SQL of readings.

use const_format::concatcp;
use earshot_live::error::Error;
use earshot_live::store::Tx;
use sqlx::any::AnyRow;
use sqlx::{Row, query, query_scalar};

use crate::access::{self, Held};
use crate::entities::{READ, ROOM, USER};
use crate::readings::{COUNTED, Level, Reading};

/// What a query about rooms selects for [`reading`], with [`JOINED`] among its tables. `$1`: the viewer, `r`: the room. Counting
/// looks at the newest messages alone, and at the index only, however many there are.
pub(crate) const COLUMNS: &str = concatcp!(
    "COALESCE(d.upto, me.starts_after) AS upto, COALESCE(d.level, 0) AS level,
    (SELECT COUNT(*) FROM
        (SELECT n.author_id, n.deleted FROM messages n WHERE n.room_id = r.id AND n.id > COALESCE(d.upto, me.starts_after)
         ORDER BY n.id DESC LIMIT ",
    COUNTED,
    ") newest WHERE newest.author_id <> $1 AND newest.deleted IS NULL) AS unread"
);

/// See [`COLUMNS`].
pub(crate) const JOINED: &str =
    "JOIN users me ON me.id = $1 LEFT JOIN readings d ON d.user_id = $1 AND d.room_id = r.id";

/// Reads [`COLUMNS`].
pub(crate) fn reading(row: &AnyRow) -> Result<Reading, Error> {
    Ok(Reading {
        upto: row.try_get("upto")?,
        unread: usize::try_from(row.try_get::<i64, _>("unread")?).unwrap_or_default(),
        level: Level::from(row.try_get::<i64, _>("level")?),
    })
}

/// The viewer has read the room up to message `upto`. Whether that is news.
pub async fn mark(tx: &mut Tx, access: &Held<access::Reading>, upto: i64) -> Result<bool, Error> {
    // No further than there is something to read.
    let newest: Option<i64> = query_scalar("SELECT MAX(id) FROM messages WHERE room_id = $1 AND id <= $2")
        .bind(access.id())
        .bind(upto)
        .fetch_one(tx.sql())
        .await?;
    let Some(newest) = newest else { return Ok(false) };
    let marked = query(
        "INSERT INTO readings (user_id, room_id, upto) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, room_id) DO UPDATE SET upto = excluded.upto WHERE excluded.upto > readings.upto",
    )
    .bind(access.viewer().id)
    .bind(access.id())
    .bind(newest)
    .execute(tx.sql())
    .await?;
    Ok(marked.rows_affected() > 0)
}

/// From message `first` on nothing of the room counts as read.
pub async fn mark_unread(tx: &mut Tx, access: &Held<access::Reading>, first: i64) -> Result<(), Error> {
    query(
        "INSERT INTO readings (user_id, room_id, upto) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, room_id) DO UPDATE SET upto = excluded.upto",
    )
    .bind(access.viewer().id)
    .bind(access.id())
    .bind(first.saturating_sub(1).max(0))
    .execute(tx.sql())
    .await?;
    tell(tx, access);
    Ok(())
}

pub async fn set_level(tx: &mut Tx, access: &Held<access::Reading>, level: Level) -> Result<(), Error> {
    query(
        "INSERT INTO readings (user_id, room_id, upto, level) SELECT u.id, $2, u.starts_after, $3 FROM users u WHERE u.id = $1
         ON CONFLICT (user_id, room_id) DO UPDATE SET level = excluded.level",
    )
    .bind(access.viewer().id)
    .bind(access.id())
    .bind(i64::from(level))
    .execute(tx.sql())
    .await?;
    tell(tx, access);
    Ok(())
}

/// Who comes to a closed room is not expected to have read what was said there before.
pub async fn begin(tx: &mut Tx, room: i64, user: i64) -> Result<(), Error> {
    query(
        "INSERT INTO readings (user_id, room_id, upto)
         VALUES ($1, $2, (SELECT COALESCE(MAX(id), 0) FROM messages WHERE room_id = $2))
         ON CONFLICT (user_id, room_id) DO NOTHING",
    )
    .bind(user)
    .bind(room)
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Leaves word for the viewer's other pages.
pub fn tell(tx: &mut Tx, access: &Held<access::Reading>) {
    tx.notice(USER.object(access.viewer().id), READ, ROOM.object(access.id()));
}
