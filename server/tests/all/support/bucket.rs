//! A store that speaks S3 (moto), started with the first test that needs it and gone with the test process.

use std::io::{BufRead, BufReader};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use app::files::storage::Storage;
use server::service;

use crate::support::database::{self, Database};
use crate::support::machines::ports::free_ports;
use crate::support::person::client;
use crate::support::timeout::TIMEOUT;

/// Runs a program until its input ends.
const SUPERVISOR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/machines/supervise.sh");

struct Server {
    port: u16,
    // When this process ends, so does what reads from it, and with it the server.
    _alive: ChildStdin,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static BUCKETS: AtomicU32 = AtomicU32::new(0);

/// A SQLite file, and for its files a bucket that no other test uses.
pub async fn database() -> Database {
    let start = || free_ports().find_map(start_at).expect("moto starts: is it installed?");
    let port = tokio::task::spawn_blocking(move || SERVER.get_or_init(start).port).await.unwrap();
    let (endpoint, name) = (format!("http://127.0.0.1:{port}"), BUCKETS.fetch_add(1, Ordering::Relaxed));
    let made = client(service::client()).put(format!("{endpoint}/earshot-{name}")).send().await.unwrap();
    assert_eq!(made.status(), 200);
    let set = |name: &str| match name {
        "AWS_ENDPOINT_URL" => Some(&*endpoint),
        "AWS_REGION" => Some("eu-central-1"),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test"),
        _ => None,
    };
    let bucket = Storage::read(&format!("s3://earshot-{name}/files/of earshot"), set);
    Database { bucket: Some(bucket), ..database::sqlite() }
}

// It ends with this process, and not before.
#[expect(clippy::zombie_processes)]
fn start_at(port: u16) -> Option<Server> {
    let mut supervisor = Command::new(SUPERVISOR);
    supervisor.args(["python3", "-m", "moto.server", "-p", &port.to_string()]);
    let supervisor = supervisor.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut supervisor = supervisor.spawn().unwrap();
    let said = BufReader::new(supervisor.stderr.take().unwrap());
    let (running, runs) = mpsc::channel();
    // It goes on reading, so that whatever is said of each request finds its place.
    thread::spawn(move || {
        for line in said.lines().map_while(Result::ok).filter(|line| line.contains("Running on")) {
            let _ = running.send(line);
        }
    });
    match runs.recv_timeout(TIMEOUT) {
        Ok(_) => Some(Server { port, _alive: supervisor.stdin.take().unwrap() }),
        // It has ended: the port is taken.
        Err(RecvTimeoutError::Disconnected) => None,
        Err(RecvTimeoutError::Timeout) => panic!("moto does not say that it runs"),
    }
}
