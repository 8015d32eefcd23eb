//! A PostgreSQL of the tests' own, started with the first test that needs it and gone with the test process.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::world::Database;

/// Makes a cluster in a folder of its own and serves it on a free port of this machine until its input ends.
const SUPERVISOR: &str = r#"
set -e
dir=$(mktemp -d)
as_owner() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    chown postgres "$dir"
    as_owner() { su postgres -s /bin/sh -c "$*"; }
fi
as_owner "$BIN/initdb" -D "$dir/data" -U test --auth=trust >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
as_owner "$BIN/pg_ctl" -D "$dir/data" -w -s -l "$dir/data/log" \
    -o "'-p $PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=600'" start >/dev/null
echo ready
cat >/dev/null || true
as_owner "$BIN/pg_ctl" -D "$dir/data" -m immediate -s stop >/dev/null 2>&1 || true
rm -rf "$dir"
"#;

struct Server {
    port: u16,
    // The supervisor reads from it: when this process ends, so does the server.
    _alive: ChildStdin,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A database that no other test uses.
pub async fn database() -> Database {
    let port = tokio::task::spawn_blocking(|| SERVER.get_or_init(start).port).await.unwrap();
    let name = format!("earshot_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let server = format!("postgres://test@127.0.0.1:{port}");
    sqlx::any::install_default_drivers();
    let admin = sqlx::AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
    admin.close().await;
    Database { url: format!("{server}/{name}"), folder: tempfile::tempdir().unwrap() }
}

// It ends with this process, and not before.
#[expect(clippy::zombie_processes)]
fn start() -> Server {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut supervisor = Command::new("sh")
        .args(["-c", SUPERVISOR])
        .env("BIN", binaries())
        .env("PORT", port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(supervisor.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "ready", "PostgreSQL did not start");
    Server { port, _alive: supervisor.stdin.take().unwrap() }
}

/// The folder of the newest PostgreSQL on this machine; Debian keeps them out of the PATH.
fn binaries() -> PathBuf {
    let debian =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = debian.chain(std::env::split_paths(&path)).filter(|folder| folder.join("initdb").exists());
    all.max().expect("PostgreSQL is not installed")
}
