//! The notices that this server has not handed over yet. A snapshot of PostgreSQL says which transactions were over when it was
//! last asked, and each notice which one made it: what the next snapshot shows and the last one did not is new, in whatever order
//! transactions began and ended.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row, query, query_scalar};

use crate::object::Notice;
use crate::store::aftermath::Aftermath;
use crate::store::notices;

/// Notices that are handed over at once. If it is more, it is quicker for everyone to read what there is now.
const MOST: usize = 10_000;

/// Those of one object come in the order of their seqs. Rights rest on nothing that crosses objects.
const READ: &str = "
    SELECT now.snapshot, n.object, n.seq, n.action, n.entity, n.entity_id, n.changed, n.changed_by
    FROM (SELECT pg_current_snapshot()::text AS snapshot) AS now
    LEFT JOIN (
        SELECT * FROM notices
        WHERE xid >= pg_snapshot_xmin($1::text::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
            AND xid < pg_snapshot_xmax(pg_current_snapshot())
        LIMIT $2
    ) AS n ON true
    ORDER BY n.object, n.seq";

/// What was read back from another cluster's dump was made by transactions that are still to come here: it counts as old.
const RESTORED: &str = "UPDATE notices SET xid = '3' WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())";

/// The snapshot up to which all is handed over.
pub struct Unseen(String);

impl Unseen {
    /// What is committed from now on.
    pub async fn from_now(sql: &mut AnyConnection) -> Result<Self, sqlx::Error> {
        query(RESTORED).execute(&mut *sql).await?;
        query_scalar("SELECT pg_current_snapshot()::text").fetch_one(sql).await.map(Self)
    }

    /// Hands over what was committed since the last time.
    pub async fn hand_over(&mut self, sql: &mut AnyConnection, aftermath: &Aftermath) -> Result<(), sqlx::Error> {
        let rows = query(READ).bind(self.0.as_str()).bind(MOST as i64 + 1).fetch_all(sql).await?;
        let now = rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get("snapshot")?;
        if rows.len() > MOST {
            aftermath.missed();
        } else {
            let notices = rows.iter().filter_map(|row| read(row).transpose()).collect::<Result<Vec<_>, _>>()?;
            // To hand over nothing would count as a change, too.
            if !notices.is_empty() {
                aftermath.hand_over(&notices);
            }
        }
        self.0 = now;
        Ok(())
    }
}

/// The notice in this row, if there is one, and of an object that this version knows.
fn read(row: &AnyRow) -> Result<Option<Notice>, sqlx::Error> {
    let object: Option<String> = row.try_get("object")?;
    object.and_then(|object| object.parse().ok()).map(|object| notices::read(object, row)).transpose()
}
