//! The hub, as a peer of protocol 7 sees it.

use app::entities::{EVERYONE, ROOM};
use earshot_live::pusher::{channel, signature};
use earshot_live::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::support::database::{Database, sqlite};
use crate::support::on_both;
use crate::support::person::Person;
use crate::support::program::Program;
use crate::support::server::Server;
use crate::support::socket::{Socket, data};
use crate::support::world::World;

on_both!(
    a_notice_holds_a_reference_and_nothing_else,
    a_stranger_hears_nothing,
    who_is_removed_hears_nothing_more,
    what_was_signed_before_a_removal_is_worth_nothing,
    a_role_that_is_taken_away_closes_the_sockets,
    signing_out_closes_the_sockets_of_that_session_only,
    a_deleted_room_says_so_and_falls_silent,
);

async fn a_notice_holds_a_reference_and_nothing_else(database: Database) {
    let world = World::new(database).await;
    let room = ROOM.object(world.closed);
    let mut socket = Socket::open(&world.server).await;
    let succeeded = socket.subscribe(&world.mia, room).await;
    assert_eq!(succeeded["channel"], channel::of(room));
    let seq = data(&succeeded)["seq"].as_i64().unwrap();

    let before = Timestamp::now().0;
    let id = world.olga.post(world.closed, "a secret").await;
    let frame = socket.frame().await;
    assert_eq!((&frame["event"], &frame["channel"]), (&json!("posted"), &json!(channel::of(room))));
    let mut reference = data(&frame);
    let changed = reference.as_object_mut().unwrap().remove("changed").unwrap();
    assert_eq!(reference, json!({ "entity": "Message", "id": id, "seq": seq + 1, "by": "Olga" }));
    assert!((before..=Timestamp::now().0).contains(&changed.as_i64().unwrap()), "microseconds since 1970");

    world.olga.call("messages/edit", &[("id", &id.to_string()), ("body", "other")]).await;
    world.olga.call("messages/delete", &[("id", &id.to_string())]).await;
    for (event, number) in [("edited", seq + 2), ("deleted", seq + 3)] {
        let frame = socket.frame().await;
        assert_eq!((frame["event"].as_str(), data(&frame)["seq"].as_i64()), (Some(event), Some(number)));
    }

    socket.send(json!({ "event": "pusher:unsubscribe", "data": { "channel": channel::of(room) } })).await;
    assert!(socket.heard_so_far().await.is_empty());
    world.olga.post(world.closed, "unheard").await;
    assert!(socket.heard_so_far().await.is_empty());
}

async fn a_stranger_hears_nothing(database: Database) {
    let world = World::new(database).await;
    let name = channel::of(ROOM.object(world.closed));
    let mut socket = Socket::listening(&world.server, &world.sam, ROOM.object(world.open)).await;
    assert_eq!(world.sam.authorise(&socket.id, &name).await.status, 403);
    // Not even with a signature of the app's own: the socket stands for Sam.
    let keys = &world.server.keys;
    let signed = signature::sign(&keys.secret, &signature::channel_text(&socket.id, &name));
    let refused = socket.subscribe_with(&name, &format!("{}:{signed}", keys.key)).await;
    assert_eq!(
        (refused["event"].as_str(), data(&refused)["status"].as_u64()),
        (Some("pusher:subscription_error"), Some(403))
    );
    world.mia.post(world.closed, "among us").await;
    assert!(socket.heard_so_far().await.is_empty());
    world.mia.post(world.open, "for all").await;
    assert_eq!(socket.frame().await["channel"], channel::of(ROOM.object(world.open)));
}

async fn who_is_removed_hears_nothing_more(database: Database) {
    let world = World::new(database).await;
    let room = ROOM.object(world.closed);
    let mut gone = Socket::listening(&world.server, &world.mia, room).await;
    let mut stays = Socket::listening(&world.server, &world.olga, room).await;
    remove_mia(&world).await;
    assert_eq!(stays.frame().await["event"], "left");
    world.olga.post(world.closed, "without Mia").await;
    assert_eq!(stays.frame().await["event"], "posted");
    let heard = gone.heard_so_far().await;
    let events: Vec<&str> = heard.iter().map(|frame| frame["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["pusher:subscription_error"]);
}

async fn what_was_signed_before_a_removal_is_worth_nothing(database: Database) {
    let world = World::new(database).await;
    let name = channel::of(ROOM.object(world.closed));
    let mut socket = Socket::open(&world.server).await;
    let auth = world.mia.authorise(&socket.id, &name).await.json()["auth"].as_str().unwrap().to_owned();
    remove_mia(&world).await;
    assert_eq!(socket.subscribe_with(&name, &auth).await["event"], "pusher:subscription_error");
    world.olga.post(world.closed, "without Mia").await;
    assert!(socket.heard_so_far().await.is_empty());
}

async fn remove_mia(world: &World) {
    let form = [("id", &*world.closed.to_string()), ("user", &*world.mia.id.to_string())];
    assert_eq!(world.olga.call("rooms/remove_member", &form).await.status, 200);
}

async fn a_role_that_is_taken_away_closes_the_sockets(database: Database) {
    let world = World::new(database).await;
    let mut socket = Socket::listening(&world.server, &world.mia, EVERYONE).await;
    let form = [("user", &*world.mia.id.to_string()), ("given", "false")];
    assert_eq!(world.ada.call("accounts/set_pusher_user", &form).await.status, 200);
    assert_eq!(socket.closed().await, 4200);
    assert_eq!(world.mia.get("/rest/pusher/key").await.status, 403);
}

async fn signing_out_closes_the_sockets_of_that_session_only(database: Database) {
    let world = World::new(database).await;
    let elsewhere = Person::sign_in(&world.server.url, world.mia.id, "Mia").await;
    let mut here = Socket::listening(&world.server, &world.mia, EVERYONE).await;
    let mut there = Socket::listening(&world.server, &elsewhere, EVERYONE).await;
    assert_eq!(world.mia.call("people/sign_out", &[]).await.status, 200);
    assert_eq!(here.closed().await, 4009);
    assert!(there.heard_so_far().await.is_empty());
}

async fn a_deleted_room_says_so_and_falls_silent(database: Database) {
    let world = World::new(database).await;
    let mut socket = Socket::listening(&world.server, &world.mia, ROOM.object(world.closed)).await;
    world.olga.call("rooms/delete", &[("id", &world.closed.to_string())]).await;
    let frame = socket.frame().await;
    assert_eq!((frame["event"].as_str(), data(&frame)["entity"].as_str()), (Some("deleted"), Some("Room")));
    assert_eq!(socket.frame().await["event"], "pusher:subscription_error");
}

#[tokio::test]
async fn a_signature_opens_one_channel_for_one_socket() {
    let world = World::new(sqlite()).await;
    let name = channel::of(ROOM.object(world.open));
    let (mut socket, other) = (Socket::open(&world.server).await, Socket::open(&world.server).await);
    let of_other = world.mia.authorise(&other.id, &name).await.json()["auth"].as_str().unwrap().to_owned();
    let keys = &world.server.keys;
    let unbound = signature::sign(&keys.secret, &signature::channel_text(&socket.id, &name));
    for auth in
        [of_other, "nonsense".into(), String::new(), format!("{}:00", keys.key), format!("{}:{unbound}", keys.key)]
    {
        let refused = socket.subscribe_with(&name, &auth).await;
        assert_eq!(refused["event"], "pusher:subscription_error", "{auth}");
    }
    // A channel that names no object of ours rests on its signature alone.
    let signed = signature::sign(&keys.secret, &signature::channel_text(&socket.id, "private-anything"));
    let succeeded = socket.subscribe_with("private-anything", &format!("{}:{signed}", keys.key)).await;
    assert_eq!(succeeded["event"], "pusher_internal:subscription_succeeded");
    let twice = socket.subscribe_with("private-anything", &format!("{}:{signed}", keys.key)).await;
    assert_eq!(twice["event"], "pusher:error");
}

#[tokio::test]
async fn a_cache_channel_is_refused_as_there_is_none() {
    let server = Server::start(sqlite()).await;
    let program = Program::beside(&server);
    let mut socket = Socket::open(&server).await;
    for name in ["cache-news", "private-cache-news", "private-encrypted-cache-news", "presence-cache-news"] {
        let auth = server.keys.auth(&signature::channel_text(&socket.id, name));
        let refused = socket.subscribe_with(name, &auth).await;
        assert_eq!(refused["event"], "pusher:subscription_error", "{name}");
        assert!(data(&refused)["error"].as_str().unwrap().contains("cache"), "{refused}");
        let refused = program.trigger(name, "x", "").await;
        assert!(refused.status == 400 && refused.body.contains("cache"), "{refused:?}");
    }
}

#[tokio::test]
async fn one_person_has_a_hundred_sockets_and_is_told_so() {
    let world = World::new(sqlite()).await;
    let mut sockets = Vec::new();
    for _ in 0..100 {
        sockets.push(Socket::listening(&world.server, &world.mia, EVERYONE).await);
    }
    let one_more = Socket::open(&world.server).await;
    let refused = world.mia.authorise(&one_more.id, &channel::of(EVERYONE)).await;
    assert_eq!(refused.status, 403);
    assert!(refused.sentence().contains("close some"), "{refused:?}");
    Socket::listening(&world.server, &world.sam, EVERYONE).await;
}

#[tokio::test]
async fn a_socket_stands_for_one_person() {
    let world = World::new(sqlite()).await;
    let socket = Socket::listening(&world.server, &world.mia, EVERYONE).await;
    assert_eq!(world.sam.authorise(&socket.id, "private-Team.1").await.status, 403);
}

#[tokio::test]
async fn many_channels_are_signed_in_one_request() {
    let world = World::new(sqlite()).await;
    let socket = Socket::open(&world.server).await;
    let names: Vec<String> = [EVERYONE, ROOM.object(world.open), ROOM.object(world.closed)].map(channel::of).to_vec();
    let ask = async |names: &[String]| {
        let mut form = vec![("socket_id", socket.id.as_str())];
        form.extend(names.iter().map(|name| ("channel_name[]", name.as_str())));
        world.sam.send(world.sam.request(reqwest::Method::POST, "/rest/pusher/auth").form(&form)).await
    };
    let verdicts = ask(&names).await.json();
    assert!(verdicts[&names[0]]["auth"].is_string() && verdicts[&names[1]]["auth"].is_string());
    assert_eq!(verdicts[&names[2]]["error"], "This does not exist, or it is not yours to see.");
    let request = world.sam.request(reqwest::Method::POST, "/rest/pusher/auth");
    let as_json = request.json(&json!({ "socket_id": socket.id, "channel_name[]": names }));
    assert_eq!(world.sam.send(as_json).await.json(), verdicts);
    let request = world.sam.request(reqwest::Method::POST, "/rest/pusher/auth");
    let as_json = request.json(&json!({ "socket_id": socket.id, "channel_name": names[0] }));
    assert_eq!(world.sam.send(as_json).await.json(), verdicts[&names[0]]);
    let too_many: Vec<String> = (0..101).map(|n| format!("private-Room.{}", n + 1)).collect();
    assert_eq!(ask(&too_many).await.status, 422);
    assert_eq!(ask(&[]).await.status, 422);
}

/// The signed-in page asks for the key before it connects.
#[tokio::test]
async fn the_key_is_given_without_the_secret() {
    let world = World::new(sqlite()).await;
    let answer = world.mia.get("/rest/pusher/key").await;
    let expected: Value = json!({ "key": world.server.keys.key, "cluster": "local" });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn a_socket_subscribes_to_a_thousand_channels_and_to_no_more() {
    let server = Server::start(sqlite()).await;
    let mut socket = Socket::open(&server).await;
    for number in 0..=1_000 {
        let channel = format!("private-news-{number}");
        let auth = server.keys.auth(&signature::channel_text(&socket.id, &channel));
        let answer = socket.subscribe_with(&channel, &auth).await;
        let expected =
            if number < 1_000 { "pusher_internal:subscription_succeeded" } else { "pusher:subscription_error" };
        assert_eq!(answer["event"], expected, "{number}");
    }
    socket.send(json!({ "event": "pusher:unsubscribe", "data": { "channel": "private-news-0" } })).await;
    assert_eq!(socket.subscribe_with("more-news", "").await["event"], "pusher_internal:subscription_succeeded");
}
