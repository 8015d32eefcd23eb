//! Databases on a PostgreSQL of the tests' own.

use tokio::sync::OnceCell;

use crate::support::database::{Database, migrate};
pub use crate::support::machines::postgres::{CARELESS, Server};
use crate::support::machines::postgres::{EMPTY, copy_of};

/// The name of a database with the schema of this version, of which others are copies.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// A database that no other test uses, with the schema of this version.
pub async fn database() -> Database {
    let template = TEMPLATE.get_or_init(async || {
        let template = empty().await;
        migrate(&template).await;
        template.url.rsplit('/').next().unwrap().to_owned()
    });
    at(copy_of(template.await).await)
}

/// The same, without anything in it.
pub async fn empty() -> Database {
    at(copy_of(EMPTY).await)
}

/// The database at this URL.
pub fn at(url: String) -> Database {
    Database { url, folder: tempfile::tempdir().unwrap(), bucket: None }
}
