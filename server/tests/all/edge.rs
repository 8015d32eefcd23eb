//! What somebody who has nothing to show may cost.

use app::entities::EVERYONE;
use earshot_hub::limits::MAX_PARTINGS;
use earshot_live::pusher::channel;
use reqwest::Method;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::support::database::sqlite;
use crate::support::program::{Program, now};
use crate::support::server::Server;
use crate::support::socket::Socket;
use crate::support::timeout::{in_time, until};
use crate::support::world::World;

/// The first line of what is said to the head of a request, whose body does not come unless it is asked for.
async fn first_word(server: &Server, method_and_path: &str) -> String {
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "{method_and_path} HTTP/1.1\r\nHost: here\r\nContent-Length: 50000\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    in_time("something is said", BufReader::new(stream).read_line(&mut line)).await.unwrap();
    line
}

#[tokio::test]
async fn the_body_of_whoever_may_not_ask_is_not_read() {
    let server = Server::start(sqlite()).await;
    for path in ["/rest/pusher/auth", "/rest/pusher/user-auth"] {
        let word = first_word(&server, &format!("POST {path}")).await;
        assert!(word.starts_with("HTTP/1.1 403"), "{path}: {word}");
    }
    let mut program = Program::beside(&server);
    let path = format!("/apps/{}/events", program.keys.app_id);
    let asked = async |program: &Program, path: &str| {
        let signed = program.signed(&Method::POST, path, &[], "of that hash", now());
        let query: Vec<String> = signed.iter().map(|(name, value)| format!("{name}={value}")).collect();
        first_word(&server, &format!("POST {path}?{}", query.join("&"))).await
    };
    assert!(asked(&program, &path).await.starts_with("HTTP/1.1 100"), "who has signed is asked for the body");
    let word = asked(&program, "/apps/other/events").await;
    assert!(word.starts_with("HTTP/1.1 404"), "{word}");
    program.keys.secret = "guessed".into();
    let word = asked(&program, &path).await;
    assert!(word.starts_with("HTTP/1.1 401"), "{word}");
}

#[tokio::test]
async fn who_asks_for_a_hundred_channels_needs_little_room() {
    let world = World::new(sqlite()).await;
    let socket = Socket::open(&world.server).await;
    let ask = async |more: usize| {
        let mut form = vec![("socket_id", socket.id.clone()), ("more", "x".repeat(more))];
        // As long as a name of a channel may be, of signs that are escaped in three each.
        form.extend((0..99).map(|_| ("channel_name[]", format!("private-{}", "=".repeat(156)))));
        form.push(("channel_name[]", channel::of(EVERYONE)));
        world.mia.send(world.mia.request(Method::POST, "/rest/pusher/auth").form(&form)).await
    };
    let answer = ask(0).await;
    assert!(answer.json()["private-Team.1"]["auth"].is_string(), "{answer:?}");
    let answer = ask(64 * 1024).await;
    assert!(answer.status.is_client_error() && !answer.sentence().is_empty(), "{answer:?}");
}

/// The first line of the answer to somebody with another key, who stays whatever is said.
async fn knock(server: &Server) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap();
    let head = "GET /app/another-key?protocol=7 HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    in_time("something is said", BufReader::new(&mut stream).read_line(&mut line)).await.unwrap();
    (line, stream)
}

#[tokio::test]
async fn who_is_sent_away_and_stays_takes_none_of_the_places() {
    rlimit::increase_nofile_limit(8_192).unwrap();
    let server = Server::start(sqlite()).await;
    let mut staying = Vec::new();
    // On a slow machine the first have been cut off before the last have come.
    let refused = loop {
        assert!(staying.len() < 3_000, "all are let in");
        let (line, stream) = knock(&server).await;
        if !line.starts_with("HTTP/1.1 101") {
            break line;
        }
        staying.push(stream);
    };
    assert!(staying.len() >= MAX_PARTINGS && refused.starts_with("HTTP/1.1 503"), "{refused}");
    // Whoever has the key is let in all the same.
    let mut socket = Socket::open(&server).await;
    assert!(socket.heard_so_far().await.is_empty());
    drop(staying);
    until("there is a place again", async || knock(&server).await.0.starts_with("HTTP/1.1 101")).await;
}
