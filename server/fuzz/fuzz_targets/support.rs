//! A server for the targets: everything but the listening.

use std::sync::Arc;

use app::files::storage::Storage;
use earshot_hub::{Context, Keys};
use server::AppState;
use server::config::{Config, Environment, PROXIES};
use server::proxies::Proxies;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

pub struct World {
    pub runtime: Runtime,
    pub context: Arc<Context>,
    /// What the context asks who may listen to what.
    _state: AppState,
    _folder: tempfile::TempDir,
}

impl World {
    /// An empty database in a folder of its own.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config {
            addr: ([127, 0, 0, 1], 0).into(),
            database_url: format!("sqlite://{}/earshot.db", folder.path().display()),
            environment: Environment::Development,
            url: "http://127.0.0.1".parse().expect("a URL"),
            proxies: Proxies::read(PROXIES).expect("networks"),
            cache: 100,
            files: Storage::Folder(folder.path().join("files")),
            max_file: 1_000_000,
            drain: std::time::Duration::ZERO,
            keys: Keys::random(),
            service: None,
            mail: app::mail::Mailer::nowhere(),
        };
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let state = runtime.block_on(AppState::new(config)).expect("a server");
        // In a program that begins in Rust, as the server does, writing to who has gone is an error, and not the end.
        runtime.block_on(async { signal(SignalKind::pipe()).map(drop) }).expect("a handler");
        Self { runtime, context: Arc::new(state.live()), _state: state, _folder: folder }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
