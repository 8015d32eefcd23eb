//! A PostgreSQL of the tests' own, started with the first test that needs it and gone with the test process.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::world::Database;

/// Starts one, and stops it when its input ends.
const SUPERVISOR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/machines/postgres.sh");

/// Nothing here has to survive a power cut.
const CARELESS: &str = "-c fsync=off";

pub struct Server {
    port: u16,
    // The supervisor reads from it: when this process ends, so does the server.
    supervisor: ChildStdin,
    said: BufReader<ChildStdout>,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A database that no other test uses.
pub async fn database() -> Database {
    let port = tokio::task::spawn_blocking(|| SERVER.get_or_init(|| Server::start(CARELESS)).port).await.unwrap();
    database_at(port).await
}

async fn database_at(port: u16) -> Database {
    let name = format!("earshot_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let server = format!("postgres://test@127.0.0.1:{port}");
    sqlx::any::install_default_drivers();
    let admin = sqlx::AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
    admin.close().await;
    Database { url: format!("{server}/{name}"), folder: tempfile::tempdir().unwrap(), bucket: None }
}

impl Server {
    /// One of its own, for a test that does something to it.
    // It ends with this process, and not before.
    #[expect(clippy::zombie_processes)]
    pub fn start(settings: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut supervisor = Command::new(SUPERVISOR)
            .args([&*port.to_string(), settings])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(supervisor.stdout.take().unwrap());
        let mut server = Self { port, supervisor: supervisor.stdin.take().unwrap(), said };
        server.until_ready();
        server
    }

    pub async fn database(&self) -> Database {
        database_at(self.port).await
    }

    /// Ends it without a word to anybody, and starts it again.
    pub fn restart(&mut self) {
        writeln!(self.supervisor, "restart").unwrap();
        self.until_ready();
    }

    fn until_ready(&mut self) {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready", "PostgreSQL did not start");
    }
}
