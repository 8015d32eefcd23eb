//! What is committed beside a server, without a word, or without an answer.

use std::sync::Arc;

use app::database;
use app::entities::{EDITED, MESSAGE, ROOM};
use earshot_hub::Hub;
use earshot_live::store::APPLICATION;
use serde_json::json;

use crate::several::two;
use crate::support::cut::Line;
use crate::support::database::bare_at;
use crate::support::postgres;
use crate::support::server::Server;
use crate::support::socket::{Socket, data};
use crate::support::world::{World, say};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_commits_beside_the_servers_is_heard() {
    let (world, other) = two().await;
    let mut sam = Socket::listening(&other, &world.sam, ROOM.object(world.open)).await;
    let beside = bare_at(&world.server.state.config.database_url, Arc::new(Hub::default())).await;
    let mut tx = beside.begin(APPLICATION).await.unwrap();
    say(&mut tx, &world.viewer(&world.olga).await, world.open, "from a command").await;
    tx.commit().await.unwrap();
    assert_eq!(sam.frame().await["event"], "posted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_back_from_another_clusters_dump_counts_as_old() {
    let world = World::new(postgres::database().await).await;
    sqlx::query("UPDATE notices SET xid = '9000000000'").execute(world.db().read()).await.unwrap();
    let other = Server::beside(&world.server).await;
    let mut mia = Socket::listening(&other, &world.mia, ROOM.object(world.open)).await;
    let mut stays = Socket::listening(&other, &world.mia, ROOM.object(world.closed)).await;
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
    let silent = database::open(&world.server.state.config.database_url, 0, Arc::new(Hub::default())).await.unwrap();
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
        tx.notice(ROOM.object(world.open), EDITED, MESSAGE.object(world.open_message));
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
    let mut out = Socket::listening(&world.server, mia, ROOM.object(world.closed)).await;
    let mut hears = Socket::listening(&world.server, sam, ROOM.object(world.open)).await;

    let form = [("id", &*world.closed.to_string()), ("user", &*mia.id.to_string())];
    assert_eq!(mia.read(world.closed, &[world.closed_message]).await, ["Said among us"]);
    cut();
    assert_eq!(olga.call("rooms/remove_member", &form).await.status, 503);
    assert_eq!(out.frame().await["event"], "pusher:subscription_error");
    assert_eq!(olga.call("rooms/remove_member", &form).await.status, 404, "it was done the first time");
    let body = json!({ "room": world.closed, "ids": [world.closed_message] });
    assert_eq!(mia.call_json("messages/reload", body).await.status, 404);
    world.olga.post(world.closed, "without Mia").await;
    assert!(out.heard_so_far().await.is_empty());

    let form = [("room", &*world.open.to_string()), ("body", "once"), ("client_id", "one-form")];
    cut();
    assert_eq!(mia.call("messages/post", &form).await.status, 503);
    let posted = hears.frame().await;
    assert_eq!(posted["event"], "posted");
    let again = mia.call("messages/post", &form).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, data(&posted)["id"].clone()));
    assert!(hears.heard_so_far().await.is_empty());
}
