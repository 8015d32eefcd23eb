//! What several servers on one PostgreSQL cost and give: `bin/bench servers`. First how many posts they take in a second, also
//! with the NOTIFY in each transaction that they do without; then how soon a thousand listeners, spread over them, hear a post.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod load;
#[path = "../tests/all/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::access::Viewer;
use app::entities::ROOM;
use earshot_hub::Hub;
use earshot_live::pusher::channel;
use earshot_live::store::{APPLICATION, Db};
use futures::future::join_all;
use futures::{StreamExt, stream};
use load::{Client, cpu, field, percentile};
use support::database;
use support::person::Person;
use support::postgres;
use support::process::Process;
use support::world;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

/// People who post as soon as their last post was answered, each in a room of their own.
const POSTERS: usize = 24;
const TIME: Duration = Duration::from_secs(8);
const LISTENERS: usize = 1_000;
const POSTS: usize = 100;
const PAUSE: Duration = Duration::from_millis(150);

/// What the relay does without.
const NOTIFY_IN_EACH: [&str; 2] = [
    "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
     PERFORM pg_notify('told', row_to_json(NEW)::text); RETURN NULL; END $$",
    "CREATE TRIGGER tell AFTER INSERT ON notices FOR EACH ROW EXECUTE FUNCTION tell()",
];

struct Team {
    servers: Vec<Process>,
    db: Db,
    people: Vec<Person>,
    rooms: Vec<i64>,
}

#[tokio::main]
async fn main() {
    let postgres = postgres::Server::start("");
    println!("| servers | NOTIFY | posts a second | CPU of the servers, ms a post | CPU of PostgreSQL, ms a post |");
    println!("|--:|---|--:|--:|--:|");
    for servers in [1, 2, 4] {
        for notify in [false, true] {
            let team = Team::gather(&postgres, servers, POSTERS).await;
            if notify {
                for sql in NOTIFY_IN_EACH {
                    sqlx::query(sql).execute(team.db.read()).await.unwrap();
                }
            }
            team.post(if notify { "in each transaction" } else { "for many commits" }).await;
        }
    }
    println!("\n| servers | deliveries | p50, ms | p99, ms | by another server: p50, ms | p99, ms |");
    println!("|--:|--:|--:|--:|--:|--:|");
    for servers in [1, 2, 4] {
        Team::gather(&postgres, servers, LISTENERS).await.listen().await;
    }
}

impl Team {
    async fn gather(postgres: &postgres::Server, servers: usize, people: usize) -> Self {
        let database = postgres::at(postgres.database().await);
        let db = database::bare(&database, Arc::new(Hub::default())).await;
        let servers = Process::start_several(servers, &database.url).await;
        let people = world::crowd(&db, &servers[0].url, people).await;
        let mut tx = db.begin(APPLICATION).await.unwrap();
        let mut all = Vec::new();
        for (number, person) in people.iter().take(POSTERS).enumerate() {
            let owner = Viewer::on_behalf(tx.sql(), person.id).await.unwrap();
            all.push(world::new_room(&mut tx, &owner, &format!("Room {number}"), false).await);
        }
        tx.commit().await.unwrap();
        Self { servers, db, people, rooms: all }
    }

    fn at(&self, number: usize) -> &Process {
        &self.servers[number % self.servers.len()]
    }

    async fn post(&self, notify: &str) {
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(self.db.read()).await.unwrap();
        let used = || {
            let servers: Duration = self.servers.iter().map(|server| cpu(server.pid())).sum();
            (servers, cpu_of_children(field(backend as u32, 1).unwrap()))
        };
        let (begun, before) = (Instant::now(), used());
        let posting = self.people.iter().zip(&self.rooms).enumerate().map(|(number, (person, room))| async move {
            let person = person.at(&self.at(number).url);
            let mut count = 0_u32;
            while begun.elapsed() < TIME {
                person.post(*room, "One of many that are posted at the same time.").await;
                count += 1;
            }
            count
        });
        let posts = f64::from(join_all(posting).await.iter().sum::<u32>());
        let (time, after) = (begun.elapsed().as_secs_f64(), used());
        let each = |after: Duration, before: Duration| (after.saturating_sub(before)).as_secs_f64() * 1_000.0 / posts;
        println!(
            "| {} | {notify} | {:.0} | {:.2} | {:.2} |",
            self.servers.len(),
            posts / time,
            each(after.0, before.0),
            each(after.1, before.1)
        );
    }

    async fn listen(&self) {
        let (room, speaker) = (self.rooms[0], &self.people[0]);
        let (heard, mut hearing) = mpsc::unbounded_channel();
        let coming = self.people.iter().enumerate().map(|(number, person)| self.connect(number, person, room));
        let clients: Vec<Client> = stream::iter(coming).buffered(20).collect().await;
        for (number, mut client) in clients.into_iter().enumerate() {
            let heard = heard.clone();
            tokio::spawn(async move {
                while let Some(Ok(message)) = client.stream.next().await {
                    if matches!(&message, Message::Text(text) if text.contains("posted")) {
                        let _ = heard.send((number, Instant::now()));
                    }
                }
            });
        }
        let (mut all, mut elsewhere) = (Vec::new(), Vec::new());
        for post in 0..POSTS {
            let by = self.at(post);
            let begun = Instant::now();
            speaker.at(&by.url).post(room, "One of many that are heard.").await;
            for _ in 0..LISTENERS {
                let (number, at) = hearing.recv().await.unwrap();
                all.push(at - begun);
                if self.at(number).url != by.url {
                    elsewhere.push(at - begun);
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        all.sort();
        elsewhere.sort();
        let of = |times: &[Duration], part| {
            if times.is_empty() { "-".to_owned() } else { format!("{:.1}", percentile(times, part)) }
        };
        println!(
            "| {} | {} | {} | {} | {} | {} |",
            self.servers.len(),
            all.len(),
            of(&all, 50),
            of(&all, 99),
            of(&elsewhere, 50),
            of(&elsewhere, 99)
        );
    }

    /// Connects to the server of this number; the next one signs.
    async fn connect(&self, number: usize, person: &Person, room: i64) -> Client {
        let (process, channel) = (self.at(number), channel::of(ROOM.object(room)));
        let mut client = Client::connect(&process.url, &process.keys().key).await;
        let auth = person.at(&self.at(number + 1).url).authorise(&client.socket_id, &channel).await.json();
        client.subscribe(&channel, auth["auth"].as_str().unwrap()).await;
        client
    }
}

/// What all children of the process have used, also those that have ended.
fn cpu_of_children(pid: u64) -> Duration {
    let all = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let living = all.filter(|child| field(*child, 1) == Some(pid)).map(cpu).sum::<Duration>();
    let ended = field(pid as u32, 13).unwrap() + field(pid as u32, 14).unwrap();
    living + Duration::from_millis(10 * ended)
}
