//! What a delivery costs the hub, and what a connection: `bin/bench hub [listeners [rooms]]`. Server and load have a core each.
//! Beside it, in the same sitting, two bare servers; and a third, if `BENCH_OTHER` is the address of another Pusher-compatible
//! server on this machine, `BENCH_OTHER_PID` its process, and the usual `PUSHER_*` its keys.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bare;
#[path = "../load/mod.rs"]
mod load;
#[path = "../../tests/all/support/mod.rs"]
mod support;

use std::env::var;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use earshot_hub::Keys;
use earshot_live::pusher::signature;
use futures::StreamExt;
use futures::future::join_all;
use load::{Client, cpu, percentile, pin, resident};
use support::database;
use support::process::Process;
use support::program::Program;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

/// Bytes of an event's data.
const PAYLOAD: usize = 120;
/// Deliveries of one measurement, as far as it takes neither too few nor too many events for it.
const DELIVERIES: usize = 1_000_000;
const EVENTS: std::ops::RangeInclusive<usize> = 192..=4_000;
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

/// What this program is told when it is to be a bare server.
const BARE: [&str; 2] = ["bare", "bare-joined"];

fn main() {
    let told = std::env::args().nth(1).unwrap_or_default();
    if BARE.contains(&told.as_str()) {
        bare::serve(told == BARE[1]);
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(compare());
}

async fn compare() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<usize>().ok());
    let (listeners, rooms) = (numbers.next().unwrap_or(1_000), numbers.next().unwrap_or(1));
    // Those that are started from here stay on this core, and see that it is one.
    pin(std::process::id(), 0);
    let database = database::sqlite();
    let process = Process::start(&database.url).await;
    let mut targets =
        vec![Target { name: "earshot", url: process.url.clone(), keys: process.keys(), pid: process.pid() }];
    let mut children = Vec::new();
    for name in BARE {
        let (child, target) = start_bare(name).await;
        children.push(child);
        targets.push(target);
    }
    targets.extend(other());
    pin(std::process::id(), 1);
    println!("{listeners} listeners in {rooms} rooms, events of {PAYLOAD} bytes\n");
    let mut results = Vec::new();
    for target in &targets {
        pin(target.pid, 0);
        results.push(measure(target, listeners, rooms).await);
    }
    let names: Vec<&str> = targets.iter().map(|target| target.name).collect();
    println!("| | {} |\n|---|{}", names.join(" | "), "--:|".repeat(names.len()));
    for (index, (what, first)) in results[0].iter().enumerate() {
        let cell = |result: &Vec<(&str, f64)>| format!("{:.2} ({:.2})", result[index].1, result[index].1 / first);
        println!("| {what} | {} |", results.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
}

async fn start_bare(name: &'static str) -> (Child, Target) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let mut child = command.arg(name).stdout(std::process::Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().unwrap();
    let pid = child.id().unwrap();
    (child, Target { name, url, keys: Keys::random(), pid })
}

fn other() -> Option<Target> {
    let setting = |name| var(name).unwrap_or_default();
    let (url, pid) = (var("BENCH_OTHER").ok()?, var("BENCH_OTHER_PID").ok()?.parse().ok()?);
    let keys = Keys {
        app_id: setting("PUSHER_APP_ID"),
        key: setting("PUSHER_KEY"),
        secret: setting("PUSHER_SECRET"),
        cluster: String::new(),
    };
    Some(Target { name: "other", url, keys, pid })
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
    let events = (DELIVERIES / per_event).clamp(*EVENTS.start(), *EVENTS.end());

    let begun = cpu(target.pid);
    for event in 0..events {
        *ears.sent.lock().unwrap() = Some(Instant::now());
        ears.expect(per_event);
        publish(&program, event % rooms).await;
        ears.all().await;
    }
    let alone = (cpu(target.pid) - begun).as_secs_f64();
    *ears.sent.lock().unwrap() = None;

    let begun = cpu(target.pid);
    let before = ears.heard.load(SeqCst);
    for round in 0..events / IN_FLIGHT {
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
    vec![
        ("connections set up per CPU second", listeners as f64 / set_up),
        ("bytes per connection", memory as f64 / listeners as f64),
        ("bytes per connection, all gone and come again", memory_again as f64 / listeners as f64),
        ("CPU per delivery, one in flight, us", alone * 1e6 / (events * per_event) as f64),
        ("latency p50, ms", percentile(&latencies, 50)),
        ("latency p99, ms", percentile(&latencies, 99)),
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
    let clients = futures::stream::iter(0..listeners).map(|index| connect(target, index % rooms));
    let mut clients = clients.buffer_unordered(AT_ONCE);
    while let Some(mut client) = clients.next().await {
        let ears = ears.clone();
        sockets.spawn(async move {
            while let Some(Ok(message)) = client.stream.next().await {
                if matches!(message, Message::Text(_)) {
                    ears.hear();
                }
            }
        });
    }
}

async fn connect(target: &Target, room: usize) -> Client {
    let mut client = Client::connect(&target.url, &target.keys.key).await;
    let channel = channel(room);
    let text = signature::channel_text(&client.socket_id, &channel);
    client.subscribe(&channel, &target.keys.auth(&text)).await;
    client
}
