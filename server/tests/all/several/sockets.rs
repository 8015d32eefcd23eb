//! Sockets of one server for which another signs.

use std::sync::Arc;

use app::access::session_key;
use app::database;
use app::entities::ROOM;
use earshot_hub::Hub;
use earshot_live::pusher::{channel, signature};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::several::two;
use crate::support::postgres;
use crate::support::server::Server;
use crate::support::socket::{Heard, Socket};
use crate::support::timeout::in_time;
use crate::support::world::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_for_which_nobody_signed_is_not_let_in_by_another_server() {
    let (world, other) = two().await;
    let mut socket = Socket::open(&other).await;
    let name = channel::of(ROOM.object(world.open));
    let signed = signature::sign(&other.keys.secret, &signature::channel_text(&socket.id, &name));
    let refused = socket.subscribe_with(&name, &format!("{}:{signed}", other.keys.key)).await;
    assert_eq!(refused["event"], "pusher:subscription_error");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_just_started_hears_who_signs_for_its_sockets() {
    let world = World::new(postgres::database().await).await;
    for _ in 0..10 {
        let other = Server::beside(&world.server).await;
        Socket::listening(&other, &world.sam, ROOM.object(world.open)).await;
    }
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
        let name = channel::of(ROOM.object(world.open));
        let body = format!("socket_id={}&channel_name={name}", socket.id);
        let half_sent = HalfSent::to(&world.server, path, &cookie, body).await;
        // It ends where nobody tells the servers, and the one that has the socket hears of it by itself.
        let silent =
            database::open(&world.server.state.config.database_url, 0, Arc::new(Hub::default())).await.unwrap();
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
