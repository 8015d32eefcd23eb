//! The SQL of search. One answer costs the same however many messages there are: it looks at a bounded number of those that
//! have the words, newest first, and says where to go on.

use const_format::concatcp;
use earshot_live::error::Error;
use earshot_live::store::{Db, Dialect};
use earshot_live::timestamp::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Row, query};

use crate::access::{Access, ROOM_NAME, ROOM_READABLE, Viewer};
use crate::people::Person;
use crate::people::store::everyone;
use crate::search::query::Query;
use crate::search::rank::best;
use crate::search::snippet::snippet;
use crate::search::{Found, Hit};

/// How one statement looks for messages: back over so many ids, at so many of those that have the words.
#[derive(Clone, Copy, Debug)]
struct Round {
    ids: i64,
    most: i64,
    /// Whether the words lead to the messages, and not the messages, newest first, to the words.
    by_words: bool,
}

/// Nearly every answer is found here.
const NEWEST: Round = Round { ids: 10_000, most: 500, by_words: false };
/// For words that everybody uses, when the newest messages are mostly those of others.
const COMMON: Round = Round { ids: 50_000, most: 5_000, by_words: false };
/// For words that few of the newest messages have.
const RARE: Round = Round { ids: i64::MAX, most: 5_000, by_words: true };

/// The messages with the words `$3` from before `$4` down to `$5`, the newest `$6` of them.
const WORDS_IN_SQLITE: &str = "WITH found AS MATERIALIZED (SELECT m.id, m.room_id
    FROM message_words w CROSS JOIN messages m ON m.id = w.rowid
    WHERE w.message_words MATCH $3 AND w.rowid < $4 AND w.rowid >= $5 ORDER BY w.rowid DESC LIMIT $6)";
const NEWEST_IN_POSTGRES: &str = "WITH found AS MATERIALIZED (SELECT id, room_id FROM messages
    WHERE words @@ to_tsquery('pg_catalog.simple', $3) AND id < $4 AND id >= $5 ORDER BY id DESC LIMIT $6)";
/// An index of words keeps no order. Where PostgreSQL could have the order from another one it is tempted to read through all
/// messages; of `id + 0` there is none.
const WORDS_IN_POSTGRES: &str = "WITH found AS MATERIALIZED (SELECT id, room_id FROM messages
    WHERE words @@ to_tsquery('pg_catalog.simple', $3) AND id + 0 < $4 AND id + 0 >= $5 ORDER BY id + 0 DESC LIMIT $6)";

/// Those of them that the viewer may read, the newest `$7`; beside each, or beside nothing, how many were looked at and the
/// oldest of these. `$1` and `$2` as in [`ROOM_READABLE`].
const READABLE: &str = concatcp!(
    ", looked AS (SELECT COUNT(*) AS looked_at, MIN(id) AS oldest FROM found),
    readable AS (SELECT f.id FROM found f WHERE EXISTS (SELECT 1 FROM rooms r WHERE r.id = f.room_id AND ",
    ROOM_READABLE,
    ") ORDER BY f.id DESC LIMIT $7)
    SELECT l.looked_at, l.oldest, m.id, m.room_id, m.body, m.posted, ",
    ROOM_NAME,
    " AS room_name, u.id AS author_id, u.name AS author_name, u.picture AS author_picture
    FROM looked l LEFT JOIN readable f ON 1 = 1 LEFT JOIN messages m ON m.id = f.id
    LEFT JOIN rooms r ON r.id = m.room_id LEFT JOIN users u ON u.id = m.author_id
    ORDER BY m.id DESC"
);

/// The statements that look for messages, also for those who want to see their plans: the newest first, then by words.
pub fn statements(dialect: Dialect) -> [&'static str; 2] {
    match dialect {
        Dialect::Sqlite => [concatcp!(WORDS_IN_SQLITE, READABLE); 2],
        Dialect::Postgres => [concatcp!(NEWEST_IN_POSTGRES, READABLE), concatcp!(WORDS_IN_POSTGRES, READABLE)],
    }
}

/// The newest messages that have the words and that the viewer may read, at most `page`; from before the message `before`.
pub async fn messages(
    db: &Db,
    viewer: &Viewer,
    words: &Query,
    before: Option<i64>,
    page: usize,
) -> Result<Found, Error> {
    let before = match before {
        Some(before) => before,
        None => newest(db).await?.saturating_add(1),
    };
    let Look { mut hits, mut end, full } = look(db, viewer, words, NEWEST, before, page + 1).await?;
    if hits.len() <= page && end > 0 {
        let round = if full { COMMON } else { RARE };
        let further = look(db, viewer, words, round, end, page + 1 - hits.len()).await?;
        hits.extend(further.hits);
        end = further.end;
    }
    if hits.len() > page {
        hits.truncate(page);
        end = hits.last().map_or(end, |hit| hit.id);
    }
    Ok(Found { hits, before: Some(end).filter(|end| *end > 0) })
}

/// Everybody who may be meant by what was typed, the best answers first.
pub async fn people(db: &Db, viewer: &Viewer, typed: &str, most: usize) -> Result<Vec<Person>, Error> {
    let everyone = everyone(db, &Access::team(viewer)).await?;
    Ok(best(everyone, |person| &person.name, typed, most))
}

async fn newest(db: &Db) -> Result<i64, Error> {
    let row = query("SELECT MAX(id) AS newest FROM messages").fetch_one(db.read()).await?;
    Ok(row.try_get::<Option<i64>, _>("newest")?.unwrap_or(0))
}

/// What one round has found.
struct Look {
    hits: Vec<Hit>,
    /// Nothing before this message was looked at; 0 when there is nothing before it.
    end: i64,
    /// Whether it ended because enough had the words.
    full: bool,
}

async fn look(db: &Db, viewer: &Viewer, words: &Query, round: Round, before: i64, page: usize) -> Result<Look, Error> {
    let [newest, by_words] = statements(db.dialect());
    let from = before.saturating_sub(round.ids).max(0);
    let rows = query(if round.by_words { by_words } else { newest })
        .bind(viewer.id)
        .bind(i64::from(viewer.admin.0))
        .bind(words.to_sql(db.dialect()))
        .bind(before)
        .bind(from)
        .bind(round.most)
        .bind(page as i64)
        .fetch_all(db.read())
        .await?;
    let mut look = Look { hits: Vec::with_capacity(rows.len()), end: from, full: false };
    for row in &rows {
        if row.try_get::<i64, _>("looked_at")? == round.most {
            (look.end, look.full) = (row.try_get("oldest")?, true);
        }
        if row.try_get::<Option<i64>, _>("id")?.is_some() {
            look.hits.push(hit(row, words)?);
        }
    }
    Ok(look)
}

fn hit(row: &AnyRow, words: &Query) -> Result<Hit, Error> {
    Ok(Hit {
        id: row.try_get("id")?,
        room: row.try_get("room_id")?,
        room_name: row.try_get("room_name")?,
        author: Person {
            id: row.try_get("author_id")?,
            name: row.try_get("author_name")?,
            picture: row.try_get("author_picture")?,
        },
        posted: Timestamp(row.try_get("posted")?),
        snippet: snippet(row.try_get("body")?, words),
    })
}
