//! A store that speaks S3 (moto), started with the first test that needs it and gone with the test process.

use std::net::{TcpListener, TcpStream};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use app::files::storage::Storage;
use server::service::client;

use crate::support::world::{self, Database};

/// How long a start may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

struct Server {
    port: u16,
    // When this process ends, so does what reads from it, and with it the server.
    _alive: ChildStdin,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static BUCKETS: AtomicU32 = AtomicU32::new(0);

/// A SQLite file, and for its files a bucket that no other test uses.
pub async fn database() -> Database {
    let port = tokio::task::spawn_blocking(|| SERVER.get_or_init(start).port).await.unwrap();
    let (endpoint, name) = (format!("http://127.0.0.1:{port}"), BUCKETS.fetch_add(1, Ordering::Relaxed));
    let made = client().build().unwrap().put(format!("{endpoint}/earshot-{name}")).send().await.unwrap();
    assert_eq!(made.status(), 200);
    let set = |name: &str| match name {
        "AWS_ENDPOINT_URL" => Some(&*endpoint),
        "AWS_REGION" => Some("eu-central-1"),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test"),
        _ => None,
    };
    let bucket = Storage::read(&format!("s3://earshot-{name}/files/of earshot"), set);
    Database { bucket: Some(bucket), ..world::sqlite() }
}

// It ends with this process, and not before.
#[expect(clippy::zombie_processes)]
fn start() -> Server {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let supervisor = format!("python3 -m moto.server -p {port} >/dev/null 2>&1 & cat >/dev/null; kill $!");
    let mut supervisor = Command::new("sh").args(["-c", &supervisor]).stdin(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < PATIENCE, "moto did not start: is it installed?");
        std::thread::sleep(Duration::from_millis(20));
    }
    Server { port, _alive: supervisor.stdin.take().unwrap() }
}
