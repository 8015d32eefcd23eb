//! The server in a process of its own, to be ended in every way a process can end.

use std::process::Stdio;
use std::time::{Duration, Instant};

use server::keys::Keys;
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
}

impl Process {
    pub async fn start(database_url: &str) -> Self {
        Self::start_with(database_url, CACHE).await
    }

    /// `cache`: how many rows it keeps in memory.
    pub async fn start_with(database_url: &str, cache: usize) -> Self {
        let port = free_port();
        let (addr, keys) = (format!("127.0.0.1:{port}"), Keys::random());
        let settings = vec![
            ("EARSHOT_ADDR", addr.clone()),
            ("EARSHOT_CACHE", cache.to_string()),
            ("DATABASE_URL", database_url.into()),
            ("PUSHER_APP_ID", keys.app_id.clone()),
            ("PUSHER_KEY", keys.key.clone()),
            ("PUSHER_SECRET", keys.secret.clone()),
            ("PUSHER_CLUSTER", keys.cluster.clone()),
        ];
        let process = Self { child: spawn(&settings), url: format!("http://{addr}"), settings, keys };
        process.until_up().await;
        process
    }

    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub fn keys(&self) -> Keys {
        self.keys.clone()
    }

    /// `kill -9`, and another start.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
        self.start_again().await;
    }

    /// SIGTERM, a clean end, and another start.
    pub async fn restart(&mut self) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").arg(id).status().await.unwrap().success());
        assert!(self.child.wait().await.unwrap().success());
        self.start_again().await;
    }

    async fn start_again(&mut self) {
        self.child = spawn(&self.settings);
        self.until_up().await;
    }

    async fn until_up(&self) {
        let up = format!("{}/up", self.url);
        let begun = Instant::now();
        while !reqwest::get(&up).await.is_ok_and(|answer| answer.status() == 200) {
            assert!(begun.elapsed() < PATIENCE, "the server did not come up at {}", self.url);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A port below those that outgoing connections take, so that it is still free when the server starts again.
fn free_port() -> u16 {
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    std::iter::repeat_with(|| rand::random_range(20_000..32_000)).find(is_free).unwrap()
}

fn spawn(settings: &[(&str, String)]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_earshot"));
    command.arg("serve").env("EARSHOT_ENV", "development");
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap()
}
