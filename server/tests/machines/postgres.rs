//! A PostgreSQL of the tests' own, started with the first test that needs it and gone with the test process.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AnyPool, AssertSqlSafe, query};
use tokio::task::spawn_blocking;

use super::ports::free_ports;
use super::script;

/// Nothing here has to survive a power cut.
pub const CARELESS: &str = "-c fsync=off";

/// The database that every server has, with nothing in it.
pub const EMPTY: &str = "template1";

pub struct Server {
    port: u16,
    // The supervisor reads from it: when this process ends, so does the server.
    supervisor: ChildStdin,
    said: BufReader<ChildStdout>,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The URL of a new database on the server that the tests share, with what is in `template`.
pub async fn copy_of(template: &str) -> String {
    let port = spawn_blocking(|| SERVER.get_or_init(|| Server::start(CARELESS)).port).await.unwrap();
    copy(template, port).await
}

async fn copy(template: &str, port: u16) -> String {
    let name = format!("earshot_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let server = format!("postgres://test@127.0.0.1:{port}");
    sqlx::any::install_default_drivers();
    let admin = AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
    let create = AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"));
    query(create).execute(&admin).await.unwrap();
    admin.close().await;
    format!("{server}/{name}")
}

impl Server {
    /// One of its own, for a test that does something to it.
    pub fn start(settings: &str) -> Self {
        free_ports().find_map(|port| Self::start_at(port, settings)).expect("PostgreSQL starts on some port")
    }

    // It ends with this process, and not before.
    #[expect(clippy::zombie_processes)]
    fn start_at(port: u16, settings: &str) -> Option<Self> {
        let mut supervisor = Command::new(script("postgres.sh"))
            .args([&*port.to_string(), settings])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(supervisor.stdout.take().unwrap());
        let mut server = Self { port, supervisor: supervisor.stdin.take().unwrap(), said };
        server.is_ready().then_some(server)
    }

    /// The URL of a new database on it, with nothing in it.
    pub async fn database(&self) -> String {
        copy(EMPTY, self.port).await
    }

    /// Ends it without a word to anybody, and starts it again.
    pub fn restart(&mut self) {
        writeln!(self.supervisor, "restart").unwrap();
        assert!(self.is_ready(), "PostgreSQL did not start again");
    }

    /// Whether it has started: the supervisor says so, or ends, within a minute.
    fn is_ready(&mut self) -> bool {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim() == "ready"
    }
}
