//! Three servers, one PostgreSQL and nginx, each of which fails in its way while people write and read. What was acknowledged is
//! there once, every page catches up, and who has lost a right reads nothing more, whichever server is asked.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use app::access::{Held, Viewer};
use app::rooms::store as rooms;
use earshot_hub::limits::{PEER_TIMEOUT, SWEEP};
use earshot_live::store::APPLICATION;
use serde_json::json;
use sqlx::Row;
use tokio::task::{JoinHandle, block_in_place};
use tokio::time::sleep;

use crate::support::cluster::Cluster;
use crate::support::page::Page;
use crate::support::person::Person;
use crate::support::timeout::{in_time, until};
use crate::support::world::{crowd, new_room, say};

const POSTERS: usize = 3;
const VIEWERS: usize = 6;
/// Between two posts of one person.
const PAUSE: Duration = Duration::from_millis(100);
/// Longer than after which the others take a server for gone.
const FROZEN: Duration = Duration::from_secs(PEER_TIMEOUT.as_secs() + 2 * SWEEP.as_secs());

/// A closed room on three servers, in which some write and some read.
struct Team {
    cluster: Cluster,
    room: i64,
    secret: i64,
    owner: Person,
    viewers: Vec<Page>,
    /// Each of them loses the right to the room during one failure.
    victims: Vec<Page>,
    posters: Vec<JoinHandle<HashMap<String, i64>>>,
    stop: Arc<AtomicBool>,
}

/// Posts until told to stop, each message with one `client_id` until it is acknowledged. The ids by `client_id`.
async fn keep_posting(person: Person, room: i64, stop: Arc<AtomicBool>) -> HashMap<String, i64> {
    let mut posted = HashMap::new();
    while !stop.load(SeqCst) {
        let (client_id, id) = post(&person, room).await;
        posted.insert(client_id, id);
        sleep(PAUSE).await;
    }
    posted
}

async fn post(person: &Person, room: i64) -> (String, i64) {
    let client_id = uuid::Uuid::new_v4().to_string();
    let form = [("room", &*room.to_string()), ("body", &*client_id), ("client_id", &*client_id)];
    let answer = person.until_acknowledged("messages/post", &form).await;
    (client_id, answer.json().as_i64().unwrap())
}

impl Team {
    async fn gather(victims: usize) -> Self {
        let cluster = Cluster::start().await;
        let people = crowd(&cluster.db, &cluster.url, 1 + POSTERS + VIEWERS + victims).await;
        let owner = Viewer::on_behalf(cluster.db.read(), people[0].id).await.unwrap();
        let mut tx = cluster.db.begin(APPLICATION).await.unwrap();
        let room = new_room(&mut tx, &owner, "Under fire", true).await;
        let access = Held::room_write(&mut tx, &owner, room).await.unwrap();
        for person in &people[1..] {
            rooms::add_member(&mut tx, &access, person.id).await.unwrap();
        }
        let secret = say(&mut tx, &owner, room, "a secret").await;
        tx.commit().await.unwrap();
        let mut pages = Vec::new();
        for person in &people[1 + POSTERS..] {
            pages.push(Page::open(person, room).await);
        }
        let victims = pages.split_off(VIEWERS);
        let stop = Arc::new(AtomicBool::new(false));
        let posters = people[1..=POSTERS].iter().map(|p| tokio::spawn(keep_posting(p.clone(), room, stop.clone())));
        let posters = posters.collect();
        Self { cluster, room, secret, owner: people[0].clone(), viewers: pages, victims, posters, stop }
    }

    /// Takes the right from one, and has it acknowledged.
    async fn put_one_out(&mut self, begun: Instant) -> Page {
        let victim = self.victims.pop().unwrap();
        let form = [("id", &*self.room.to_string()), ("user", &*victim.person.id.to_string())];
        // A first try may have done it without its answer having arrived.
        until("a right is taken away", async || {
            let answer = self.owner.try_call("rooms/remove_member", &form).await;
            answer.is_some_and(|answer| answer.status == 200 || answer.status == 404)
        })
        .await;
        println!("  a right was taken away {} ms after it began", begun.elapsed().as_millis());
        victim
    }

    /// This server, if it answers, tells them nothing.
    async fn tells_nothing(&self, victim: &Page, server: usize) {
        let body = json!({ "room": self.room, "ids": [self.secret] });
        let person = victim.person.at(&self.cluster.servers[server].url);
        if let Ok(answer) = person.request(reqwest::Method::POST, "/api/messages/reload").json(&body).send().await {
            let status = answer.status();
            assert!(!status.is_success(), "server {server} still tells it: {:?}", answer.text().await);
        }
    }

    /// Waits until everyone has what is said from now on, and says how long after `begun` that was.
    async fn recovered(&self, what: &str, begun: Instant) {
        let (_, id) = post(&self.owner, self.room).await;
        for page in &self.viewers {
            page.until_reaches(id).await;
        }
        println!("{what}: everyone is up to date {} ms after it began", begun.elapsed().as_millis());
    }

    async fn end(self) {
        self.stop.store(true, SeqCst);
        let mut posted = HashMap::new();
        for poster in self.posters {
            posted.extend(in_time("a poster is done", poster).await.unwrap());
        }
        let rows = sqlx::query(
            "SELECT id, client_id FROM messages WHERE room_id = $1 AND body = client_id AND author_id <> $2",
        );
        let rows = rows.bind(self.room).bind(self.owner.id).fetch_all(self.cluster.db.read()).await.unwrap();
        let stored: HashMap<String, i64> = rows.iter().map(|row| (row.get("client_id"), row.get("id"))).collect();
        assert_eq!((rows.len(), &stored), (posted.len(), &posted), "each message once, and no other");
        for page in &self.viewers {
            page.wake();
            page.until_fresh("in the end").await;
        }
    }
}

impl Team {
    /// With what has just failed, or goes on: somebody loses a right, and everyone is told what is said after it. `asked`: the
    /// servers that answer.
    async fn survives(&mut self, what: &str, begun: Instant, asked: &[usize]) {
        let victim = self.put_one_out(begun).await;
        for server in asked {
            self.tells_nothing(&victim, *server).await;
        }
        self.recovered(what, begun).await;
        victim.until_gone().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missed_and_no_right_outlives_its_end_whatever_fails() {
    let mut team = Team::gather(5).await;

    let begun = Instant::now();
    team.cluster.servers[0].end().await;
    team.survives("kill -9 of one server", begun, &[1, 2]).await;
    team.cluster.servers[0].start_again().await;

    let begun = Instant::now();
    block_in_place(|| team.cluster.postgres.restart());
    println!("  it was back after {} ms", begun.elapsed().as_millis());
    team.survives("restart of PostgreSQL", begun, &[0, 1, 2]).await;

    let frozen = Instant::now();
    team.cluster.servers[1].freeze().await;
    let victim = team.put_one_out(frozen).await;
    sleep(FROZEN.saturating_sub(frozen.elapsed())).await;
    let begun = Instant::now();
    team.cluster.servers[1].thaw().await;
    team.tells_nothing(&victim, 1).await;
    team.recovered("a server that stood still", begun).await;
    victim.until_gone().await;

    let begun = Instant::now();
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE (query LIKE 'LISTEN%' OR query LIKE '%pg_current_snapshot()%') AND pid <> pg_backend_pid()";
    let cut: i64 = sqlx::query_scalar(cut).fetch_one(team.cluster.db.read()).await.unwrap();
    assert!(cut >= 3, "the relays are connected");
    team.survives("the relays' connections cut", begun, &[0, 1, 2]).await;

    let begun = Instant::now();
    for server in &mut team.cluster.servers {
        server.restart().await;
    }
    team.survives("a rolling restart of all three", begun, &[0, 1, 2]).await;

    team.end().await;
}
