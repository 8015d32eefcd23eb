//! Two servers on one PostgreSQL are one to those who use them.

mod commits;
mod sockets;
mod work;

use std::sync::Arc;

use app::access::Held;
use app::database;
use app::entities::ROOM;
use app::rooms::store as rooms;
use earshot_hub::Hub;
use earshot_live::pusher::channel;
use serde_json::{Value, json};

use crate::support::database::CACHE;
use crate::support::person::Person;
use crate::support::postgres;
use crate::support::program::Program;
use crate::support::server::Server;
use crate::support::socket::{Heard, Socket, data};
use crate::support::timeout::until;
use crate::support::world::World;

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
    let room = ROOM.object(world.open);
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
    let room = ROOM.object(world.closed);
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
async fn a_signature_from_before_opens_nothing_once_somebody_else_has_taken_the_right_away() {
    let (world, other) = two().await;
    let channel = channel::of(ROOM.object(world.closed));
    let mut mia = Socket::open(&other).await;
    let auth = world.mia.at(&other.url).authorise(&mia.id, &channel).await.json()["auth"].as_str().unwrap().to_owned();
    // It tells the servers nothing: they find it when they look.
    let quiet = database::open(&world.server.state.config.database_url, CACHE, Arc::new(Hub::default())).await.unwrap();
    let olga = world.viewer(&world.olga).await;
    let mut tx = quiet.begin("Olga").await.unwrap();
    let room = Held::room_write(&mut tx, &olga, world.closed).await.unwrap();
    rooms::remove_member(&mut tx, &room, world.mia.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(mia.subscribe_with(&channel, &auth).await["event"], "pusher:subscription_error");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_on_one_closes_its_sockets_on_the_other() {
    let (world, other) = two().await;
    let again = Person::sign_in(&other.url, world.mia.id, "Mia").await;
    let mut ends = Socket::listening(&other, &world.mia, ROOM.object(world.open)).await;
    let mut stays = Socket::listening(&other, &again, ROOM.object(world.open)).await;
    assert_eq!(world.mia.call("people/sign_out", &[]).await.status, 200);
    assert_eq!(ends.closed().await, 4009);
    assert!(stays.heard_so_far().await.is_empty());
    assert_eq!(world.mia.at(&other.url).call("people/me", &[]).await.status, 401);
    assert_eq!(again.call("people/me", &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_present_on_one_is_present_on_the_other() {
    let (world, mut other) = two().await;
    let room = ROOM.object(world.open);
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

    let mut mia = Socket::listening(&other, &world.mia, ROOM.object(world.open)).await;
    let ended = here.post(&format!("users/{}/terminate_connections", world.mia.id), &Value::Null).await;
    assert_eq!(ended.status, 200);
    assert_eq!(mia.next().await, Heard::Closed(4009));
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
