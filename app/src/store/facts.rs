//! What decides about access to a room, as it stands in the database or is remembered from there.

use std::collections::HashSet;
use std::sync::Arc;

use sqlx::{Row, query};

use crate::error::Error;
use crate::object::Entity;
use crate::store::{Db, Sql, Tx};

/// What is asked about a room again and again.
#[derive(Debug)]
pub struct RoomFacts {
    /// Members only.
    pub closed: bool,
    /// A conversation of its members, in which nobody else has any right.
    pub direct: bool,
    pub(super) owner: i64,
    pub(super) members: HashSet<i64>,
}

/// Where facts are looked up.
pub enum Source<'a> {
    /// For requests: what is remembered, or the database.
    Db(&'a Db),
    /// For what a transaction has written and not committed.
    Tx(&'a mut Tx),
}

impl<'a> From<&'a Db> for Source<'a> {
    fn from(db: &'a Db) -> Self {
        Source::Db(db)
    }
}

impl<'a> From<&'a mut Tx> for Source<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Source::Tx(tx)
    }
}

impl RoomFacts {
    /// The facts of a room that `admits`, if there is one. A room that does not exist is one that admits nobody: what is
    /// remembered can only let in, and whoever is not let in is told so after one look into the database, whatever the cause.
    pub(super) async fn find(
        source: Source<'_>,
        room: i64,
        admits: impl Fn(&RoomFacts) -> bool,
    ) -> Result<Option<Arc<RoomFacts>>, Error> {
        let found = match source {
            Source::Tx(tx) => Self::read(tx.sql(), room).await?.map(Arc::new),
            Source::Db(db) => {
                let mut asked = false;
                let read = async {
                    asked = true;
                    Self::read(db.read(), room).await
                };
                let known = db.memory().row(Entity::Room, room, read).await?;
                if asked || known.as_deref().is_some_and(&admits) {
                    known
                } else {
                    Self::read(db.read(), room).await?.map(Arc::new)
                }
            }
        };
        Ok(found.filter(|room| admits(room)))
    }

    async fn read(sql: impl Sql<'_>, room: i64) -> Result<Option<Self>, Error> {
        let rows = query(
            "SELECT r.closed, r.direct, r.owner_id, m.user_id
             FROM rooms r LEFT JOIN members m ON m.room_id = r.id WHERE r.id = $1",
        )
        .bind(room)
        .fetch_all(sql)
        .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let members = rows.iter().filter_map(|row| row.try_get("user_id").transpose()).collect::<Result<_, _>>()?;
        Ok(Some(Self {
            closed: first.try_get::<i64, _>("closed")? != 0,
            direct: first.try_get::<Option<String>, _>("direct")?.is_some(),
            owner: first.try_get("owner_id")?,
            members,
        }))
    }
}
