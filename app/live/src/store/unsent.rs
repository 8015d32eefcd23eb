//! The SQL of what an outside service has not taken yet. It is kept in the transaction that makes the notice: neither a crash
//! nor an outage loses it.

use sqlx::{AnyConnection, Row, query};

use crate::object::Notice;
use crate::store::{APPLICATION, Db, notices};

/// A notice under the number by which it is let go of.
#[derive(Debug)]
pub struct Unsent {
    /// The number.
    pub id: i64,
    /// What is to be sent.
    pub notice: Notice,
}

pub(super) async fn keep(sql: &mut AnyConnection, notice: &Notice) -> Result<(), sqlx::Error> {
    query("INSERT INTO unsent (object, seq) VALUES ($1, $2)")
        .bind(notice.object.to_string())
        .bind(notice.reference.seq)
        .execute(sql)
        .await
        .map(drop)
}

/// The next to be sent, `most` of them. Those of one object stand in the order of their seqs. What this version does not know
/// is nobody's to hear, and is let go of.
///
/// # Errors
/// When the database refuses.
pub async fn next(db: &Db, most: i64) -> Result<Vec<Unsent>, sqlx::Error> {
    loop {
        let (known, unknown) = read(db, most).await?;
        if unknown.is_empty() {
            return Ok(known);
        }
        tracing::warn!(count = unknown.len(), "notices of objects that this version does not know are not sent");
        let_go(db, &unknown).await?;
    }
}

/// The next, and the ids of those among them that name no object of ours.
async fn read(db: &Db, most: i64) -> Result<(Vec<Unsent>, Vec<i64>), sqlx::Error> {
    let rows = query(
        "SELECT u.id, n.object, n.seq, n.action, n.entity, n.entity_id, n.changed, n.changed_by
         FROM unsent u JOIN notices n ON n.object = u.object AND n.seq = u.seq ORDER BY u.id LIMIT $1",
    )
    .bind(most)
    .fetch_all(db.read())
    .await?;
    let (mut known, mut unknown) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in &rows {
        let id = row.try_get("id")?;
        match row.try_get::<String, _>("object")?.parse() {
            Ok(object) => known.push(Unsent { id, notice: notices::read(object, row)? }),
            Err(_) => unknown.push(id),
        }
    }
    Ok((known, unknown))
}

/// Lets go of what was sent.
///
/// # Errors
/// When the database refuses; then it will be sent again, and whoever hears it twice ignores it.
pub async fn sent(db: &Db, unsent: &[Unsent]) -> Result<(), sqlx::Error> {
    let ids: Vec<i64> = unsent.iter().map(|unsent| unsent.id).collect();
    let_go(db, &ids).await
}

async fn let_go(db: &Db, ids: &[i64]) -> Result<(), sqlx::Error> {
    let mut tx = db.begin(APPLICATION).await?;
    for id in ids {
        query("DELETE FROM unsent WHERE id = $1").bind(*id).execute(tx.sql()).await?;
    }
    tx.commit().await
}
