//! SQLite files of the tests' own, each in a folder that goes with its test.

use std::sync::OnceLock;

use tokio::runtime::Runtime;

use crate::support::database::{Database, migrate};

const FILE: &str = "earshot.db";

/// A database that no other test uses, with the schema of this version.
pub fn database() -> Database {
    static SCHEMA: OnceLock<Vec<u8>> = OnceLock::new();
    let database = empty();
    std::fs::write(database.folder.path().join(FILE), SCHEMA.get_or_init(schema)).unwrap();
    database
}

/// The same, without anything in it.
pub fn empty() -> Database {
    let folder = tempfile::tempdir().unwrap();
    Database { url: format!("sqlite://{}/{FILE}", folder.path().display()), folder, bucket: None }
}

/// A file with the schema: made once, because each step of it is written to the disk.
fn schema() -> Vec<u8> {
    let make = || {
        let database = empty();
        Runtime::new().unwrap().block_on(migrate(&database));
        std::fs::read(database.folder.path().join(FILE)).unwrap()
    };
    // A thread of its own: who asks is in the middle of something asynchronous.
    std::thread::scope(|scope| scope.spawn(make).join().unwrap())
}
