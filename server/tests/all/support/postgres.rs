//! A PostgreSQL of the tests' own, started with the first test that needs it and gone with the test process.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

use crate::support::database::{Database, migrate};
use crate::support::ports::free_ports;

/// Starts one, and stops it when its input ends.
const SUPERVISOR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/machines/postgres.sh");

/// Nothing here has to survive a power cut.
pub const CARELESS: &str = "-c fsync=off";

pub struct Server {
    port: u16,
    // The supervisor reads from it: when this process ends, so does the server.
    supervisor: ChildStdin,
    said: BufReader<ChildStdout>,
}

static SERVER: OnceLock<Server> = OnceLock::new();
/// The name of a database with the schema of this version, of which others are copies.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A database that no other test uses, with the schema of this version.
pub async fn database() -> Database {
    let port = shared().await;
    let template = TEMPLATE.get_or_init(async || {
        let template = copy_of("template1", port).await;
        migrate(&template).await;
        template.url.rsplit('/').next().unwrap().to_owned()
    });
    copy_of(template.await, port).await
}

/// The same, without anything in it.
pub async fn empty() -> Database {
    copy_of("template1", shared().await).await
}

/// The port of the server that the tests share.
async fn shared() -> u16 {
    spawn_blocking(|| SERVER.get_or_init(|| Server::start(CARELESS)).port).await.unwrap()
}

async fn copy_of(template: &str, port: u16) -> Database {
    let name = format!("earshot_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let server = format!("postgres://test@127.0.0.1:{port}");
    sqlx::any::install_default_drivers();
    let admin = sqlx::AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"));
    sqlx::query(create).execute(&admin).await.unwrap();
    admin.close().await;
    Database { url: format!("{server}/{name}"), folder: tempfile::tempdir().unwrap(), bucket: None }
}

impl Server {
    /// One of its own, for a test that does something to it.
    pub fn start(settings: &str) -> Self {
        free_ports().find_map(|port| Self::start_at(port, settings)).expect("PostgreSQL starts on some port")
    }

    // It ends with this process, and not before.
    #[expect(clippy::zombie_processes)]
    fn start_at(port: u16, settings: &str) -> Option<Self> {
        let mut supervisor = Command::new(SUPERVISOR)
            .args([&*port.to_string(), settings])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(supervisor.stdout.take().unwrap());
        let mut server = Self { port, supervisor: supervisor.stdin.take().unwrap(), said };
        server.is_ready().then_some(server)
    }

    pub async fn database(&self) -> Database {
        copy_of("template1", self.port).await
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
