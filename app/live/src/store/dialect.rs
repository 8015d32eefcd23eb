//! What SQLite and PostgreSQL say differently.

use sqlx::AssertSqlSafe;

/// What the two databases say differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A file with one writer.
    Sqlite,
    /// A server, for several servers of the program.
    Postgres,
}

impl Dialect {
    /// The dialect that a database URL asks for.
    pub fn of(url: &str) -> Option<Self> {
        match url.split_once(':')?.0 {
            "sqlite" => Some(Dialect::Sqlite),
            "postgres" | "postgresql" => Some(Dialect::Postgres),
            _ => None,
        }
    }

    /// SQLite takes the write lock at once: a transaction that reads first and writes later would fail when another wrote
    /// in between.
    pub(super) fn begin(self) -> &'static str {
        match self {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        }
    }

    /// `sql`, locking the rows that it reads: others may do so too, and nobody changes them meanwhile. SQLite has one writer.
    pub fn share(self, sql: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(match self {
            Dialect::Sqlite => sql.to_owned(),
            Dialect::Postgres => format!("{sql} FOR SHARE"),
        })
    }

    /// The tables that notices take.
    pub(super) fn tables(self) -> &'static str {
        match self {
            Dialect::Sqlite => include_str!("tables/sqlite.sql"),
            Dialect::Postgres => include_str!("tables/postgres.sql"),
        }
    }

    /// SQLite plans without knowing how much there is of what, and is left alone with it.
    pub(super) fn settle(self) -> &'static str {
        match self {
            Dialect::Sqlite => "PRAGMA wal_checkpoint",
            Dialect::Postgres => "ANALYZE",
        }
    }
}
