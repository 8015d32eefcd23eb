//! The server in a process of its own, to be ended in every way a process can end.

use std::fs::OpenOptions;
use std::sync::Arc;

use earshot_hub::Keys;
use futures::future::join_all;
use tempfile::{NamedTempFile, TempDir};
use tokio::process::{Child, Command};

use crate::support::database::CACHE;
use crate::support::machines::ports::free_ports;
use crate::support::program::Program;
use crate::support::timeout::{in_time, until_some};

/// The shell becomes the program, and nothing else.
const PLAIN: &str = "exec \"$@\"";

/// The program itself, as an operator starts it.
pub struct Process {
    child: Child,
    shell: &'static str,
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
        Self::start_under(PLAIN, database_url, cache).await
    }

    /// `shell`: what becomes the program, which it finds in its arguments.
    pub async fn start_under(shell: &'static str, database_url: &str, cache: usize) -> Self {
        let (keys, files) = (Keys::random(), Arc::new(tempfile::tempdir().unwrap()));
        Self::launch(shell, database_url, &keys, &files, [("EARSHOT_CACHE", cache.to_string())].into()).await
    }

    /// Servers that share a database, their keys, a folder for files and what they take their address to be.
    pub async fn start_several(count: usize, database_url: &str) -> Vec<Self> {
        let (keys, files) = (Keys::random(), Arc::new(tempfile::tempdir().unwrap()));
        let settings = || vec![("EARSHOT_DRAIN", "2".to_owned())];
        join_all((0..count).map(|_| Self::launch(PLAIN, database_url, &keys, &files, settings()))).await
    }

    async fn launch(
        shell: &'static str,
        database_url: &str,
        keys: &Keys,
        files: &Arc<TempDir>,
        settings: Vec<(&'static str, String)>,
    ) -> Self {
        let mut log = String::new();
        for port in free_ports() {
            let mut process = Self::spawn_at(port, shell, database_url, keys, files, settings.clone());
            if process.is_up().await {
                return process;
            }
            log = process.log();
        }
        panic!("the server ends as soon as it was started, whatever its port:\n{log}");
    }

    fn spawn_at(
        port: u16,
        shell: &'static str,
        database_url: &str,
        keys: &Keys,
        files: &Arc<TempDir>,
        mut settings: Vec<(&'static str, String)>,
    ) -> Self {
        let addr = format!("127.0.0.1:{port}");
        settings.extend([
            ("EARSHOT_FILES", files.path().display().to_string()),
            ("EARSHOT_ADDR", addr.clone()),
            // Without its port, which the session's cookie would bear: as in a test's own process.
            ("EARSHOT_URL", "http://127.0.0.1".into()),
            ("DATABASE_URL", database_url.into()),
            ("PUSHER_APP_ID", keys.app_id.clone()),
            ("PUSHER_KEY", keys.key.clone()),
            ("PUSHER_SECRET", keys.secret.clone()),
            ("PUSHER_CLUSTER", keys.cluster.clone()),
        ]);
        let log = NamedTempFile::new().unwrap();
        let (child, keys) = (spawn(shell, &settings, &log), keys.clone());
        Self { child, shell, url: format!("http://{addr}"), settings, keys, _files: files.clone(), log }
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
        assert!(in_time("the server ends after SIGTERM", self.child.wait()).await.unwrap().success());
        self.start_again().await;
    }

    pub async fn start_again(&mut self) {
        self.child = spawn(self.shell, &self.settings, &self.log);
        assert!(self.is_up().await, "the server ends as soon as it was started again:\n{}", self.log());
    }

    async fn is_up(&mut self) -> bool {
        is_up(&mut self.child, &Program::at(&self.url, self.keys.clone())).await
    }
}

/// Waits until the server answers that `program` belongs to, and no other. Not if what was started for it has ended.
pub async fn is_up(started: &mut Child, program: &Program) -> bool {
    let asked = async || match started.try_wait().unwrap() {
        Some(_) => Some(false),
        None => program.is_answered().await.then_some(true),
    };
    until_some("the server is up", asked).await
}

fn spawn(shell: &str, settings: &[(&str, String)], log: &NamedTempFile) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", shell, "sh", env!("CARGO_BIN_EXE_earshot"), "serve"]).env("EARSHOT_ENV", "development");
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    let log = || OpenOptions::new().append(true).open(log.path()).unwrap();
    command.stdout(log()).stderr(log()).kill_on_drop(true).spawn().unwrap()
}
