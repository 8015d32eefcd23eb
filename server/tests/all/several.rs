//! Two servers on one PostgreSQL are one to those who use them.

use std::sync::Arc;

use app::error::Error;
use app::object::{Action, Entity, Object};
use app::pusher::{channel, signature};
use app::rooms::store as rooms;
use app::store::{APPLICATION, Db, Held, Work, session_key};
use reqwest::Method;
use serde_json::{Value, json};
use server::hub::Hub;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::support::cut::Line;
use crate::support::person::Person;
use crate::support::postgres;
use crate::support::program::Program;
use crate::support::socket::{Heard, Socket, data};
use crate::support::timeout::{PAUSE, in_time, until};
use crate::support::world::{PASSWORD, Server, World, bare_at, say};

/// A world on one server, and another server beside it. Each person signs on the one that is not theirs to listen to.
async fn two() -> (World, Server) {
    let world = World::new(postgres::database().await).await;
    let other = Server::beside(&world.server).await;
    (world, other)
}

async fn remove_mia(world: &World, at: &Server) {
    let form = [("id", &*world.closed.to_string()), ("user", &*world.mia.id.to_string())];
    assert_eq!(world.olga.at(&at.url).call("rooms/remove_member", &form).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_heard_on_both_in_the_order_of_its_number() {
    let (world, other) = two().await;
    let room = Object::Room(world.open);
    // Their signatures come from the other server.
    let mut here = Socket::listening(&world.server, &world.mia.at(&other.url), room).await;
    let mut there = Socket::listening(&other, &world.sam, room).await;
    for round in 0..20 {
        let at = if round % 2 == 0 { &world.server.url } else { &other.url };
        world.olga.at(at).post(world.open, "hello").await;
    }
    let seqs = async |socket: &mut Socket| {
        let mut seqs = Vec::new();
        while seqs.len() < 20 {
            seqs.push(data(&socket.frame().await)["seq"].as_i64().unwrap());
        }
        seqs
    };
    let (heard, also) = (seqs(&mut here).await, seqs(&mut there).await);
    assert_eq!(heard, (heard[0]..heard[0] + 20).collect::<Vec<_>>());
    assert_eq!(heard, also);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_on_the_other_server_reads_what_was_just_written() {
    let (world, other) = two().await;
    let form = |body| [("id", world.open_message.to_string()), ("body", body)];
    for round in 0..50 {
        let (writes, reads) = if round % 2 == 0 { (&world.server, &other) } else { (&other, &world.server) };
        let body = format!("edited {round}");
        let form = form(body.clone());
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(world.mia.at(&writes.url).call("messages/edit", &form).await.status, 200);
        assert_eq!(world.sam.at(&reads.url).read(world.open, &[world.open_message]).await, [body]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_taken_away_on_one_ends_on_the_other() {
    let (world, other) = two().await;
    let room = Object::Room(world.closed);
    let mut mia = Socket::listening(&other, &world.mia, room).await;
    assert_eq!(world.mia.at(&other.url).read(world.closed, &[world.closed_message]).await, ["Said among us"]);
    remove_mia(&world, &world.server).await;
    let body = json!({ "room": world.closed, "ids": [world.closed_message] });
    assert_eq!(world.mia.at(&other.url).call_json("messages/reload", body).await.status, 404);
    world.olga.post(world.closed, "without Mia").await;
    assert_eq!(mia.frame().await["event"], "pusher:subscription_error");
    let nothing_more = mia.heard_so_far().await;
    assert!(nothing_more.is_empty(), "{nothing_more:?}");
    assert_eq!(world.mia.at(&other.url).authorise(&mia.id, &channel::of(room)).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_on_one_closes_its_sockets_on_the_other() {
    let (world, other) = two().await;
    let again = Person::sign_in(&other.url, world.mia.id, "Mia").await;
    let mut ends = Socket::listening(&other, &world.mia, Object::Room(world.open)).await;
    let mut stays = Socket::listening(&other, &again, Object::Room(world.open)).await;
    assert_eq!(world.mia.call("people/sign_out", &[]).await.status, 200);
    assert_eq!(ends.closed().await, 4009);
    assert!(stays.heard_so_far().await.is_empty());
    assert_eq!(world.mia.at(&other.url).call("people/me", &[]).await.status, 401);
    assert_eq!(again.call("people/me", &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_present_on_one_is_present_on_the_other() {
    let (world, mut other) = two().await;
    let room = Object::Room(world.open);
    let id = |person: &Person| person.id.to_string();
    let mut olga = Socket::present(&world.server, &world.olga, room).await;
    let mut sam = Socket::open(&other).await;
    let told = data(&sam.attend(&world.sam, room).await);
    assert_eq!(told["presence"]["ids"], json!([id(&world.sam), id(&world.olga)]));
    assert_eq!(told["presence"]["hash"][id(&world.olga)]["name"], "Olga");
    let added = olga.frame().await;
    assert_eq!(
        (&added["event"], data(&added)["user_id"].clone()),
        (&json!("pusher_internal:member_added"), json!(id(&world.sam)))
    );

    // Sam has a second tab, on the first server: nobody comes, and nobody goes with the first.
    let mut tab = Socket::present(&world.server, &world.sam, room).await;
    let name = channel::presence_of(room);
    sam.send(json!({ "event": "pusher:unsubscribe", "data": { "channel": name } })).await;
    let typing = json!({ "event": "client-typing", "channel": name, "data": {} });
    let mut mia = Socket::present(&other, &world.mia, room).await;
    mia.send(typing).await;
    for socket in [&mut olga, &mut tab] {
        let added = socket.frame().await;
        assert_eq!(
            (&added["event"], data(&added)["user_id"].clone()),
            (&json!("pusher_internal:member_added"), json!(id(&world.mia)))
        );
        let typing = socket.frame().await;
        assert_eq!((&typing["event"], &typing["user_id"]), (&json!("client-typing"), &json!(id(&world.mia))));
    }
    // A server that starts later knows who is there.
    let third = Server::beside(&world.server).await;
    let program = Program::beside(&third);
    let all = json!([{ "id": id(&world.olga) }, { "id": id(&world.mia) }, { "id": id(&world.sam) }]);
    until("it knows all three", async || {
        let mut users = program.get(&format!("channels/{name}/users"), &[]).await.json()["users"].clone();
        users.as_array_mut().unwrap().sort_by_key(|user| user["id"].to_string());
        users == all
    })
    .await;
    // With their server people are gone.
    other.stop().await;
    let removed = olga.frame().await;
    assert_eq!(removed["event"], "pusher_internal:member_removed");
    assert_eq!(data(&removed), json!({ "user_id": id(&world.mia) }));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_ask_any_server_about_all_of_them() {
    let (world, other) = two().await;
    let (here, there) = (Program::beside(&world.server), Program::beside(&other));
    let subscribe = json!({ "event": "pusher:subscribe", "data": { "channel": "news" } });
    let (mut one, mut two) = (Socket::open(&world.server).await, Socket::open(&other).await);
    for socket in [&mut one, &mut two] {
        socket.send(subscribe.clone()).await;
        assert_eq!(socket.frame().await["event"], "pusher_internal:subscription_succeeded");
    }
    let about = async |program: &Program| program.get("channels/news", &[("info", "subscription_count")]).await.json();
    for program in [&here, &there] {
        until("both are counted", async || about(program).await["subscription_count"] == 2).await;
    }
    // Larger than what PostgreSQL takes at once, and not to be heard by one.
    let body = json!({ "name": "extra", "channel": "news", "data": "ä".repeat(5_000), "socket_id": two.id });
    assert_eq!(here.post("events", &body).await.status, 200);
    assert_eq!(one.frame().await["data"], body["data"]);
    // By the same server, and so behind it.
    assert_eq!(here.post("events", &json!({ "name": "next", "channel": "news", "data": "" })).await.status, 200);
    assert_eq!(two.frame().await["event"], "next", "it has not heard the one before");
    assert_eq!(one.frame().await["event"], "next");

    let mut mia = Socket::listening(&other, &world.mia, Object::Room(world.open)).await;
    let ended = here.post(&format!("users/{}/terminate_connections", world.mia.id), &Value::Null).await;
    assert_eq!(ended.status, 200);
    assert_eq!(mia.next().await, Heard::Closed(4009));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_for_which_nobody_signed_is_not_let_in_by_another_server() {
    let (world, other) = two().await;
    let mut socket = Socket::open(&other).await;
    let name = channel::of(Object::Room(world.open));
    let signed = signature::sign(&other.keys.secret, &signature::channel_text(&socket.id, &name));
    let refused = socket.subscribe_with(&name, &format!("{}:{signed}", other.keys.key)).await;
    assert_eq!(refused["event"], "pusher:subscription_error");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_commits_beside_the_servers_is_heard() {
    let (world, other) = two().await;
    let mut sam = Socket::listening(&other, &world.sam, Object::Room(world.open)).await;
    let beside = bare_at(&world.server.state.config.database_url, Arc::new(Hub::default())).await;
    let mut tx = beside.begin(APPLICATION).await.unwrap();
    say(&mut tx, &world.viewer(&world.olga).await, world.open, "from a command").await;
    tx.commit().await.unwrap();
    assert_eq!(sam.frame().await["event"], "posted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_just_started_hears_who_signs_for_its_sockets() {
    let world = World::new(postgres::database().await).await;
    for _ in 0..10 {
        let other = Server::beside(&world.server).await;
        Socket::listening(&other, &world.sam, Object::Room(world.open)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stands_still_amid_a_write_keeps_nobody_from_writing() {
    let (world, other) = two().await;
    let olga = world.viewer(&world.olga).await;
    let mut still = world.db().begin("Olga").await.unwrap();
    let room = Held::room_write(&mut still, &olga, world.open).await.unwrap();
    rooms::rename(&mut still, &room, "Never").await.unwrap();
    let room = world.open.to_string();
    let renamed = world.olga.at(&other.url).call("rooms/rename", &[("id", &room), ("name", "Foyer")]).await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    assert!(still.commit().await.is_err());
    assert_eq!(world.sam.call("rooms/get", &[("id", &room)]).await.json()["name"], "Foyer");
}

/// Is at the sending, and never done.
async fn at_work(db: &Db) -> JoinHandle<Result<Option<()>, Error>> {
    let (db, begun) = (db.clone(), Arc::new(Notify::new()));
    let has_begun = begun.clone();
    let holder = tokio::spawn(async move {
        loop {
            let at_it = async {
                begun.notify_one();
                std::future::pending().await
            };
            match db.alone(Work::Sending, at_it).await {
                // Whoever was at it last may still be ending.
                Ok(None) => sleep(PAUSE).await,
                ended => return ended,
            }
        }
    });
    in_time("the work has begun", has_begun.notified()).await;
    holder
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_at_a_time_does_a_work() {
    let (world, other) = two().await;
    let holder = at_work(world.db()).await;
    let try_to = async |work| other.db().alone(work, async { Ok::<_, Error>(()) }).await.unwrap().is_some();
    assert!(!try_to(Work::Sending).await);
    until("nobody makes exports", async || try_to(Work::Exports).await).await;
    // With its holder the work is free, and with its connection it is lost.
    holder.abort();
    until("it is free", async || try_to(Work::Sending).await).await;
    let holder = at_work(world.db()).await;
    until("the connection is lost", async || {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE state = 'idle in transaction' AND datname = current_database()";
        sqlx::query(cut).execute(other.db().read()).await.unwrap();
        holder.is_finished()
    })
    .await;
    assert!(holder.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_back_from_another_clusters_dump_counts_as_old() {
    let world = World::new(postgres::database().await).await;
    sqlx::query("UPDATE notices SET xid = '9000000000'").execute(world.db().read()).await.unwrap();
    let other = Server::beside(&world.server).await;
    let mut mia = Socket::listening(&other, &world.mia, Object::Room(world.open)).await;
    let mut stays = Socket::listening(&other, &world.mia, Object::Room(world.closed)).await;
    world.olga.post(world.open, "hello").await;
    assert_eq!(mia.frame().await["event"], "posted");
    assert!(mia.heard_so_far().await.is_empty() && stays.heard_so_far().await.is_empty());
    let restored: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM notices WHERE xid = '9000000000'")
        .fetch_one(other.db().read())
        .await
        .unwrap();
    assert_eq!(restored, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_answered_from_before_a_commit_of_which_no_word_has_come() {
    let (world, other) = two().await;
    let sam = world.sam.at(&other.url);
    // Without a relay of its own it tells nobody: the servers would look a second later.
    let silent = Db::open(&world.server.state.config.database_url, 0, Arc::new(Hub::default())).await.unwrap();
    for round in 0..5 {
        sam.read(world.open, &[world.open_message]).await;
        let body = format!("changed {round}");
        let mut tx = silent.begin(APPLICATION).await.unwrap();
        sqlx::query("UPDATE messages SET body = $1 WHERE id = $2")
            .bind(body.as_str())
            .bind(world.open_message)
            .execute(tx.sql())
            .await
            .unwrap();
        tx.notice(Object::Room(world.open), Action::Edited, Entity::Message, world.open_message);
        tx.commit().await.unwrap();
        assert_eq!(sam.read(world.open, &[world.open_message]).await, [body]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_has_happened_to_all_who_listen() {
    let line = Line::new().await;
    let cut = line.switch();
    let world = World::new(line.database).await;
    let (olga, mia, sam) = (&world.olga, &world.mia, &world.sam);
    let mut out = Socket::listening(&world.server, mia, Object::Room(world.closed)).await;
    let mut hears = Socket::listening(&world.server, sam, Object::Room(world.open)).await;

    let form = [("id", &*world.closed.to_string()), ("user", &*mia.id.to_string())];
    assert_eq!(mia.read(world.closed, &[world.closed_message]).await, ["Said among us"]);
    cut();
    assert_eq!(olga.call("rooms/remove_member", &form).await.status, 500);
    assert_eq!(out.frame().await["event"], "pusher:subscription_error");
    assert_eq!(olga.call("rooms/remove_member", &form).await.status, 404, "it was done the first time");
    let body = json!({ "room": world.closed, "ids": [world.closed_message] });
    assert_eq!(mia.call_json("messages/reload", body).await.status, 404);
    world.olga.post(world.closed, "without Mia").await;
    assert!(out.heard_so_far().await.is_empty());

    let form = [("room", &*world.open.to_string()), ("body", "once"), ("client_id", "one-form")];
    cut();
    assert_eq!(mia.call("messages/post", &form).await.status, 500);
    let posted = hears.frame().await;
    assert_eq!(posted["event"], "posted");
    let again = mia.call("messages/post", &form).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, data(&posted)["id"].clone()));
    assert!(hears.heard_so_far().await.is_empty());
}

/// A form sent by hand, up to where the server waits for its body.
struct HalfSent {
    stream: TcpStream,
    body: String,
}

impl HalfSent {
    async fn to(server: &Server, path: &str, cookie: &str, body: String) -> Self {
        let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {cookie}\r\nconnection: close\r\nexpect: 100-continue\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut asked_for_more = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
        in_time("the body is asked for", stream.read_exact(&mut asked_for_more)).await.unwrap();
        assert!(asked_for_more.starts_with(b"HTTP/1.1 100 "));
        Self { stream, body }
    }

    /// The status and all that comes with it.
    async fn finish(mut self) -> String {
        self.stream.write_all(self.body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        in_time("it is answered", self.stream.read_to_string(&mut answer)).await.unwrap();
        answer
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_while_a_socket_is_signed_for_leaves_it_to_nobody() {
    for path in ["/rest/pusher/user-auth", "/rest/pusher/auth"] {
        let (world, other) = two().await;
        let form = [("email", "mia@example.org"), ("password", PASSWORD)];
        let answer = world.anon.request(Method::POST, "/api/people/sign_in").form(&form).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        // The first server knows her from here on.
        let asked = world.anon.get("/rest/pusher/key").await;
        assert_eq!(asked.status, 200);
        let mut socket = Socket::open(&other).await;
        let name = channel::of(Object::Room(world.open));
        let body = format!("socket_id={}&channel_name={name}", socket.id);
        let half_sent = HalfSent::to(&world.server, path, &cookie, body).await;
        // It ends where nobody tells the servers, and the one that has the socket hears of it by itself.
        let silent = Db::open(&world.server.state.config.database_url, 0, Arc::new(Hub::default())).await.unwrap();
        let key = session_key(cookie.split_once('=').unwrap().1);
        app::sessions::store::end_by_key(&silent, &key).await.unwrap();
        world.sam.at(&other.url).get("/rest/pusher/key").await;
        let answer = half_sent.finish().await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        // It has gone, or somebody else may have it.
        let auth = world.sam.authorise(&socket.id, &name).await.json()["auth"].clone();
        let wanted = json!({ "event": "pusher:subscribe", "data": { "channel": name, "auth": auth } });
        socket.try_send(wanted).await;
        match socket.next().await {
            Heard::Closed(_) => {}
            Heard::Frame(frame) => assert_eq!(frame["event"], "pusher_internal:subscription_succeeded"),
        }
    }
}
