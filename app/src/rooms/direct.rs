//! The SQL of direct conversations: who is in one is settled when it begins, and tells it from every other.

use std::collections::BTreeSet;

use earshot_live::error::{Error, Kind};
use earshot_live::store::Tx;
use sqlx::query_scalar;

use crate::access::{self, Held, Viewer};
use crate::entities::{ADDED, ROOM, USER};
use crate::rooms::MAX_DIRECT;
use crate::rooms::store::{insert_member, known};

/// The room in which the viewer talks with exactly these `people`, made if it is the first time. With nobody but the viewer
/// among them it is a place for notes.
///
/// # Errors
/// `Invalid` when nobody is named or too many are; `NotFound` when one of them does not exist.
pub async fn open(tx: &mut Tx, team: &Held<access::Team>, people: &[i64]) -> Result<i64, Error> {
    let viewer = team.viewer();
    if people.is_empty() {
        return Err(Error::invalid("Please choose at least one person."));
    }
    let together: BTreeSet<i64> = people.iter().copied().chain([viewer.id]).collect();
    if together.len() > MAX_DIRECT {
        let sentence =
            format!("At most {MAX_DIRECT} people can be in a direct conversation. Please make a room for more.");
        return Err(Error::invalid(sentence));
    }
    let key = together.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    match find(tx, &key).await? {
        Some(room) => Ok(room),
        None => begin(tx, viewer, &together, &key).await,
    }
}

async fn begin(tx: &mut Tx, viewer: &Viewer, together: &BTreeSet<i64>, key: &str) -> Result<i64, Error> {
    for user in together {
        known(tx, *user).await?;
    }
    let now = tx.now().0;
    let made: Option<i64> = query_scalar(
        "INSERT INTO rooms (name, closed, owner_id, created, direct) VALUES ('', 1, $1, $2, $3)
         ON CONFLICT (direct) DO NOTHING RETURNING id",
    )
    .bind(viewer.id)
    .bind(now)
    .bind(key)
    .fetch_optional(tx.sql())
    .await?;
    let Some(room) = made else {
        // One of the others was faster by a moment.
        return find(tx, key).await?.ok_or(Kind::NotFound.into());
    };
    for user in together {
        insert_member(tx, room, *user).await?;
        tx.notice(USER.object(*user), ADDED, ROOM.object(room));
    }
    Ok(room)
}

async fn find(tx: &mut Tx, key: &str) -> Result<Option<i64>, sqlx::Error> {
    query_scalar("SELECT id FROM rooms WHERE direct = $1").bind(key).fetch_optional(tx.sql()).await
}
