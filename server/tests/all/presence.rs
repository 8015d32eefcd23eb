//! Who is here, what clients send each other, and who has signed in: protocol 7 among clients.

use app::entities::{EVERYONE, ROOM};
use earshot_live::pusher::{channel, signature};
use serde_json::{Value, json};

use crate::support::database::{Database, sqlite};
use crate::support::on_both;
use crate::support::program::Program;
use crate::support::server::Server;
use crate::support::socket::{Socket, data};
use crate::support::world::World;

on_both!(one_is_present_with_the_first_socket_and_gone_with_the_last, who_is_removed_is_not_present_any_more);

async fn one_is_present_with_the_first_socket_and_gone_with_the_last(database: Database) {
    let world = World::new(database).await;
    let room = ROOM.object(world.open);
    let mut olga = Socket::open(&world.server).await;
    let succeeded = olga.attend(&world.olga, room).await;
    // Before the next one comes, all that is said of it.
    olga.heard_so_far().await;
    let id = |person: &crate::support::person::Person| person.id.to_string();
    let (olgas, sams) = (id(&world.olga), id(&world.sam));
    let alone = json!({ "presence": { "count": 1, "ids": [olgas], "hash": { &olgas: { "name": "Olga" } } } });
    assert_eq!(data(&succeeded), alone);

    let mut sam = Socket::open(&world.server).await;
    let told = data(&sam.attend(&world.sam, room).await);
    assert_eq!(told["presence"]["ids"], json!([olgas, sams]));
    let added = olga.frame().await;
    assert_eq!(added["event"], "pusher_internal:member_added");
    assert_eq!(data(&added), json!({ "user_id": sams, "user_info": { "name": "Sam" } }));
    let sam_again = Socket::present(&world.server, &world.sam, room).await;
    assert!(olga.heard_so_far().await.is_empty(), "the second socket is no second person");
    assert!(sam.heard_so_far().await.is_empty(), "nobody is told of themselves");
    drop(sam_again);
    let presence = channel::presence_of(room);
    sam.send(json!({ "event": "pusher:unsubscribe", "data": { "channel": presence } })).await;
    let removed = olga.frame().await;
    assert_eq!(removed["event"], "pusher_internal:member_removed");
    assert_eq!(data(&removed), json!({ "user_id": sams }));
}

async fn who_is_removed_is_not_present_any_more(database: Database) {
    let world = World::new(database).await;
    let room = ROOM.object(world.closed);
    let mut olga = Socket::present(&world.server, &world.olga, room).await;
    let mut mia = Socket::present(&world.server, &world.mia, room).await;
    assert_eq!(olga.frame().await["event"], "pusher_internal:member_added");
    let form = [("id", &*world.closed.to_string()), ("user", &*world.mia.id.to_string())];
    assert_eq!(world.olga.call("rooms/remove_member", &form).await.status, 200);
    assert_eq!(olga.frame().await["event"], "pusher_internal:member_removed");
    assert_eq!(mia.frame().await["event"], "pusher:subscription_error");
    let refused = world.mia.authorise(&mia.id, &channel::presence_of(room)).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn nobody_is_present_as_somebody_else() {
    let world = World::new(sqlite()).await;
    let name = channel::presence_of(ROOM.object(world.open));
    let mut socket = Socket::listening(&world.server, &world.sam, EVERYONE).await;
    let keys = &world.server.keys;
    let as_mia = json!({ "user_id": world.mia.id.to_string() }).to_string();
    let signed = signature::sign(&keys.secret, &signature::presence_text(&socket.id, &name, &as_mia));
    let table = [
        // Signed with the app's own secret, but the socket stands for Sam.
        (Some(as_mia.clone()), format!("{}:{signed}", keys.key)),
        (Some(as_mia.replace("user_id", "id")), format!("{}:{signed}", keys.key)),
        (Some(as_mia), "nonsense".into()),
        (None, format!("{}:{signed}", keys.key)),
    ];
    for (data, auth) in table {
        let wanted = json!({ "channel": name, "auth": auth, "channel_data": data });
        socket.send(json!({ "event": "pusher:subscribe", "data": wanted })).await;
        assert_eq!(socket.frame().await["event"], "pusher:subscription_error", "{wanted}");
    }
}

#[tokio::test]
async fn a_channel_of_a_forks_own_has_presence_by_its_signature_alone() {
    let server = Server::start(sqlite()).await;
    let keys = &server.keys;
    let mut socket = Socket::open(&server).await;
    let member = r#"{"user_id":7,"user_info":{"colour":"green"}}"#;
    let signed = signature::sign(&keys.secret, &signature::presence_text(&socket.id, "presence-map", member));
    let wanted = json!({ "channel": "presence-map", "auth": format!("{}:{signed}", keys.key), "channel_data": member });
    socket.send(json!({ "event": "pusher:subscribe", "data": wanted })).await;
    let told = data(&socket.frame().await);
    assert_eq!(told["presence"]["hash"], json!({ "7": { "colour": "green" } }));
}

#[tokio::test]
async fn a_client_event_is_heard_by_the_others_on_the_channel() {
    let world = World::new(sqlite()).await;
    let room = ROOM.object(world.open);
    let mut sam = Socket::present(&world.server, &world.sam, room).await;
    let mut mia = Socket::present(&world.server, &world.mia, room).await;
    sam.frame().await;
    let name = channel::presence_of(room);
    let event = json!({ "event": "client-typing", "channel": name, "data": { "in": 3 }, "user_id": "1" });
    sam.send(event).await;
    let heard = mia.frame().await;
    let expected =
        json!({ "event": "client-typing", "channel": name, "data": { "in": 3 }, "user_id": world.sam.id.to_string() });
    assert_eq!(heard, expected);
    assert!(sam.heard_so_far().await.is_empty());

    let refused = async |socket: &mut Socket, event: Value| {
        socket.send(event).await;
        let error = socket.frame().await;
        assert_eq!((&error["event"], &error["data"]["code"]), (&json!("pusher:error"), &json!(4301)));
    };
    sam.subscribe_with("news", "").await;
    let other = channel::of(ROOM.object(world.closed));
    refused(&mut sam, json!({ "event": "client-x", "channel": "news", "data": {} })).await;
    refused(&mut sam, json!({ "event": "client-x", "channel": other, "data": {} })).await;
    let encrypted = "private-encrypted-plans";
    let auth = world.server.keys.auth(&signature::channel_text(&sam.id, encrypted));
    assert_eq!(sam.subscribe_with(encrypted, &auth).await["event"], "pusher_internal:subscription_succeeded");
    refused(&mut sam, json!({ "event": "client-x", "channel": encrypted, "data": {} })).await;
    refused(&mut sam, json!({ "event": "client-x", "data": {} })).await;
    refused(&mut sam, json!({ "event": format!("client-{}", "x".repeat(200)), "channel": name, "data": {} })).await;
    refused(&mut sam, json!({ "event": "client-x", "channel": name, "data": "x".repeat(10 * 1024) })).await;
    assert!(mia.heard_so_far().await.is_empty());
}

#[tokio::test]
async fn more_than_ten_client_events_in_a_second_are_rejected() {
    let world = World::new(sqlite()).await;
    let room = ROOM.object(world.open);
    let mut sam = Socket::listening(&world.server, &world.sam, room).await;
    let mut mia = Socket::listening(&world.server, &world.mia, room).await;
    let (mut sent, mut passed, mut rejected) = (0, 0, 0);
    // On a slow machine 40 may take longer than the seconds in which they are due.
    while rejected == 0 {
        assert!(sent < 1_000, "as many are passed on as are sent");
        for number in sent..sent + 40 {
            sam.send(json!({ "event": "client-x", "channel": channel::of(room), "data": number })).await;
        }
        sent += 40;
        let told = sam.heard_so_far().await;
        assert!(told.iter().all(|frame| frame["data"]["code"] == 4301), "{told:?}");
        rejected += told.len();
        passed += mia.heard_so_far().await.len();
    }
    assert_eq!((passed + rejected, passed >= 10), (sent, true));
}

#[tokio::test]
async fn one_person_has_no_more_client_events_for_having_more_sockets() {
    let world = World::new(sqlite()).await;
    let room = ROOM.object(world.open);
    let mut mia = Socket::listening(&world.server, &world.mia, room).await;
    let mut sams = Vec::new();
    for _ in 0..20 {
        sams.push(Socket::listening(&world.server, &world.sam, room).await);
    }
    for sam in &mut sams {
        for number in 0..10 {
            sam.send(json!({ "event": "client-x", "channel": channel::of(room), "data": number })).await;
        }
    }
    let mut rejected = 0;
    for sam in &mut sams {
        let heard = sam.heard_so_far().await;
        rejected += heard.iter().filter(|frame| frame["data"]["code"] == 4301).count();
    }
    assert!(rejected > 0);
    assert_eq!(mia.heard_so_far().await.len() + rejected, 200);
    let mut olga = Socket::listening(&world.server, &world.olga, room).await;
    olga.send(json!({ "event": "client-x", "channel": channel::of(room), "data": "hers" })).await;
    assert_eq!(mia.frame().await["data"], "hers");
}

/// What looks like a notice, but comes from another client, moves no page.
#[tokio::test]
async fn a_client_cannot_notify() {
    let world = World::new(sqlite()).await;
    let page = crate::support::page::Page::open(&world.mia, world.open).await;
    page.until_live().await;
    let mut sam = Socket::open(&world.server).await;
    let seq = data(&sam.subscribe(&world.sam, ROOM.object(world.open)).await)["seq"].as_i64().unwrap();
    let forged = json!({ "entity": "Message", "id": 1, "seq": seq + 1, "changed": 0, "by": "Olga" });
    let name = channel::of(ROOM.object(world.open));
    sam.send(json!({ "event": "client-posted", "channel": name, "data": forged })).await;
    sam.heard_so_far().await;
    let id = world.olga.post(world.open, "the real one").await;
    page.until_has(id).await;
    page.until_fresh("after a forged notice").await;
}

#[tokio::test]
async fn a_user_signs_in_and_is_spoken_to() {
    let world = World::new(sqlite()).await;
    let program = Program::beside(&world.server);
    let mut socket = Socket::open(&world.server).await;
    let own = format!("#server-to-user-{}", world.mia.id);
    assert_eq!(socket.subscribe_with(&own, "").await["event"], "pusher:subscription_error");

    let request = world.mia.request(reqwest::Method::POST, "/rest/pusher/user-auth").form(&[("socket_id", &socket.id)]);
    let signed = world.mia.send(request).await.json();
    let as_json = world.mia.request(reqwest::Method::POST, "/rest/pusher/user-auth");
    assert_eq!(world.mia.send(as_json.json(&json!({ "socket_id": socket.id }))).await.json(), signed);
    socket.send(json!({ "event": "pusher:signin", "data": signed })).await;
    let answer = socket.frame().await;
    assert_eq!(
        (&answer["event"], &data(&answer)["user_data"]),
        (&json!("pusher:signin_success"), &signed["user_data"])
    );
    assert_eq!(socket.subscribe_with(&own, "").await["event"], "pusher_internal:subscription_succeeded");
    let others = format!("#server-to-user-{}", world.sam.id);
    assert_eq!(socket.subscribe_with(&others, "").await["event"], "pusher:subscription_error");
    assert_eq!(program.trigger(&own, "hello", "\"Mia\"").await.status, 200);
    assert_eq!(socket.frame().await["event"], "hello");
    assert_eq!(program.post(&format!("users/{}/terminate_connections", world.mia.id), &json!({})).await.status, 200);
    assert_eq!(socket.closed().await, 4009);

    let mut forged = Socket::open(&world.server).await;
    forged.send(json!({ "event": "pusher:signin", "data": signed })).await;
    assert_eq!(forged.frame().await["data"]["code"], 4009);
    assert_eq!(forged.closed().await, 4009);
}
