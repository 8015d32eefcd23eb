//! A crowd of which some come and go all the time: `bin/bench churn [listeners [seconds]]`. Everyone listens to one room; ten
//! times a second somebody posts, and each second one in a hundred leaves without a word and another one comes. Whoever stays
//! has to hear every post, in order; whoever comes, every post after the number that they were told.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod load;
#[path = "../tests/all/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use app::entities::ROOM;
use earshot_hub::Hub;
use earshot_live::pusher::channel;
use futures::StreamExt;
use load::{Client, cpu, data, percentile, pin, resident};
use serde_json::Value;
use support::database;
use support::person::Person;
use support::process::Process;
use support::world;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::Message;

/// Sockets that each of these people holds: fewer than one person may.
const SOCKETS_EACH: usize = 80;
const POST_EVERY: Duration = Duration::from_millis(100);
/// One in so many leaves in each second.
const LEAVES: usize = 100;
const AT_ONCE: usize = 64;

/// What everybody reports to.
#[derive(Default)]
struct Ears {
    /// The number of the last post.
    latest: AtomicI64,
    /// Listeners that have heard the last post.
    there: AtomicUsize,
    /// Times that somebody has missed something.
    missed: AtomicUsize,
    heard: Notify,
}

struct Crowd {
    process: Process,
    people: Vec<Person>,
    room: i64,
    ears: Arc<Ears>,
    listening: JoinSet<()>,
    seats: Vec<AbortHandle>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<usize>().ok());
    let (listeners, seconds) = (numbers.next().unwrap_or(10_000), numbers.next().unwrap_or(60));
    let database = database::sqlite();
    let db = database::bare(&database, Arc::new(Hub::default())).await;
    let process = Process::start(&database.url).await;
    let people = world::crowd(&db, &process.url, listeners / SOCKETS_EACH + 2).await;
    pin(process.pid(), 0);
    pin(std::process::id(), 1);
    let room = people[0].call("rooms/create", &[("name", "Crowd")]).await.json().as_i64().unwrap();
    let mut crowd = Crowd { process, people, room, ears: Arc::default(), listening: JoinSet::new(), seats: Vec::new() };
    let begun = Instant::now();
    crowd.seat(listeners).await;
    let (_, seq) = connect(&crowd.people[0], &crowd.process, room).await;
    crowd.ears.latest.store(seq, SeqCst);
    println!("{listeners} listen after {:.1} s", begun.elapsed().as_secs_f64());
    crowd.hold_out(Duration::from_secs(seconds as u64), listeners / LEAVES).await;
}

impl Crowd {
    /// Has so many more listen.
    async fn seat(&mut self, count: usize) {
        let first = self.seats.len();
        let numbers = (first..first + count).map(|number| {
            // The first is the one who posts.
            let person = &self.people[1 + number % (self.people.len() - 1)];
            connect(person, &self.process, self.room)
        });
        let mut coming = futures::stream::iter(numbers).buffer_unordered(AT_ONCE);
        while let Some((client, seq)) = coming.next().await {
            let listening = listen(client, seq, self.ears.clone());
            self.seats.push(self.listening.spawn(listening));
        }
    }

    async fn hold_out(&mut self, time: Duration, leave: usize) {
        let (pid, begun) = (self.process.pid(), Instant::now());
        let (cpu_before, posts) = (cpu(pid), self.post_until(begun + time));
        let mut posts = tokio::spawn(posts);
        let mut second = interval(Duration::from_secs(1));
        let mut oldest = 0;
        println!("{:>4} s  {:>6} MiB", 0, resident(pid) >> 20);
        for number in 1.. {
            second.tick().await;
            if posts.is_finished() {
                break;
            }
            for seat in self.seats.drain(..leave) {
                seat.abort();
            }
            oldest += leave;
            self.seat(leave).await;
            while self.listening.try_join_next().is_some() {}
            if number % 10 == 0 {
                println!("{:>4} s  {:>6} MiB", begun.elapsed().as_secs(), resident(pid) >> 20);
            }
        }
        let latencies = (&mut posts).await.unwrap();
        let used = (cpu(pid) - cpu_before).as_secs_f64() / begun.elapsed().as_secs_f64();
        self.until_all_are_there().await;
        let mut sorted = latencies;
        sorted.sort();
        let (posts, missed) = (sorted.len(), self.ears.missed.load(SeqCst));
        println!(
            "{posts} posts, answered in p50 {:.1} ms, p99 {:.1} ms",
            percentile(&sorted, 50),
            percentile(&sorted, 99)
        );
        println!("{oldest} left and {oldest} came; the server used {:.0}% of its core", 100.0 * used);
        println!("missed: {missed}; all {} have heard the last post", self.seats.len());
        assert_eq!(missed, 0);
    }

    /// Posts until `end`; returns how long each took to be answered.
    fn post_until(&self, end: Instant) -> impl Future<Output = Vec<Duration>> + use<> {
        let (speaker, room, ears) = (self.people[0].clone(), self.room, self.ears.clone());
        async move {
            let mut tick = interval(POST_EVERY);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut latencies = Vec::new();
            while Instant::now() < end {
                tick.tick().await;
                let begun = Instant::now();
                ears.there.store(0, SeqCst);
                ears.latest.fetch_add(1, SeqCst);
                speaker.post(room, &format!("Post {}", latencies.len())).await;
                latencies.push(begun.elapsed());
            }
            latencies
        }
    }

    async fn until_all_are_there(&self) {
        let all = async {
            while self.ears.there.load(SeqCst) < self.seats.len() {
                self.ears.heard.notified().await;
            }
        };
        let there = timeout(Duration::from_secs(30), all).await;
        there.unwrap_or_else(|_| panic!("{} of {}", self.ears.there.load(SeqCst), self.seats.len()));
    }
}

/// Connects as any page does; returns the number of the last notice before.
async fn connect(person: &Person, process: &Process, room: i64) -> (Client, i64) {
    let channel = channel::of(ROOM.object(room));
    let mut client = Client::connect(&process.url, &process.keys().key).await;
    let auth = person.authorise(&client.socket_id, &channel).await.json();
    let told = client.subscribe(&channel, auth["auth"].as_str().unwrap()).await;
    (client, told["seq"].as_i64().unwrap())
}

async fn listen(mut client: Client, mut seq: i64, ears: Arc<Ears>) {
    while let Some(Ok(message)) = client.stream.next().await {
        let Message::Text(text) = message else { continue };
        let frame: Value = serde_json::from_str(&text).unwrap();
        if frame["event"] != "posted" {
            continue;
        }
        let number = data(&frame)["seq"].as_i64().unwrap();
        // What was committed while one subscribed may be counted and heard as well.
        if number > seq {
            if number != seq + 1 {
                ears.missed.fetch_add(1, SeqCst);
            }
            seq = number;
            if number == ears.latest.load(SeqCst) {
                ears.there.fetch_add(1, SeqCst);
                ears.heard.notify_one();
            }
        }
    }
}
