//! What a delivery costs the hub, and what a connection: `bin/bench hub [listeners [rooms]]`. Server and load have a core each.
//! `BENCH_OTHER`, the address of another Pusher-compatible server on this machine, `BENCH_OTHER_PID` and the usual `PUSHER_*`
//! have that one measured too, in the same sitting, with the ratio.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../tests/all/support/mod.rs"]
mod support;

use std::env::var;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use app::pusher::signature;
use futures::future::join_all;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use server::keys::Keys;
use support::process::Process;
use support::program::Program;
use support::world;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Bytes of an event's data.
const PAYLOAD: usize = 120;
const EVENTS: usize = 200;
const IN_FLIGHT: usize = 16;
/// Connections that are set up at the same time.
const AT_ONCE: usize = 64;

struct Target {
    name: &'static str,
    url: String,
    keys: Keys,
    pid: u32,
}

/// What everybody who listens reports to.
#[derive(Default)]
struct Ears {
    heard: AtomicUsize,
    awaited: AtomicUsize,
    all: Notify,
    sent: Mutex<Option<Instant>>,
    latencies: Mutex<Vec<Duration>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<usize>().ok());
    let (listeners, rooms) = (numbers.next().unwrap_or(1_000), numbers.next().unwrap_or(1));
    let database = world::sqlite();
    let process = Process::start(&database.url).await;
    let mut targets =
        vec![Target { name: "earshot", url: process.url.clone(), keys: process.keys(), pid: process.pid() }];
    if let (Ok(url), Ok(pid)) = (var("BENCH_OTHER"), var("BENCH_OTHER_PID")) {
        let setting = |name| var(name).unwrap_or_default();
        let keys = Keys {
            app_id: setting("PUSHER_APP_ID"),
            key: setting("PUSHER_KEY"),
            secret: setting("PUSHER_SECRET"),
            cluster: String::new(),
        };
        targets.push(Target { name: "other", url, keys, pid: pid.parse().unwrap() });
    }
    pin(std::process::id(), 1);
    println!("{listeners} listeners in {rooms} rooms, {EVENTS} events of {PAYLOAD} bytes\n");
    let mut results = Vec::new();
    for target in &targets {
        pin(target.pid, 0);
        results.push(measure(target, listeners, rooms).await);
    }
    for (index, (what, first)) in results[0].iter().enumerate() {
        let columns: Vec<String> = results
            .iter()
            .zip(&targets)
            .map(|(result, target)| format!("{} {:.2}", target.name, result[index].1))
            .collect();
        let ratio = results.get(1).map(|other| format!("   ratio {:.2}", other[index].1 / first)).unwrap_or_default();
        println!("{what:<48} {}{ratio}", columns.join("   "));
    }
}

async fn measure(target: &Target, listeners: usize, rooms: usize) -> Vec<(&'static str, f64)> {
    let ears = Arc::new(Ears::default());
    let program = Program::at(&target.url, target.keys.clone());
    let (cpu_before, memory_before) = (cpu(target.pid), resident(target.pid));
    let mut sockets = JoinSet::new();
    connect_all(target, listeners, rooms, &ears, &mut sockets).await;
    let set_up = (cpu(target.pid) - cpu_before).as_secs_f64();
    let memory = resident(target.pid).saturating_sub(memory_before);
    let per_event = listeners / rooms;

    let begun = cpu(target.pid);
    for event in 0..EVENTS {
        *ears.sent.lock().unwrap() = Some(Instant::now());
        ears.expect(per_event);
        publish(&program, event % rooms).await;
        ears.all().await;
    }
    let alone = (cpu(target.pid) - begun).as_secs_f64();
    *ears.sent.lock().unwrap() = None;

    let begun = cpu(target.pid);
    let before = ears.heard.load(SeqCst);
    for round in 0..EVENTS / IN_FLIGHT {
        ears.expect(per_event * IN_FLIGHT);
        join_all((0..IN_FLIGHT).map(|event| publish(&program, (round * IN_FLIGHT + event) % rooms))).await;
        ears.all().await;
    }
    let together = (cpu(target.pid) - begun).as_secs_f64();
    let delivered = (ears.heard.load(SeqCst) - before) as f64;

    sockets.shutdown().await;
    let mut again = JoinSet::new();
    connect_all(target, listeners, rooms, &ears, &mut again).await;
    let memory_again = resident(target.pid).saturating_sub(memory_before);
    let mut latencies = std::mem::take(&mut *ears.latencies.lock().unwrap());
    latencies.sort();
    let percentile = |part: usize| latencies[(latencies.len() * part).div_ceil(100) - 1].as_secs_f64() * 1_000.0;
    vec![
        ("connections set up per CPU second", listeners as f64 / set_up),
        ("bytes per connection", memory as f64 / listeners as f64),
        ("bytes per connection, all gone and come again", memory_again as f64 / listeners as f64),
        ("CPU per delivery, one in flight, us", alone * 1e6 / (EVENTS * per_event) as f64),
        ("latency p50, ms", percentile(50)),
        ("latency p99, ms", percentile(99)),
        ("thousand deliveries a CPU second, 16 in flight", delivered / together / 1e3),
    ]
}

impl Ears {
    fn expect(&self, count: usize) {
        self.awaited.store(self.heard.load(SeqCst) + count, SeqCst);
    }

    /// Waits until everything awaited was heard; what is lost ends the measurement.
    async fn all(&self) {
        let all = async {
            while self.heard.load(SeqCst) < self.awaited.load(SeqCst) {
                self.all.notified().await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(30), all).await;
        in_time.unwrap_or_else(|_| panic!("lost: {}", self.awaited.load(SeqCst) - self.heard.load(SeqCst)));
    }

    fn hear(&self) {
        if let Some(sent) = *self.sent.lock().unwrap() {
            self.latencies.lock().unwrap().push(sent.elapsed());
        }
        if self.heard.fetch_add(1, SeqCst) + 1 >= self.awaited.load(SeqCst) {
            self.all.notify_one();
        }
    }
}

async fn publish(program: &Program, room: usize) {
    let answer = program.trigger(&channel(room), "bench", &"x".repeat(PAYLOAD)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

fn channel(room: usize) -> String {
    format!("private-bench-{room}")
}

async fn connect_all(target: &Target, listeners: usize, rooms: usize, ears: &Arc<Ears>, sockets: &mut JoinSet<()>) {
    let streams = futures::stream::iter(0..listeners).map(|index| connect(target, index % rooms));
    let mut streams = streams.buffer_unordered(AT_ONCE);
    while let Some(mut stream) = streams.next().await {
        let ears = ears.clone();
        sockets.spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                if matches!(message, Message::Text(_)) {
                    ears.hear();
                }
            }
        });
    }
}

/// Connects and subscribes, as any client of protocol 7 does.
async fn connect(target: &Target, room: usize) -> WebSocketStream<TcpStream> {
    let host = target.url.trim_start_matches("http://");
    let tcp = TcpStream::connect(host).await.unwrap();
    tcp.set_nodelay(true).unwrap();
    let url = format!("ws://{host}/app/{}?protocol=7&client=bench&version=1", target.keys.key);
    let config = WebSocketConfig::default().read_buffer_size(2 * 1024);
    let (mut stream, _) = client_async_with_config(url, tcp, Some(config)).await.unwrap();
    let established = frame(&mut stream).await;
    let told: Value = serde_json::from_str(established["data"].as_str().unwrap()).unwrap();
    let channel = channel(room);
    let text = signature::channel_text(told["socket_id"].as_str().unwrap(), &channel);
    let auth = format!("{}:{}", target.keys.key, signature::sign(&target.keys.secret, &text));
    let wanted = json!({ "event": "pusher:subscribe", "data": { "channel": channel, "auth": auth } });
    stream.send(Message::text(wanted.to_string())).await.unwrap();
    assert_eq!(frame(&mut stream).await["event"], "pusher_internal:subscription_succeeded");
    stream
}

async fn frame(stream: &mut WebSocketStream<TcpStream>) -> Value {
    serde_json::from_str(stream.next().await.unwrap().unwrap().to_text().unwrap()).unwrap()
}

fn pin(pid: u32, core: usize) {
    let arguments = ["-a", "-c", "-p", &core.to_string(), &pid.to_string()].map(str::to_owned);
    let pinned = std::process::Command::new("taskset").args(arguments).output().unwrap();
    assert!(pinned.status.success(), "{}", String::from_utf8_lossy(&pinned.stderr));
}

/// What the process has used of its core (proc(5): in hundredths of a second).
fn cpu(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let ticks = stat.rsplit(") ").next().unwrap().split(' ').skip(11).take(2);
    Duration::from_millis(10 * ticks.map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>())
}

/// Bytes of memory that the process has in use (proc(5): in pages of 4 KiB).
fn resident(pid: u32) -> u64 {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap();
    4_096 * statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap()
}
