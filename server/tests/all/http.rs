//! The hub's HTTP API, as programs on other servers see it.

use app::entities::{EVERYONE, ROOM};
use earshot_live::pusher::channel;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::database::sqlite;
use crate::support::person::Answer;
use crate::support::program::{Program, now};
use crate::support::server::Server;
use crate::support::socket::{Heard, Socket};
use crate::support::world::World;

#[tokio::test]
async fn an_event_is_heard_on_its_channels_and_by_nobody_whom_it_leaves_out() {
    let server = Server::start(sqlite()).await;
    let program = Program::beside(&server);
    let (mut one, mut two) = (Socket::open(&server).await, Socket::open(&server).await);
    for socket in [&mut one, &mut two] {
        socket.subscribe_with("news", "").await;
    }
    two.subscribe_with("weather", "").await;
    let event = json!({ "name": "rain", "channels": ["news", "weather"], "data": "{\"mm\":3}", "socket_id": one.id });
    let answer = program.post("events", &event).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})));
    let heard = two.heard_so_far().await;
    let expected = |channel: &str| json!({ "event": "rain", "channel": channel, "data": "{\"mm\":3}" });
    assert_eq!(heard, [expected("news"), expected("weather")]);
    assert!(one.heard_so_far().await.is_empty());
}

#[tokio::test]
async fn who_has_signed_for_nothing_hears_a_few_public_channels_only() {
    let world = World::new(sqlite()).await;
    let mut socket = Socket::open(&world.server).await;
    let mut refused = 0;
    for number in 0..60 {
        let answer = socket.subscribe_with(&format!("news-{number}"), "").await;
        refused += usize::from(answer["event"] == "pusher:subscription_error");
    }
    assert_eq!(refused, 10);
    let signed = socket.subscribe(&world.mia, ROOM.object(world.open)).await;
    assert_eq!(signed["event"], "pusher_internal:subscription_succeeded", "{signed}");
    let more = socket.subscribe_with("news-again", "").await;
    assert_eq!(more["event"], "pusher_internal:subscription_succeeded", "{more}");
}

#[tokio::test]
async fn users_are_counted_where_they_can_be_present_and_nowhere_else() {
    let server = Server::start(sqlite()).await;
    let program = Program::beside(&server);
    for channel in ["private-anything", "news"] {
        let event = json!({ "name": "x", "channel": channel, "data": "", "info": "user_count" });
        assert_eq!(program.post("events", &event).await.status, 400, "{channel}");
        assert_eq!(
            program.get(&format!("channels/{channel}"), &[("info", "user_count")]).await.status,
            400,
            "{channel}"
        );
    }
}

#[tokio::test]
async fn a_batch_is_heard_in_its_order() {
    let server = Server::start(sqlite()).await;
    let mut socket = Socket::open(&server).await;
    socket.subscribe_with("news", "").await;
    let batch: Vec<Value> = (0..10)
        .map(|n| json!({ "name": n.to_string(), "channel": "news", "data": "", "info": "subscription_count" }))
        .collect();
    let answer = Program::beside(&server).post("batch_events", &json!({ "batch": batch })).await;
    assert_eq!(answer.json()["batch"].as_array().unwrap().len(), 10);
    assert_eq!(answer.json()["batch"][0], json!({ "subscription_count": 1 }));
    let heard = socket.heard_so_far().await;
    let names: Vec<&str> = heard.iter().map(|frame| frame["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
}

#[tokio::test]
async fn channels_tell_who_listens_and_who_is_present() {
    let world = World::new(sqlite()).await;
    let program = Program::beside(&world.server);
    let presence = channel::presence_of(ROOM.object(world.open));
    let _sam = Socket::present(&world.server, &world.sam, ROOM.object(world.open)).await;
    let _sam_again = Socket::present(&world.server, &world.sam, ROOM.object(world.open)).await;
    let _mia = Socket::present(&world.server, &world.mia, ROOM.object(world.open)).await;
    let mut socket = Socket::open(&world.server).await;
    socket.subscribe_with("news", "").await;

    let all = program.get("channels", &[]).await.json();
    assert_eq!(all["channels"], json!({ "news": {}, &*presence: {} }));
    let present = program.get("channels", &[("filter_by_prefix", "presence-"), ("info", "user_count")]).await.json();
    assert_eq!(present["channels"], json!({ &*presence: { "user_count": 2 } }));
    let one = program.get(&format!("channels/{presence}"), &[("info", "user_count,subscription_count")]).await.json();
    assert_eq!(one, json!({ "occupied": true, "user_count": 2, "subscription_count": 3 }));
    assert_eq!(program.get("channels/nobody", &[]).await.json(), json!({ "occupied": false }));
    let users = program.get(&format!("channels/{presence}/users"), &[]).await.json();
    let ids = [world.sam.id, world.mia.id].map(|id| json!({ "id": id.to_string() }));
    assert_eq!(users, json!({ "users": ids }));
    assert_eq!(program.get("channels/news/users", &[]).await.status, 400);
    assert_eq!(program.get("channels", &[("info", "user_count")]).await.status, 400);
}

#[tokio::test]
async fn the_connections_of_a_user_are_ended() {
    let world = World::new(sqlite()).await;
    let program = Program::beside(&world.server);
    let mut mia = Socket::listening(&world.server, &world.mia, EVERYONE).await;
    let mut sam = Socket::listening(&world.server, &world.sam, EVERYONE).await;
    let answer = program.post(&format!("users/{}/terminate_connections", world.mia.id), &json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})));
    assert_eq!(mia.closed().await, 4009);
    assert!(sam.heard_so_far().await.is_empty());
}

#[tokio::test]
async fn what_is_absent_may_be_sent_as_nothing() {
    let server = Server::start(sqlite()).await;
    let program = Program::beside(&server);
    let mut socket = Socket::open(&server).await;
    socket.subscribe_with("news", "").await;
    let event = json!({ "name": "x", "data": "", "channel": "news", "channels": null, "info": null, "socket_id": "" });
    let answer = program.post("events", &event).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})), "{answer:?}");
    let event =
        json!({ "name": "x", "data": "", "channel": null, "channels": ["news"], "info": "", "socket_id": null });
    let answer = program.post("batch_events", &json!({ "batch": [event] })).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})), "{answer:?}");
    assert_eq!(socket.heard_so_far().await.len(), 2);
}

#[tokio::test]
async fn a_request_that_is_not_signed_right_is_refused() {
    let server = Server::start(sqlite()).await;
    let program = Program::beside(&server);
    let (path, body) = (format!("/apps/{}/events", program.keys.app_id), r#"{"name":"x","data":"","channel":"x"}"#);
    let now = now();
    let signed = |now| program.signed(&Method::POST, &path, &[], body, now);
    let status = async |path: &str, query: &[(String, String)], body: &str| -> Answer {
        program.send(Method::POST, path, query, body).await
    };
    assert_eq!(status(&path, &signed(now), body).await.status, 200);
    for (age, expected) in [(300, 200), (-300, 200), (900, 401), (-900, 401)] {
        assert_eq!(status(&path, &signed(now - age), body).await.status, expected, "{age} s old");
    }
    let without = |name: &str| signed(now).into_iter().filter(|(known, _)| known != name).collect::<Vec<_>>();
    for name in ["auth_key", "auth_timestamp", "auth_version", "body_md5", "auth_signature"] {
        let answer = status(&path, &without(name), body).await;
        assert_eq!(answer.status, 401, "without {name}");
        assert!(answer.body.contains(name), "{}", answer.body);
    }
    assert_eq!(status(&path, &signed(now), &body.replace('x', "y")).await.status, 401, "another body");
    assert_eq!(status("/apps/other/events", &signed(now), body).await.status, 404);
    let mut other_secret = program.clone();
    other_secret.keys.secret = "guessed".into();
    assert_eq!(other_secret.trigger("x", "x", "").await.status, 401);
    let mut other_key = program.clone();
    other_key.keys.key = "guessed".into();
    assert_eq!(other_key.trigger("x", "x", "").await.status, 401);
}

#[tokio::test]
async fn a_request_that_cannot_be_carried_out_is_told_why() {
    let server = Server::start(sqlite()).await;
    let program = Program::beside(&server);
    let event = |name: &str, data: &str, channels: Value| json!({ "name": name, "data": data, "channels": channels });
    let many: Vec<String> = (0..101).map(|n| format!("news-{n}")).collect();
    let table = [
        (json!([]), 400),
        (json!({ "name": "x" }), 400),
        (json!({ "name": "x", "data": { "not": "a string" }, "channel": "x" }), 400),
        (event("", "", json!(["x"])), 400),
        (event(&"x".repeat(201), "", json!(["x"])), 400),
        (event("x", &"x".repeat(10 * 1024 + 1), json!(["x"])), 413),
        (event("x", &"x".repeat(600_000), json!(["x"])), 413),
        (event("x", "", json!([])), 400),
        (event("x", "", json!(many)), 400),
        (event("x", "", json!(["not a name"])), 400),
        (json!({ "name": "x", "data": "", "channel": "x", "socket_id": "nonsense" }), 400),
    ];
    for (body, status) in table {
        let answer = program.post("events", &body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.body.trim().ends_with('.'), "a sentence: {answer:?}");
    }
    let batch: Vec<Value> = (0..11).map(|_| json!({ "name": "x", "data": "", "channel": "x" })).collect();
    assert_eq!(program.post("batch_events", &json!({ "batch": batch })).await.status, 400);
    // And the hub goes on.
    let mut socket = Socket::open(&server).await;
    socket.subscribe_with("x", "").await;
    assert_eq!(program.trigger("x", "x", "").await.status, 200);
    assert!(matches!(socket.next().await, Heard::Frame(_)));
}
