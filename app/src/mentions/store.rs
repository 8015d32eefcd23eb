//! The SQL of whom one can mention: those who may read a room.

use const_format::concatcp;
use earshot_live::error::Error;
use earshot_live::store::Sql;
use sqlx::any::AnyRow;
use sqlx::{Row, query};

use crate::access::{Access, ROOM_READERS};
use crate::inbox::Cause;
use crate::mentions::{EVERYONE, Mention, mentioned};
use crate::people::Person;
use crate::people::store::person;
use crate::readings::Level;

/// Somebody who may read a room.
pub struct Reader {
    pub person: Person,
    /// Whether the room is one of theirs: they are in it, or all are.
    pub belongs: bool,
    pub level: Level,
}

/// Whom a message mentions, and into whose inboxes it goes for that.
#[derive(Default)]
pub struct Mentions {
    pub people: Vec<Mention>,
    pub addressed: Vec<(i64, Cause)>,
}

impl Mentions {
    /// As it is stored beside the message.
    pub fn to_json(&self) -> String {
        // What has neither maps nor own serialisers can always be written.
        serde_json::to_string(&self.people).unwrap_or_default()
    }

    /// Into whose inboxes it goes that it did not go into when it mentioned the people of `before`.
    pub fn addressed_since(&self, before: &[Mention]) -> Vec<(i64, Cause)> {
        let had = |id: i64| before.iter().any(|mention| mention.id == id);
        let new = |(user, cause): &&(i64, Cause)| match cause {
            Cause::Everyone => !had(EVERYONE),
            Cause::Mention | Cause::Direct => !had(*user),
        };
        self.addressed.iter().filter(new).copied().collect()
    }
}

/// Reads what [`Mentions::to_json`] has written.
pub fn from_json(json: &str) -> Vec<Mention> {
    serde_json::from_str(json).unwrap_or_default()
}

/// Everyone who may read the room that `access` is about, by name.
pub async fn readers<T, R>(sql: impl Sql<'_>, access: &Access<T, R>) -> Result<Vec<Reader>, Error> {
    const SQL: &str = concatcp!(
        "SELECT u.id, u.name, u.picture, COALESCE(d.level, 0) AS level,
                CASE WHEN r.closed = 0 OR m.user_id IS NOT NULL THEN 1 ELSE 0 END AS belongs
         FROM rooms r JOIN users u ON u.active = 1
         LEFT JOIN members m ON m.room_id = r.id AND m.user_id = u.id
         LEFT JOIN readings d ON d.room_id = r.id AND d.user_id = u.id
         WHERE r.id = $1 AND ",
        ROOM_READERS,
        " ORDER BY u.name, u.id"
    );
    let rows = query(SQL).bind(access.object().id).fetch_all(sql).await?;
    rows.iter().map(reader).collect()
}

fn reader(row: &AnyRow) -> Result<Reader, Error> {
    let belongs = row.try_get::<i64, _>("belongs")? != 0;
    Ok(Reader { person: person(row)?, belongs, level: Level::from(row.try_get::<i64, _>("level")?) })
}

/// Everyone in a direct conversation but the viewer, who need not be named to be addressed.
pub async fn directly<T, R>(sql: impl Sql<'_>, access: &Access<T, R>) -> Result<Vec<(i64, Cause)>, Error> {
    let mut readers = readers(sql, access).await?;
    readers.retain(|reader| reader.level != Level::Nothing && reader.person.id != access.viewer().id);
    Ok(readers.iter().map(|reader| (reader.person.id, Cause::Direct)).collect())
}

/// What `text` would mention in the room that `access` is about. One without the sign costs no look.
pub async fn of<T, R>(sql: impl Sql<'_>, access: &Access<T, R>, text: &str) -> Result<Mentions, Error> {
    if !text.contains('@') {
        return Ok(Mentions::default());
    }
    let readers = readers(sql, access).await?;
    let named = |reader: &Reader| Mention { id: reader.person.id, name: reader.person.name.clone() };
    let names: Vec<Mention> = readers.iter().map(named).collect();
    let people = mentioned(text, &names);
    let has = |id: i64| people.iter().any(|person| person.id == id);
    let cause = |reader: &Reader| match (has(reader.person.id), has(EVERYONE) && reader.belongs) {
        (true, _) => Some(Cause::Mention),
        (false, true) => Some(Cause::Everyone),
        (false, false) => None,
    };
    let hears = |reader: &&Reader| reader.level != Level::Nothing && reader.person.id != access.viewer().id;
    let addressed =
        readers.iter().filter(hears).filter_map(|reader| Some((reader.person.id, cause(reader)?))).collect();
    Ok(Mentions { people, addressed })
}
