//! What the tests of several parts stand on.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use app::files::storage::Storage;
use app::mail::Mailer;
use earshot_hub::Keys;
use tempfile::TempDir;
use tracing::Level;

use crate::AppState;
use crate::config::{Config, Environment, PROXIES};
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

/// The log of all tests of this program: a subscriber of one thread is not asked about what another thread has logged first.
static LOG: LazyLock<File> = LazyLock::new(|| {
    let log = tempfile::tempfile().unwrap();
    let writer = Mutex::new(log.try_clone().unwrap());
    tracing_subscriber::fmt().with_max_level(Level::DEBUG).with_ansi(false).with_writer(writer).init();
    log
});

/// Has everything logged from now on.
pub fn begin_log() {
    LazyLock::force(&LOG);
}

/// What was logged so far, by whichever test.
pub fn logged_so_far() -> String {
    let mut bytes = vec![0; LOG.metadata().unwrap().len() as usize];
    LOG.read_exact_at(&mut bytes, 0).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}
