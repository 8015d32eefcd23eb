//! What decides about access to a room, as it stands in the database or in the cache.

use std::collections::HashSet;

use const_format::concatcp;
use earshot_live::error::{Error, Kind};
use earshot_live::store::{Db, Tx};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::QueryAs;
use sqlx::{Any, FromRow, query_as};

use crate::access::Viewer;
use crate::entities::ROOM;

const ABOUT: &str = "SELECT r.closed, CASE WHEN r.direct IS NULL THEN 0 ELSE 1 END, r.owner_id, m.user_id
    FROM rooms r LEFT JOIN members m ON m.room_id = r.id";
const ABOUT_ALL: &str = concatcp!(ABOUT, " WHERE r.id = $1");
/// `$2`: the person.
const ABOUT_ONE: &str = concatcp!(ABOUT, " AND m.user_id = $2 WHERE r.id = $1");

/// What is asked about a room again and again.
#[derive(Debug)]
pub struct RoomFacts {
    /// Members only.
    pub(super) closed: bool,
    /// A conversation of its members, in which nobody else has any right.
    pub(super) direct: bool,
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

impl Source<'_> {
    /// The one row that `sql` is about, if there is one.
    pub(super) async fn find<T>(&mut self, sql: QueryAs<'_, Any, T, AnyArguments>) -> Result<Option<T>, Error>
    where
        T: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        Ok(match self {
            Source::Db(db) => sql.fetch_optional(db.read()).await?,
            Source::Tx(tx) => sql.fetch_optional(tx.sql()).await?,
        })
    }
}

impl RoomFacts {
    /// Whether the room `admits` the viewer. What is remembered can only let in. Whoever is not let in is told so after one look
    /// at one row, whatever the cause and however many are in the room: one that does not exist is one that admits nobody.
    ///
    /// # Errors
    /// `NotFound` when it does not.
    pub(super) async fn admit(
        mut source: Source<'_>,
        room: i64,
        viewer: &Viewer,
        admits: impl Fn(&RoomFacts) -> bool,
    ) -> Result<(), Error> {
        if let Source::Db(db) = source
            && db.cache().known(ROOM, room).is_some_and(|facts| admits(&facts))
        {
            return Ok(());
        }
        let row: Option<(i64, i64, i64, Option<i64>)> =
            source.find(query_as(ABOUT_ONE).bind(room).bind(viewer.id)).await?;
        row.map(|row| Self::of(&[row])).filter(admits).ok_or(Kind::NotFound)?;
        if let Source::Db(db) = source {
            db.cache().remember(ROOM, room, Self::of_all(db, room)).await?;
        }
        Ok(())
    }

    async fn of_all(db: &Db, room: i64) -> Result<Option<Self>, Error> {
        let rows: Vec<_> = query_as(ABOUT_ALL).bind(room).fetch_all(db.read()).await?;
        Ok((!rows.is_empty()).then(|| Self::of(&rows)))
    }

    /// From rows of which each names one member at most.
    fn of(rows: &[(i64, i64, i64, Option<i64>)]) -> Self {
        let (closed, direct, owner, _) = rows.first().copied().unwrap_or_default();
        let members = rows.iter().filter_map(|(_, _, _, member)| *member).collect();
        Self { closed: closed != 0, direct: direct != 0, owner, members }
    }
}
