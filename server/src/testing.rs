//! What the tests of several parts stand on.

use std::time::Duration;

use app::files::storage::Storage;
use app::mail::Mailer;
use tempfile::TempDir;

use crate::AppState;
use crate::config::{Config, Environment, PROXIES};
use crate::keys::Keys;
use crate::proxies::Proxies;

/// A server that has nothing in it and does not listen, and the folder that its data are in.
pub async fn state() -> (AppState, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        addr: ([127, 0, 0, 1], 0).into(),
        database_url: format!("sqlite://{}/earshot.db", folder.path().display()),
        environment: Environment::Development,
        url: "http://127.0.0.1".parse().unwrap(),
        proxies: Proxies::read(PROXIES).unwrap(),
        cache: 0,
        files: Storage::Folder(folder.path().join("files")),
        max_file: 1_000,
        drain: Duration::ZERO,
        keys: Keys::random(),
        service: None,
        mail: Mailer::log(),
    };
    (AppState::new(config).await.unwrap(), folder)
}
