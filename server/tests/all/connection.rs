//! One connection to the hub: how it begins, what it may send, and how it ends.

use app::entities::{EVERYONE, ROOM};
use earshot_hub::limits::{FRAMES_AT_ONCE, MAX_FRAME};
use earshot_live::pusher::channel;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::database::sqlite;
use crate::support::server::Server;
use crate::support::socket::{Heard, Socket, data};
use crate::support::world::World;

#[tokio::test]
async fn a_connection_is_greeted_and_answers_pings() {
    let server = Server::start(sqlite()).await;
    let mut socket = Socket::dial(&server, &format!("/app/{}?protocol=7", server.keys.key)).await;
    let greeting = socket.frame().await;
    let established = data(&greeting);
    let (first, second) = established["socket_id"].as_str().unwrap().split_once('.').unwrap();
    assert!([first, second].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty()));
    assert_eq!(established["activity_timeout"], 120);
    socket.send(json!({ "event": "pusher:ping", "data": {} })).await;
    assert_eq!(socket.frame().await["event"], "pusher:pong");
}

#[tokio::test]
async fn who_cannot_be_served_is_told_by_a_close_code() {
    let server = Server::start(sqlite()).await;
    let key = &server.keys.key;
    let table = [
        ("/app/another-key?protocol=7".to_owned(), 4001),
        (format!("/app/{key}/more?protocol=7"), 4005),
        (format!("/app/{key}?protocol=seven"), 4006),
        (format!("/app/{key}?protocol=4"), 4007),
        (format!("/app/{key}?protocol=8"), 4007),
        (format!("/app/{key}"), 4008),
    ];
    for (path, code) in table {
        let mut socket = Socket::dial(&server, &path).await;
        let error = socket.frame().await;
        assert_eq!((&error["event"], &error["data"]["code"]), (&json!("pusher:error"), &json!(code)), "{path}");
        assert_eq!(socket.closed().await, code, "{path}");
    }
}

#[tokio::test]
async fn older_clients_are_served_like_new_ones() {
    let world = World::new(sqlite()).await;
    for version in [5, 6, 7] {
        let mut socket =
            Socket::dial(&world.server, &format!("/app/{}?protocol={version}", world.server.keys.key)).await;
        assert_eq!(socket.frame().await["event"], "pusher:connection_established", "{version}");
        assert_eq!(socket.subscribe_with("news", "").await["event"], "pusher_internal:subscription_succeeded");
    }
}

#[tokio::test]
async fn malformed_frames_are_answered_and_harm_nobody() {
    let world = World::new(sqlite()).await;
    let mut other = Socket::listening(&world.server, &world.sam, ROOM.object(world.open)).await;
    let mut socket = Socket::listening(&world.server, &world.mia, ROOM.object(world.open)).await;
    let frames = [
        "",
        "{",
        "[]",
        "null",
        "\"text\"",
        r#"{"event":7}"#,
        r#"{"event":"unknown"}"#,
        r#"{"event":"pusher:subscribe"}"#,
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([r#"{"event":"pusher:subscribe","data":{"channel":7}}"#.into(), "[".repeat(10_000)]);
    for frame in frames {
        socket.send_text(frame.clone()).await;
        assert_eq!(socket.frame().await["event"], "pusher:error", "{frame}");
    }
    for name in ["", "a b", "private-ä", "presence-Room.1"] {
        socket.send(json!({ "event": "pusher:subscribe", "data": { "channel": name } })).await;
        assert_eq!(socket.frame().await["event"], "pusher:subscription_error", "{name}");
    }
    socket.send_text("x".repeat(MAX_FRAME + 1)).await;
    assert_eq!(socket.next().await, Heard::Closed(1009));
    world.mia.post(world.open, "still here").await;
    assert_eq!(other.frame().await["event"], "posted");
}

#[tokio::test]
async fn after_a_frame_that_ends_the_connection_nothing_is_obeyed() {
    let world = World::new(sqlite()).await;
    let room = ROOM.object(world.open);
    let mut other = Socket::listening(&world.server, &world.sam, room).await;
    let said = |text: &str| json!({ "event": "client-x", "channel": channel::of(room), "data": text });
    let table = [
        (Message::binary("x"), 1003),
        (Message::text("x".repeat(MAX_FRAME + 1)), 1009),
        (Message::text("x".repeat(100 * 1024)), 1009),
    ];
    for (fault, code) in table {
        let mut socket = Socket::listening(&world.server, &world.mia, room).await;
        socket.send(said("before")).await;
        assert_eq!(other.frame().await["data"], "before");
        socket.send_message(fault).await;
        socket.try_send(said("behind")).await;
        assert_eq!(socket.closed().await, code);
        // As long as the server has not cut it off, more can be sent.
        socket.try_send(said("after")).await;
        assert!(other.heard_so_far().await.is_empty(), "{code}");
    }
}

#[tokio::test]
async fn who_listens_is_told_to_come_back_when_the_server_stops() {
    let mut world = World::new(sqlite()).await;
    let mut socket = Socket::listening(&world.server, &world.mia, EVERYONE).await;
    let (code, ()) = tokio::join!(socket.closed(), world.server.stop());
    assert_eq!(code, 4200);
}

/// Sends so many pings at once. The code, if the hub closes the socket instead of answering each.
async fn ping(socket: &mut Socket, count: usize) -> Option<u16> {
    for _ in 0..count {
        socket.send(json!({ "event": "pusher:ping", "data": {} })).await;
    }
    for _ in 0..count {
        if let Heard::Closed(code) = socket.next().await {
            return Some(code);
        }
    }
    None
}

#[tokio::test]
async fn a_flood_of_frames_ends_its_socket_and_no_other() {
    let world = World::new(sqlite()).await;
    let mut other = Socket::listening(&world.server, &world.sam, ROOM.object(world.open)).await;
    let mut flood = Socket::listening(&world.server, &world.mia, ROOM.object(world.open)).await;
    let mut code = None;
    // On a slow machine more become due meanwhile than may come at once.
    for _ in 0..10 * FRAMES_AT_ONCE.get() / 100 {
        code = ping(&mut flood, 100).await;
        if code.is_some() {
            break;
        }
    }
    assert_eq!(code, Some(4100));
    world.mia.post(world.open, "still here").await;
    assert_eq!(other.frame().await["event"], "posted");
}
