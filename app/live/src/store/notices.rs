//! The SQL of notices: numbering, writing, and reading what came after a number.

use std::str::FromStr;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use sqlx::{Row, query, query_scalar};

use crate::object::{After, NOTICES_PAGE, NoName, Notice, Object, Reference};
use crate::store::{APPLICATION, Db};
use crate::timestamp::Timestamp;

/// Rows that one transaction deletes, so that other writers need not wait long.
const FORGET_AT_ONCE: i64 = 1_000;

/// Raises the object's seq. Until the transaction ends nobody else can: numbers follow the order of commits.
pub(super) async fn next_seq(sql: &mut AnyConnection, object: Object) -> Result<i64, sqlx::Error> {
    query_scalar(
        "INSERT INTO objects (object, seq) VALUES ($1, 1)
         ON CONFLICT (object) DO UPDATE SET seq = objects.seq + 1 RETURNING seq",
    )
    .bind(object.to_string())
    .fetch_one(sql)
    .await
}

/// Locks the object's row and leaves its seq as it is.
pub(super) async fn lock(sql: &mut AnyConnection, object: Object) -> Result<(), sqlx::Error> {
    query("INSERT INTO objects (object, seq) VALUES ($1, 0) ON CONFLICT (object) DO UPDATE SET seq = objects.seq")
        .bind(object.to_string())
        .execute(sql)
        .await
        .map(drop)
}

/// Locks the object's row against those who lock it or number for it, and not against others who share it.
pub(super) async fn share(sql: &mut AnyConnection, object: Object) -> Result<(), sqlx::Error> {
    let found = query("SELECT 1 FROM objects WHERE object = $1 FOR SHARE").bind(object.to_string());
    // What has no row yet is locked by making one.
    if found.fetch_optional(&mut *sql).await?.is_none() { lock(sql, object).await } else { Ok(()) }
}

pub(super) async fn insert(sql: &mut AnyConnection, notice: &Notice) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO notices (object, seq, action, entity, entity_id, changed, changed_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(notice.object.to_string())
    .bind(notice.reference.seq)
    .bind(notice.action.to_string())
    .bind(notice.reference.entity.to_string())
    .bind(notice.reference.id)
    .bind(notice.reference.changed.0)
    .bind(notice.reference.by.as_str())
    .execute(sql)
    .await
    .map(drop)
}

/// The object's latest seq; 0 before its first notice.
///
/// # Errors
/// When the database does not answer.
pub async fn seq(db: &Db, object: Object) -> Result<i64, sqlx::Error> {
    match db.cache().seq(object) {
        Some(seq) => Ok(seq),
        None => read_seq(db, object).await,
    }
}

async fn read_seq(db: &Db, object: Object) -> Result<i64, sqlx::Error> {
    let changes = db.cache().changes();
    let seq: Option<i64> = query_scalar("SELECT seq FROM objects WHERE object = $1")
        .bind(object.to_string())
        .fetch_optional(db.read())
        .await?;
    db.cache().learned(object, seq.unwrap_or(0), changes);
    Ok(seq.unwrap_or(0))
}

/// What was said on the object after number `seq`, [`NOTICES_PAGE`] at most. Whoever is told may listen to it.
///
/// # Errors
/// When the database does not answer.
pub async fn after(db: &Db, object: Object, seq: i64) -> Result<After, sqlx::Error> {
    // The seq first: what is committed in between is then told once more, and never taken for the latest.
    let latest = read_seq(db, object).await?;
    let rows = query(
        "SELECT seq, action, entity, entity_id, changed, changed_by FROM notices
         WHERE object = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    )
    .bind(object.to_string())
    .bind(seq)
    .bind(NOTICES_PAGE as i64)
    .fetch_all(db.read())
    .await?;
    let notices = rows.iter().map(|row| read(object, row)).collect::<Result<Vec<_>, _>>()?;
    let next = notices.first().map_or(latest + 1, |notice| notice.reference.seq);
    Ok(if seq.checked_add(1) == Some(next) { After::Notices(notices) } else { After::TooOld { seq: latest } })
}

/// Forgets the notices of changes before `moment`. Who has not heard them by then reads the whole object anew.
///
/// # Errors
/// When the database refuses.
pub async fn forget_before(db: &Db, moment: Timestamp) -> Result<(), sqlx::Error> {
    loop {
        let mut tx = db.begin(APPLICATION).await?;
        let forgotten = query(
            "DELETE FROM notices WHERE (object, seq) IN
             (SELECT object, seq FROM notices WHERE changed < $1 ORDER BY changed LIMIT $2)",
        )
        .bind(moment.0)
        .bind(FORGET_AT_ONCE)
        .execute(tx.sql())
        .await?;
        tx.commit().await?;
        if forgotten.rows_affected() < FORGET_AT_ONCE as u64 {
            return Ok(());
        }
    }
}

/// The notice in this row, heard on `object`.
pub(super) fn read(object: Object, row: &AnyRow) -> Result<Notice, sqlx::Error> {
    let reference = Reference {
        entity: name(row, "entity")?,
        id: row.try_get("entity_id")?,
        seq: row.try_get("seq")?,
        changed: Timestamp(row.try_get("changed")?),
        by: row.try_get("changed_by")?,
    };
    Ok(Notice { object, action: name(row, "action")?, reference })
}

/// The name that stands in this column.
fn name<T: FromStr<Err = NoName>>(row: &AnyRow, column: &str) -> Result<T, sqlx::Error> {
    let name = row.try_get::<String, _>(column)?.parse();
    name.map_err(|error| sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(error) })
}
