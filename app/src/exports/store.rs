//! The SQL of exports.

use const_format::concatcp;
use earshot_live::error::{Error, Kind};
use earshot_live::listen::MAX_RELOAD;
use earshot_live::store::{APPLICATION, Db, Tx};
use earshot_live::timestamp::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Row, query, query_as, query_scalar};

use crate::access::{self, Access, Held, ROOM_NAME, ROOM_READABLE, Viewer};
use crate::entities::{CREATED, DELETED, EXPORT, PROGRESSED, USER};
use crate::exports::{Export, KEPT_DAYS, MAX_EXPORTS, State};
use crate::files::store::{self as files, settle};

const KEPT: i64 = KEPT_DAYS * 24 * 60 * 60 * 1_000_000;

/// `$1` and `$2` as in [`ROOM_READABLE`]. All is read in one statement: the seq never runs ahead of the rest.
const SELECT_EXPORT: &str = concatcp!(
    "SELECT e.id, e.room_id, ",
    ROOM_NAME,
    " AS name, e.created, e.done, e.total, e.finished, e.failure, e.size, COALESCE(o.seq, 0) AS seq
     FROM exports e JOIN rooms r ON r.id = e.room_id LEFT JOIN objects o ON o.object = 'Export.' || e.id
     WHERE e.owner_id = $1 AND ",
    ROOM_READABLE
);

/// What the worker has to do.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Job {
    pub id: i64,
    pub owner_id: i64,
    pub room_id: i64,
}

/// The archive of an export that is finished.
#[derive(sqlx::FromRow)]
pub struct Archived {
    pub key: String,
    pub size: i64,
    pub room_name: String,
}

/// Orders an export of the room and returns its id. One that is ordered already and not finished is the same one.
///
/// # Errors
/// `Invalid` when the viewer has many already.
pub async fn order(tx: &mut Tx, access: &Held<access::Room>) -> Result<i64, Error> {
    let (room, owner, now) = (access.id(), access.viewer().id, tx.now().0);
    // Of two orders at the same time, the second finds the first.
    tx.lock(USER.object(owner)).await?;
    let ordered: Option<i64> = query_scalar(
        "SELECT id FROM exports WHERE owner_id = $1 AND room_id = $2 AND finished IS NULL AND failure IS NULL",
    )
    .bind(owner)
    .bind(room)
    .fetch_optional(tx.sql())
    .await?;
    if let Some(ordered) = ordered {
        return Ok(ordered);
    }
    let count: i64 =
        query_scalar("SELECT COUNT(*) FROM exports WHERE owner_id = $1").bind(owner).fetch_one(tx.sql()).await?;
    if count >= MAX_EXPORTS {
        return Err(Error::invalid(format!("You have {count} exports. Please delete one of them first.")));
    }
    let id = query_scalar("INSERT INTO exports (room_id, owner_id, created) VALUES ($1, $2, $3) RETURNING id")
        .bind(room)
        .bind(owner)
        .bind(now)
        .fetch_one(tx.sql())
        .await?;
    tx.notice(USER.object(owner), CREATED, EXPORT.object(id));
    Ok(id)
}

/// The viewer's exports, the latest first.
pub async fn list(db: &Db, viewer: &Viewer) -> Result<Vec<Export>, Error> {
    const SQL: &str = concatcp!(SELECT_EXPORT, " ORDER BY e.id DESC");
    let rows = query(SQL).bind(viewer.id).bind(i64::from(viewer.admin.0)).fetch_all(db.read()).await?;
    rows.iter().map(export).collect()
}

/// Those of `ids` that are the viewer's.
///
/// # Errors
/// `Invalid` when there are more than [`MAX_RELOAD`].
pub async fn reload(db: &Db, viewer: &Viewer, ids: &[i64]) -> Result<Vec<Export>, Error> {
    if ids.len() > MAX_RELOAD {
        return Err(Error::invalid(format!("At most {MAX_RELOAD} exports can be reloaded at once.")));
    }
    // One person has few.
    let mut exports = list(db, viewer).await?;
    exports.retain(|export| ids.contains(&export.id));
    Ok(exports)
}

/// Deletes the export; its archive follows.
pub async fn delete(tx: &mut Tx, access: &Held<access::Export>) -> Result<(), Error> {
    take_away(tx, access.id(), access.viewer().id).await
}

/// # Errors
/// `NotFound` when it is not finished, or has gone since access was given.
pub async fn archived(db: &Db, access: &Access<access::Export>) -> Result<Archived, Error> {
    const SQL: &str = concatcp!(
        "SELECT e.key, e.size, ",
        ROOM_NAME,
        " AS room_name FROM exports e JOIN rooms r ON r.id = e.room_id WHERE e.id = $2 AND e.key IS NOT NULL"
    );
    Ok(query_as(SQL).bind(access.viewer().id).bind(access.id()).fetch_one(db.read()).await?)
}

/// What is to be made next, after the export with the id `after`.
pub async fn next(db: &Db, after: i64) -> Result<Option<Job>, Error> {
    let sql = query_as(
        "SELECT id, owner_id, room_id FROM exports
         WHERE finished IS NULL AND failure IS NULL AND id > $1 ORDER BY id LIMIT 1",
    );
    Ok(sql.bind(after).fetch_optional(db.read()).await?)
}

/// Commits how far it has come.
///
/// # Errors
/// `NotFound` when the export has gone.
pub async fn progress(db: &Db, access: &Access<access::Export>, done: i64, total: i64) -> Result<(), Error> {
    let mut tx = db.begin(APPLICATION).await?;
    let access = Held::export(&mut tx, access.viewer(), access.id()).await?;
    let changed = query("UPDATE exports SET done = $1, total = $2 WHERE id = $3")
        .bind(done)
        .bind(total)
        .bind(access.id())
        .execute(tx.sql())
        .await?;
    committed(tx, access.id(), changed.rows_affected()).await
}

/// Commits that it is done. From now on the bytes under `key`, which were announced, are its archive.
///
/// # Errors
/// `NotFound` when the export has gone.
pub async fn finish(db: &Db, access: &Access<access::Export>, key: &str, size: i64) -> Result<(), Error> {
    let mut tx = db.begin(APPLICATION).await?;
    let access = Held::export(&mut tx, access.viewer(), access.id()).await?;
    let now = tx.now().0;
    let changed = query("UPDATE exports SET finished = $1, key = $2, size = $3 WHERE id = $4 AND finished IS NULL")
        .bind(now)
        .bind(key)
        .bind(size)
        .bind(access.id())
        .execute(tx.sql())
        .await?;
    if changed.rows_affected() > 0 {
        settle(&mut tx, key)
            .await
            .map_err(|error| if error.kind == Kind::NotFound { took_too_long() } else { error })?;
    }
    committed(tx, access.id(), changed.rows_affected()).await
}

/// Has the bytes under `key` cleared away, unless they are an archive: whether a commit was made may be unknown.
pub async fn let_go(db: &Db, key: &str) -> Result<(), Error> {
    let mut tx = db.begin(APPLICATION).await?;
    let archive: Option<i64> =
        query_scalar("SELECT 1 FROM exports WHERE key = $1").bind(key).fetch_optional(tx.sql()).await?;
    if archive.is_none() {
        files::let_go(&mut tx, key).await?;
    }
    Ok(tx.commit().await?)
}

/// What was announced so long ago was taken for forgotten, and cleared away.
fn took_too_long() -> Error {
    let sentence = "This export took too long to be stored. Please order it once more.".to_owned();
    Error { kind: Kind::Internal, sentence }
}

/// Commits that it is given up, and why.
///
/// # Errors
/// `NotFound` when the export has gone.
pub async fn fail(db: &Db, job: Job, why: &str) -> Result<(), Error> {
    let mut tx = db.begin(APPLICATION).await?;
    let changed = query("UPDATE exports SET failure = $1 WHERE id = $2 AND finished IS NULL")
        .bind(why)
        .bind(job.id)
        .execute(tx.sql())
        .await?;
    committed(tx, job.id, changed.rows_affected()).await
}

/// Takes an export away whose owner may not read the room any more.
pub async fn end(db: &Db, job: Job) -> Result<(), Error> {
    let mut tx = db.begin(APPLICATION).await?;
    let sql = query_scalar("SELECT 1 FROM exports WHERE id = $1 AND finished IS NULL").bind(job.id);
    // Another server may have finished it.
    if let Some(1_i64) = sql.fetch_optional(tx.sql()).await? {
        take_away(&mut tx, job.id, job.owner_id).await?;
    }
    Ok(tx.commit().await?)
}

/// Takes all away that were ordered long before `now`.
pub async fn tidy(db: &Db, now: Timestamp) -> Result<(), Error> {
    let mut tx = db.begin(APPLICATION).await?;
    let old: Vec<(i64, i64)> =
        query_as("SELECT id, owner_id FROM exports WHERE created < $1").bind(now.0 - KEPT).fetch_all(tx.sql()).await?;
    for (id, owner) in old {
        take_away(&mut tx, id, owner).await?;
    }
    Ok(tx.commit().await?)
}

async fn take_away(tx: &mut Tx, export: i64, owner: i64) -> Result<(), Error> {
    query("DELETE FROM exports WHERE id = $1").bind(export).execute(tx.sql()).await?;
    tx.notice(EXPORT.object(export), DELETED, EXPORT.object(export));
    tx.notice(USER.object(owner), DELETED, EXPORT.object(export));
    Ok(())
}

async fn committed(mut tx: Tx, export: i64, changed: u64) -> Result<(), Error> {
    if changed == 0 {
        return Err(Kind::NotFound.into());
    }
    tx.notice(EXPORT.object(export), PROGRESSED, EXPORT.object(export));
    Ok(tx.commit().await?)
}

fn export(row: &AnyRow) -> Result<Export, Error> {
    let number = |column: &str| row.try_get::<Option<i64>, _>(column);
    let failure: Option<String> = row.try_get("failure")?;
    let state = match (failure, number("finished")?, number("total")?) {
        (Some(why), ..) => State::Failed(why),
        (None, Some(_), _) => State::Finished { size: number("size")?.unwrap_or(0) },
        (None, None, Some(total)) => State::Running { done: row.try_get("done")?, total },
        (None, None, None) => State::Waiting,
    };
    Ok(Export {
        id: row.try_get("id")?,
        room: row.try_get("room_id")?,
        room_name: row.try_get("name")?,
        ordered: Timestamp(row.try_get("created")?),
        state,
        seq: row.try_get("seq")?,
    })
}
