//! Which tables a database has, and how their rows refer to each other: as it says itself, so that a new table is not forgotten.

use earshot_live::store::{Db, Dialect};
use sqlx::query_scalar;

/// A table and the columns of its primary key, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub table: String,
    pub columns: Vec<String>,
}

/// How a database is asked. `$1` is a table.
struct Questions {
    /// All tables that hold what only they hold, by name. What is made from others, as words are, is made by the database again.
    tables: &'static str,
    key: &'static str,
    /// The other tables to which a table's rows refer.
    references: &'static str,
}

const SQLITE: Questions = Questions {
    tables: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
             AND name NOT LIKE 'sqlite%' AND name <> '_sqlx_migrations' ORDER BY name",
    key: "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk",
    references: r#"SELECT DISTINCT "table" FROM pragma_foreign_key_list($1) WHERE "table" <> $1"#,
};

const POSTGRES: Questions = Questions {
    tables: "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()
             AND table_type = 'BASE TABLE' AND table_name <> '_sqlx_migrations' ORDER BY table_name",
    key: "SELECT a.attname::text FROM pg_constraint c CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS k (number, place)
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number
          WHERE c.contype = 'p' AND c.conrelid = to_regclass($1) ORDER BY k.place",
    references: "SELECT DISTINCT c.confrelid::regclass::text FROM pg_constraint c
                 WHERE c.contype = 'f' AND c.conrelid = to_regclass($1) AND c.confrelid <> c.conrelid",
};

/// Each table behind those to which its rows refer. The order is the same whenever it is asked for.
///
/// # Errors
/// When the database does not answer.
pub async fn keys(db: &Db) -> Result<Vec<Key>, sqlx::Error> {
    let ask = match db.dialect() {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
    };
    let mut waiting = Vec::new();
    for table in query_scalar::<_, String>(ask.tables).fetch_all(db.read()).await? {
        let columns = query_scalar(ask.key).bind(table.as_str()).fetch_all(db.read()).await?;
        let references: Vec<String> = query_scalar(ask.references).bind(table.as_str()).fetch_all(db.read()).await?;
        waiting.push((Key { table, columns }, references));
    }
    Ok(in_order(waiting))
}

/// Of tables that refer to each other in a ring one comes first: their rows are then refused.
fn in_order(mut waiting: Vec<(Key, Vec<String>)>) -> Vec<Key> {
    let mut placed: Vec<Key> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_placed = |table: &String| placed.iter().any(|key| key.table == *table);
        let next = waiting.iter().position(|(_, references)| references.iter().all(is_placed)).unwrap_or(0);
        placed.push(waiting.remove(next).0);
    }
    placed
}
