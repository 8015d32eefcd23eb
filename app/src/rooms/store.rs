//! The SQL of rooms and their members.

use const_format::concatcp;
use earshot_live::error::{Error, Kind};
use earshot_live::listen::MAX_RELOAD;
use earshot_live::object::Action;
use earshot_live::store::{Db, Tx};
use sqlx::any::AnyRow;
use sqlx::{Row, query, query_as, query_scalar};

use crate::access::{self, Access, Held, ROOM_NAME, ROOM_READABLE, Viewer, Write};
use crate::client_id;
use crate::entities::{ADDED, CREATED, DELETED, EVERYONE, JOINED, LEFT, REMOVED, RENAMED, ROOM, USER};
use crate::people::Person;
use crate::people::store::person;
use crate::readings::store as readings;
use crate::rooms::{MAX_NAME, Room};
use crate::text;

const FIRST_ROOM: &str = "Lounge";

/// `$1` and `$2` as in [`ROOM_READABLE`]. All is read in one statement: what was counted is what had been said up to the seq.
const SELECT_ROOM: &str = concatcp!(
    "SELECT r.id, r.closed, ",
    ROOM_NAME,
    " AS name,
        CASE WHEN r.direct IS NULL THEN 0 ELSE 1 END AS direct,
        CASE WHEN r.direct IS NULL AND (r.owner_id = $1 OR $2 = 1) THEN 1 ELSE 0 END AS mine,
        CASE WHEN r.direct IS NOT NULL THEN (SELECT MAX(m.id) FROM messages m WHERE m.room_id = r.id) END AS latest,
        COALESCE(o.seq, 0) AS seq, ",
    readings::COLUMNS,
    " FROM rooms r LEFT JOIN objects o ON o.object = 'Room.' || r.id ",
    readings::JOINED,
    " WHERE "
);

/// Who has been in the room longest.
const HEIR: &str = "SELECT m.user_id FROM members m JOIN users u ON u.id = m.user_id
    WHERE m.room_id = $1 AND u.active = 1 ORDER BY m.since, m.user_id LIMIT 1";

/// # Errors
/// `Invalid`, with what to change.
fn check_name(name: &str) -> Result<&str, Error> {
    text::check_name(name, "a room name", MAX_NAME)
}

/// Every room that the viewer may read: those with a name by that, then direct conversations.
pub async fn list(db: &Db, viewer: &Viewer) -> Result<Vec<Room>, Error> {
    const NAMED: &str = concatcp!(SELECT_ROOM, "r.direct IS NULL AND ", ROOM_READABLE);
    const DIRECT: &str =
        concatcp!(SELECT_ROOM, "r.direct IS NOT NULL AND r.id IN (SELECT room_id FROM members WHERE user_id = $1)");
    let read = async |sql: &'static str| {
        let rows = query(sql).bind(viewer.id).bind(i64::from(viewer.admin.0)).fetch_all(db.read()).await?;
        rows.iter().map(room).collect::<Result<Vec<Room>, Error>>()
    };
    let mut rooms = read(NAMED).await?;
    // Not by the database: what SQLite calls lower case is ASCII only.
    rooms.sort_by_cached_key(|room| (text::fold(&room.name), room.id));
    rooms.extend(read(DIRECT).await?);
    Ok(rooms)
}

/// # Errors
/// `NotFound` when the room has gone since access was given.
pub async fn get(db: &Db, access: &Access<access::Room>) -> Result<Room, Error> {
    const SQL: &str = concatcp!(SELECT_ROOM, "r.id = $3");
    let viewer = access.viewer();
    let sql = query(SQL).bind(viewer.id).bind(i64::from(viewer.admin.0)).bind(access.id());
    room(&sql.fetch_one(db.read()).await?)
}

/// Those of `ids` that the viewer may read.
///
/// # Errors
/// `Invalid` when there are more than [`MAX_RELOAD`].
pub async fn reload(db: &Db, viewer: &Viewer, ids: &[i64]) -> Result<Vec<Room>, Error> {
    if ids.len() > MAX_RELOAD {
        return Err(Error::invalid(format!("At most {MAX_RELOAD} rooms can be reloaded at once.")));
    }
    let mut rooms = Vec::with_capacity(ids.len());
    for id in ids {
        match Access::room(db, viewer, *id).await {
            Ok(access) => rooms.push(get(db, &access).await?),
            Err(error) if error.kind == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(rooms)
}

/// Makes a room owned by the viewer, who is the first member if it is closed, and returns its id. The same again with the same
/// `client_id`: the id of the first, and no second room.
///
/// # Errors
/// `Invalid` when the name is empty or too long, when another room was made with this `client_id` before, or when it cannot be
/// one.
pub async fn create(
    tx: &mut Tx,
    team: &Held<access::Team>,
    name: &str,
    closed: bool,
    client_id: Option<&str>,
) -> Result<i64, Error> {
    client_id.map_or(Ok(()), client_id::check)?;
    let (viewer, name, now) = (team.viewer(), check_name(name)?, tx.now().0);
    let made: Option<i64> = query_scalar(
        "INSERT INTO rooms (name, closed, owner_id, created, client_id) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (owner_id, client_id) DO NOTHING RETURNING id",
    )
    .bind(name)
    .bind(i64::from(closed))
    .bind(viewer.id)
    .bind(now)
    .bind(client_id)
    .fetch_optional(tx.sql())
    .await?;
    let Some(id) = made else { return made_before(tx, viewer, name, closed, client_id).await };
    if closed {
        insert_member(tx, id, viewer.id).await?;
        tx.notice(USER.object(viewer.id), ADDED, ROOM.object(id));
    } else {
        tx.notice(EVERYONE, CREATED, ROOM.object(id));
    }
    Ok(id)
}

/// The room that was made with this `client_id`, if it is the same.
async fn made_before(
    tx: &mut Tx,
    owner: &Viewer,
    name: &str,
    closed: bool,
    client_id: Option<&str>,
) -> Result<i64, Error> {
    let sql = "SELECT id FROM rooms WHERE owner_id = $1 AND client_id = $2 AND name = $3 AND closed = $4";
    let same = query_scalar(sql).bind(owner.id).bind(client_id).bind(name).bind(i64::from(closed));
    let sentence = "Another room was made with this form before. To make this one too, please send it once more.";
    same.fetch_optional(tx.sql()).await?.ok_or_else(|| Error::invalid(sentence))
}

/// Makes the first room of a server, open to everyone, for the first person.
pub async fn create_first(tx: &mut Tx, founder: i64) -> Result<i64, Error> {
    let founder = Viewer::on_behalf(tx.sql(), founder).await?;
    let team = Held::team(tx, &founder).await?;
    create(tx, &team, FIRST_ROOM, false, None).await
}

/// # Errors
/// `Invalid` when the name is empty or too long.
pub async fn rename(tx: &mut Tx, access: &Held<access::Room, Write>, name: &str) -> Result<(), Error> {
    let name = check_name(name)?;
    query("UPDATE rooms SET name = $1 WHERE id = $2").bind(name).bind(access.id()).execute(tx.sql()).await?;
    tx.notice(access.object(), RENAMED, ROOM.object(access.id()));
    Ok(())
}

/// Deletes the room with its messages and members. Nobody hears anything of it after that; those for whom something waits in
/// it, or who have exports of it, are told that it is gone.
pub async fn delete(tx: &mut Tx, access: &Held<access::Room, Write>) -> Result<(), Error> {
    let concerned: Vec<i64> = query_scalar(
        "SELECT user_id FROM inbox WHERE room_id = $1 UNION SELECT owner_id FROM exports WHERE room_id = $1",
    )
    .bind(access.id())
    .fetch_all(tx.sql())
    .await?;
    for user in concerned {
        tx.notice(USER.object(user), REMOVED, ROOM.object(access.id()));
    }
    query("DELETE FROM rooms WHERE id = $1").bind(access.id()).execute(tx.sql()).await?;
    tx.notice(access.object(), DELETED, ROOM.object(access.id()));
    Ok(())
}

/// Who is in the (closed) room, by name.
pub async fn members(db: &Db, access: &Access<access::Room>) -> Result<Vec<Person>, Error> {
    let rows = query(
        "SELECT u.id, u.name, u.picture FROM members m JOIN users u ON u.id = m.user_id WHERE m.room_id = $1 ORDER BY u.name, u.id",
    )
    .bind(access.id())
    .fetch_all(db.read())
    .await?;
    rows.iter().map(person).collect()
}

/// Lets `user` in. Who is in already stays in, and nobody is told twice.
///
/// # Errors
/// `Invalid` when the room is open; `NotFound` when there is no such person.
pub async fn add_member(tx: &mut Tx, access: &Held<access::Room, Write>, user: i64) -> Result<(), Error> {
    closed_only(tx, access.id()).await?;
    known(tx, user).await?;
    if insert_member(tx, access.id(), user).await? {
        tx.notice(access.object(), JOINED, USER.object(user));
        tx.notice(USER.object(user), ADDED, ROOM.object(access.id()));
    }
    Ok(())
}

/// Puts `user` out. What this person has subscribed to is silent from the commit on.
///
/// # Errors
/// As for [`leave`].
pub async fn remove_member(tx: &mut Tx, access: &Held<access::Room, Write>, user: i64) -> Result<(), Error> {
    let told = if user == access.viewer().id { LEFT } else { REMOVED };
    end_membership(tx, access.id(), user, told).await
}

/// The viewer goes. An owner's room passes to whoever has been in it longest.
///
/// # Errors
/// `Invalid` when the room is open or direct, or would be left empty; `NotFound` when the person is not in it.
pub async fn leave(tx: &mut Tx, access: &Held<access::Room>) -> Result<(), Error> {
    end_membership(tx, access.id(), access.viewer().id, LEFT).await
}

/// `told`: what the person hears of it.
async fn end_membership(tx: &mut Tx, room: i64, user: i64, told: Action) -> Result<(), Error> {
    closed_only(tx, room).await?;
    let gone = query("DELETE FROM members WHERE room_id = $1 AND user_id = $2")
        .bind(room)
        .bind(user)
        .execute(tx.sql())
        .await?;
    if gone.rows_affected() == 0 {
        return Err(Kind::NotFound.into());
    }
    let heir = query_scalar(tx.dialect().share(HEIR)).bind(room);
    let heir: Option<i64> = heir.fetch_optional(tx.sql()).await?;
    let heir = heir.ok_or_else(|| Error::invalid("The last member cannot leave. Please delete the room instead."))?;
    query("UPDATE rooms SET owner_id = $1 WHERE id = $2 AND owner_id = $3")
        .bind(heir)
        .bind(room)
        .bind(user)
        .execute(tx.sql())
        .await?;
    tx.notice(ROOM.object(room), LEFT, USER.object(user));
    tx.notice(USER.object(user), told, ROOM.object(room));
    Ok(())
}

async fn closed_only(tx: &mut Tx, room: i64) -> Result<(), Error> {
    let sql = query("SELECT closed, direct FROM rooms WHERE id = $1").bind(room);
    let row = sql.fetch_optional(tx.sql()).await?.ok_or(Kind::NotFound)?;
    if row.try_get::<Option<String>, _>("direct")?.is_some() {
        Err(Error::invalid("A direct conversation keeps its people."))
    } else if row.try_get::<i64, _>("closed")? == 0 {
        Err(Error::invalid("Everyone is in an open room: it has no members to add or remove."))
    } else {
        Ok(())
    }
}

/// Whoever is known stays active until the transaction has ended.
///
/// # Errors
/// `NotFound` when there is no such person, or not any more.
pub(super) async fn known(tx: &mut Tx, user: i64) -> Result<(), Error> {
    let sql = query_as(tx.dialect().share("SELECT id FROM users WHERE id = $1 AND active = 1")).bind(user);
    let known: Option<(i64,)> = sql.fetch_optional(tx.sql()).await?;
    known.map(drop).ok_or(Kind::NotFound.into())
}

/// Whether the person was not in yet.
pub(super) async fn insert_member(tx: &mut Tx, room: i64, user: i64) -> Result<bool, Error> {
    let now = tx.now().0;
    let added = query("INSERT INTO members (room_id, user_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(room)
        .bind(user)
        .bind(now)
        .execute(tx.sql())
        .await?;
    readings::begin(tx, room, user).await?;
    Ok(added.rows_affected() == 1)
}

fn room(row: &AnyRow) -> Result<Room, Error> {
    let flag = |column: &str| row.try_get::<i64, _>(column).map(|n| n != 0);
    Ok(Room {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        closed: flag("closed")?,
        direct: flag("direct")?,
        mine: flag("mine")?,
        latest: row.try_get("latest")?,
        reading: readings::reading(row)?,
        seq: row.try_get("seq")?,
    })
}
