//! A table as rows of numbers and texts, which is all that ours hold.

use earshot_live::store::{APPLICATION, Db, Dialect};
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Row, query, query_scalar};

use crate::copy::schema::Key;

/// Values in one statement. SQLite looks for the place of each among all of them.
const MAX_VALUES: usize = 1_000;

#[derive(PartialEq)]
pub struct Table {
    pub name: String,
    key: Vec<Column>,
    columns: Vec<Column>,
}

#[derive(Clone, PartialEq)]
struct Column {
    name: String,
    is_text: bool,
}

pub enum Value {
    Number(Option<i64>),
    Text(Option<String>),
}

/// Which of a table's rows, in the order of their keys.
pub enum Part<'k> {
    All,
    UpTo(&'k [Value]),
    After(&'k [Value]),
}

/// What rows are known by: how many they are, and the SHA-256 of all that they hold.
#[derive(PartialEq)]
pub struct Seal {
    pub rows: u64,
    pub hash: Vec<u8>,
}

impl Table {
    /// The table as it stands in `db`, without columns that the database fills by itself.
    pub async fn find(db: &Db, Key { table, columns: key }: &Key) -> Result<Self, sqlx::Error> {
        let sql = match db.dialect() {
            Dialect::Sqlite => "SELECT name, type AS kind FROM pragma_table_info($1)",
            Dialect::Postgres => {
                "SELECT column_name::text AS name, upper(data_type) AS kind FROM information_schema.columns
                 WHERE table_schema = current_schema() AND table_name = $1
                 AND is_generated = 'NEVER' AND data_type <> 'xid8'"
            }
        };
        let rows = query(sql).bind(table.as_str()).fetch_all(db.read()).await?;
        let column = |row: &AnyRow| {
            Ok(Column { name: row.try_get("name")?, is_text: row.try_get::<String, _>("kind")? == "TEXT" })
        };
        let mut columns = rows.iter().map(column).collect::<Result<Vec<_>, sqlx::Error>>()?;
        columns.sort_by(|one, next| one.name.cmp(&next.name));
        let of_key = |name: &String| columns.iter().find(|column| column.name == *name).cloned();
        Ok(Self { name: table.clone(), key: key.iter().filter_map(of_key).collect(), columns })
    }

    pub async fn count(&self, db: &Db) -> Result<u64, sqlx::Error> {
        let sql = format!("SELECT count(*) FROM {}", self.name);
        query_scalar(AssertSqlSafe(sql)).fetch_one(db.read()).await.map(i64::unsigned_abs)
    }

    /// The key of the last row, if there is any.
    pub async fn last(&self, db: &Db) -> Result<Option<Vec<Value>>, sqlx::Error> {
        let order = self.order(db.dialect()).join(" DESC, ");
        let sql = format!("SELECT {} FROM {} ORDER BY {order} DESC LIMIT 1", names(&self.key), self.name);
        let row = query(AssertSqlSafe(sql)).fetch_optional(db.read()).await?;
        row.map(|row| values(&row, &self.key)).transpose()
    }

    /// The rows of this part as they stand there, one after the other.
    pub fn rows<'a>(&'a self, db: &'a Db, part: Part<'a>) -> BoxStream<'a, Result<Vec<Value>, sqlx::Error>> {
        let order = self.order(db.dialect()).join(", ");
        let places: Vec<String> = (1..=self.key.len()).map(|number| format!("${number}")).collect();
        let (sign, key): (&str, &[Value]) = match part {
            Part::All => ("", &[]),
            Part::UpTo(key) => ("<=", key),
            Part::After(key) => (">", key),
        };
        let only =
            if key.is_empty() { String::new() } else { format!("WHERE ({order}) {sign} ({})", places.join(", ")) };
        let sql = format!("SELECT {} FROM {} {only} ORDER BY {order}", names(&self.columns), self.name);
        let rows = key.iter().fold(query(AssertSqlSafe(sql)), bind).fetch(db.read());
        rows.map(|row| values(&row?, &self.columns)).boxed()
    }

    pub async fn seal(&self, db: &Db, part: Part<'_>) -> Result<Seal, sqlx::Error> {
        let (mut rows, mut hash) = (0, Sha256::new());
        let mut stream = self.rows(db, part);
        while let Some(row) = stream.try_next().await? {
            rows += 1;
            row.iter().for_each(|value| value.add_to(&mut hash));
        }
        Ok(Seal { rows, hash: hash.finalize().to_vec() })
    }

    /// Writes the rows in one transaction.
    pub async fn insert(&self, db: &Db, rows: &[Vec<Value>]) -> Result<(), sqlx::Error> {
        let mut tx = db.begin(APPLICATION).await?;
        for rows in rows.chunks(MAX_VALUES / self.columns.len()) {
            let statement = AssertSqlSafe(self.insertion(db.dialect(), rows.len()));
            rows.iter().flatten().fold(query(statement), bind).execute(tx.sql()).await?;
        }
        tx.commit().await
    }

    fn insertion(&self, dialect: Dialect, rows: usize) -> String {
        let width = self.columns.len();
        let places = |row| (1..=width).map(|column| format!("${}", row * width + column)).collect::<Vec<_>>().join(",");
        let places: Vec<String> = (0..rows).map(|row| format!("({})", places(row))).collect();
        let own_ids = if dialect == Dialect::Postgres { "OVERRIDING SYSTEM VALUE" } else { "" };
        let (name, columns) = (&self.name, names(&self.columns));
        format!("INSERT INTO {name} ({columns}) {own_ids} VALUES {}", places.join(","))
    }

    /// No id is given twice, not even that of a row which is there no more.
    pub async fn go_on_counting(&self, from: &Db, to: &Db) -> Result<(), sqlx::Error> {
        if names(&self.key) != "id" {
            return Ok(());
        }
        let last = match from.dialect() {
            Dialect::Sqlite => "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = $1), 0)",
            Dialect::Postgres => "SELECT COALESCE(pg_sequence_last_value(pg_get_serial_sequence($1, 'id')), 0)",
        };
        let last: i64 = query_scalar(last).bind(self.name.as_str()).fetch_one(from.read()).await?;
        if last == 0 {
            return Ok(());
        }
        let statements: &[&str] = match to.dialect() {
            Dialect::Sqlite => &[
                "UPDATE sqlite_sequence SET seq = max(seq, $2) WHERE name = $1",
                "INSERT INTO sqlite_sequence (name, seq) SELECT $1, $2
                 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $1)",
            ],
            Dialect::Postgres => &["SELECT setval(pg_get_serial_sequence($1, 'id'), $2)"],
        };
        let mut tx = to.begin(APPLICATION).await?;
        for statement in statements {
            query(*statement).bind(self.name.as_str()).bind(last).execute(tx.sql()).await?;
        }
        tx.commit().await
    }

    /// The key as both databases put it in the same order.
    fn order(&self, dialect: Dialect) -> Vec<String> {
        let by_bytes = if dialect == Dialect::Postgres { " COLLATE \"C\"" } else { "" };
        let one = |column: &Column| format!("{}{}", column.name, if column.is_text { by_bytes } else { "" });
        self.key.iter().map(one).collect()
    }
}

impl Value {
    /// No two rows of a table add the same.
    fn add_to(&self, hash: &mut Sha256) {
        match self {
            Self::Number(None) | Self::Text(None) => hash.update([0]),
            Self::Number(Some(number)) => hash.update([&[1][..], &number.to_be_bytes()].concat()),
            Self::Text(Some(text)) => {
                hash.update([&[2][..], &(text.len() as u64).to_be_bytes()].concat());
                hash.update(text);
            }
        }
    }
}

type Statement<'q> = Query<'q, Any, AnyArguments>;

fn bind<'q>(statement: Statement<'q>, value: &Value) -> Statement<'q> {
    match value {
        Value::Number(number) => statement.bind(*number),
        Value::Text(text) => statement.bind(text.clone()),
    }
}

fn values(row: &AnyRow, columns: &[Column]) -> Result<Vec<Value>, sqlx::Error> {
    let value = |(index, column): (usize, &Column)| {
        Ok(if column.is_text { Value::Text(row.try_get(index)?) } else { Value::Number(row.try_get(index)?) })
    };
    columns.iter().enumerate().map(value).collect()
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}
