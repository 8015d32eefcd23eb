//! The schema, while servers of two versions use it.

use std::sync::Arc;

use earshot_hub::Hub;
use earshot_live::store::{Db, Dialect};
use futures::future::join_all;
use sqlx::migrate::Migrator;
use sqlx::{AnyPool, AssertSqlSafe, query_scalar};

use crate::support::database::{Database, bare_at, sqlite};
use crate::support::server::Server;
use crate::support::world::World;
use crate::support::{on_both, postgres as machine};

on_both!(
    this_version_works_beside_the_next,
    what_the_version_before_has_left_is_still_there,
    the_steps_make_the_tables_that_the_module_makes_by_itself,
);

/// A step that some later version may take.
const NEXT: [&str; 3] = [
    "ALTER TABLE messages ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'",
    "CREATE TABLE moods (name TEXT PRIMARY KEY)",
    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
     SELECT 9999, 'moods', success, checksum, 1 FROM _sqlx_migrations WHERE version = 1",
];

async fn this_version_works_beside_the_next(database: Database) {
    let world = World::new(database).await;
    for step in NEXT {
        sqlx::query(step).execute(world.db().read()).await.unwrap();
    }
    let id = world.mia.post(world.open, "said on a schema of the next version").await;
    assert_eq!(world.sam.read(world.open, &[id]).await, ["said on a schema of the next version"]);
    let again = Server::beside(&world.server).await;
    assert_eq!(world.sam.at(&again.url).read(world.open, &[id]).await, ["said on a schema of the next version"]);
}

async fn what_the_version_before_has_left_is_still_there(database: Database) {
    let database = database.empty_one().await;
    let kind = if database.url.starts_with("sqlite") { "sqlite" } else { "postgres" };
    let folder = format!("{}/../migrations/{kind}", env!("CARGO_MANIFEST_DIR"));
    let mut steps = Migrator::new(std::path::Path::new(&folder)).await.unwrap();
    let last = steps.migrations.to_mut().pop().unwrap();
    sqlx::any::install_default_drivers();
    let url = if kind == "sqlite" { format!("{}?mode=rwc", database.url) } else { database.url.clone() };
    let before = AnyPool::connect(&url).await.unwrap();
    steps.run(&before).await.unwrap();
    let write = |seq: i64| {
        let sql = format!(
            "INSERT INTO notices (object, seq, action, entity, entity_id, changed, changed_by)
             VALUES ('Room.7', {seq}, 'posted', 'Message', 1, 0, 'Ada')"
        );
        let before = before.clone();
        async move { sqlx::query(AssertSqlSafe(sql)).execute(&before).await }
    };
    write(1).await.unwrap();
    let _new = bare_at(&database.url, Arc::new(Hub::default())).await;
    write(2).await.expect("the version before goes on writing");
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM notices").fetch_one(&before).await.unwrap();
    let version: i64 =
        sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&before).await.unwrap();
    assert_eq!((count, version), (2, last.version));
}

#[tokio::test]
async fn a_url_may_say_by_itself_how_the_file_is_opened() {
    for query in ["?mode=rwc", "?cache=private", "?cache=private&mode=rwc"] {
        let database = sqlite();
        bare_at(&format!("{}{query}", database.url), Arc::new(Hub::default())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_servers_that_start_at_once_one_takes_each_step() {
    let database = machine::empty().await;
    let all = join_all((0..8).map(|_| bare_at(&database.url, Arc::new(Hub::default())))).await;
    let steps: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM _sqlx_migrations WHERE success")
        .fetch_one(all[0].read())
        .await
        .unwrap();
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/postgres")).unwrap();
    assert_eq!(steps, files.count() as i64);
}

/// The columns and indexes of a table, each as one line.
async fn shape(db: &Db, table: &str) -> Vec<String> {
    let sql = match db.dialect() {
        Dialect::Sqlite => {
            "SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || pk AS line FROM pragma_table_info($1)
             UNION ALL SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = $1 ORDER BY line"
        }
        Dialect::Postgres => {
            "SELECT CAST(column_name || ' ' || data_type || ' ' || is_nullable || COALESCE(' ' || column_default, '') AS TEXT) AS line
             FROM information_schema.columns WHERE table_name = $1
             UNION ALL SELECT CAST(indexname AS TEXT) FROM pg_indexes WHERE tablename = $1 ORDER BY line"
        }
    };
    query_scalar(sql).bind(table).fetch_all(db.read()).await.unwrap()
}

async fn the_steps_make_the_tables_that_the_module_makes_by_itself(database: Database) {
    let other = database.empty_one().await;
    let migrated = bare_at(&database.url, Arc::new(Hub::default())).await;
    let alone = app::database::open(&other.url, 0, Arc::new(Hub::default())).await.unwrap();
    alone.create_tables().await.unwrap();
    for table in ["objects", "notices", "unsent"] {
        let shape_alone = shape(&alone, table).await;
        assert!(shape_alone.len() > 2, "{table}: {shape_alone:?}");
        assert_eq!(shape(&migrated, table).await, shape_alone, "{table}");
    }
}
