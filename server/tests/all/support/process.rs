//! The server in a process of its own, to be ended in every way a process can end.

use std::fs::OpenOptions;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use server::keys::Keys;
use server::service::client;
use tempfile::{NamedTempFile, TempDir};
use tokio::process::{Child, Command};

use crate::support::world::CACHE;

/// How long a start may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program itself, as an operator starts it.
pub struct Process {
    child: Child,
    pub url: String,
    settings: Vec<(&'static str, String)>,
    keys: Keys,
    _files: Arc<TempDir>,
    log: NamedTempFile,
}

impl Process {
    pub async fn start(database_url: &str) -> Self {
        Self::start_with(database_url, CACHE).await
    }

    /// `cache`: how many rows it keeps in memory.
    pub async fn start_with(database_url: &str, cache: usize) -> Self {
        let (keys, files) = (Keys::random(), Arc::new(tempfile::tempdir().unwrap()));
        Self::launch(database_url, &keys, &files, [("EARSHOT_CACHE", cache.to_string())].into()).await
    }

    /// Servers that share a database, their keys and a folder for files. `url`: what they take their address to be.
    pub async fn start_several(count: usize, database_url: &str, url: &str) -> Vec<Self> {
        let (keys, files) = (Keys::random(), Arc::new(tempfile::tempdir().unwrap()));
        let settings = || vec![("EARSHOT_URL", url.to_owned()), ("EARSHOT_DRAIN", "2".to_owned())];
        join_all((0..count).map(|_| Self::launch(database_url, &keys, &files, settings()))).await
    }

    async fn launch(
        database_url: &str,
        keys: &Keys,
        files: &Arc<TempDir>,
        mut settings: Vec<(&'static str, String)>,
    ) -> Self {
        let addr = format!("127.0.0.1:{}", free_port());
        settings.extend([
            ("EARSHOT_FILES", files.path().display().to_string()),
            ("EARSHOT_ADDR", addr.clone()),
            ("DATABASE_URL", database_url.into()),
            ("PUSHER_APP_ID", keys.app_id.clone()),
            ("PUSHER_KEY", keys.key.clone()),
            ("PUSHER_SECRET", keys.secret.clone()),
            ("PUSHER_CLUSTER", keys.cluster.clone()),
        ]);
        let log = NamedTempFile::new().unwrap();
        let (child, keys) = (spawn(&settings, &log), keys.clone());
        let process = Self { child, url: format!("http://{addr}"), settings, keys, _files: files.clone(), log };
        process.until_up().await;
        process
    }

    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// What it has logged, since its first start.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    pub fn keys(&self) -> Keys {
        self.keys.clone()
    }

    /// `kill -9`, and another start.
    pub async fn kill(&mut self) {
        self.end().await;
        self.start_again().await;
    }

    /// `kill -9`.
    pub async fn end(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGSTOP: it does nothing any more, and nobody is told.
    pub async fn freeze(&self) {
        self.signal("-STOP").await;
    }

    pub async fn thaw(&self) {
        self.signal("-CONT").await;
    }

    async fn signal(&self, signal: &str) {
        let id = self.pid().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().await.unwrap().success());
    }

    /// SIGTERM, a clean end, and another start.
    pub async fn restart(&mut self) {
        self.signal("-TERM").await;
        assert!(self.child.wait().await.unwrap().success());
        self.start_again().await;
    }

    pub async fn start_again(&mut self) {
        self.child = spawn(&self.settings, &self.log);
        self.until_up().await;
    }

    async fn until_up(&self) {
        until_up(&self.url).await;
    }
}

/// Waits until whoever serves `url` takes requests.
pub async fn until_up(url: &str) {
    let up = client().build().unwrap().get(format!("{url}/up"));
    let begun = Instant::now();
    while !up.try_clone().unwrap().send().await.is_ok_and(|answer| answer.status() == 200) {
        assert!(begun.elapsed() < PATIENCE, "the server did not come up at {url}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A port below those that outgoing connections take, so that it is still free when the server starts again.
pub fn free_port() -> u16 {
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    std::iter::repeat_with(|| rand::random_range(20_000..32_000)).find(is_free).unwrap()
}

fn spawn(settings: &[(&str, String)], log: &NamedTempFile) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_earshot"));
    command.arg("serve").env("EARSHOT_ENV", "development");
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    let log = || OpenOptions::new().append(true).open(log.path()).unwrap();
    command.stdout(log()).stderr(log()).kill_on_drop(true).spawn().unwrap()
}
