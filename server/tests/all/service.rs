//! Notices over an outside service. Here the hub of another Earshot is one, with the same people and rooms in it.

use std::sync::Arc;

use app::access::Viewer;
use app::entities::ROOM;
use earshot_hub::Keys;
use earshot_live::pusher::rest::Endpoint;
use earshot_live::store::Db;
use reqwest::{Method, StatusCode};
use serde_json::json;
use server::service::{Address, Api, Failure, Service};
use sqlx::query_scalar;

use crate::support::database::{self, Database, sqlite};
use crate::support::machines::ports::free_port;
use crate::support::on_both;
use crate::support::server::Server;
use crate::support::socket::{Socket, data};
use crate::support::timeout::until;
use crate::support::world::{self, World};

on_both!(
    a_commit_is_heard_at_the_service,
    what_the_service_did_not_take_is_sent_in_order_after_a_restart,
    who_loses_a_right_loses_the_connection_after_hearing_so,
);

async fn a_commit_is_heard_at_the_service(database: Database) {
    let service = World::new(sqlite()).await;
    let world = World::of(Server::over(&service.server, database).await).await;
    let mut mia = Socket::listening(&service.server, &service.mia, ROOM.object(service.open)).await;
    let id = world.olga.post(world.open, "Heard elsewhere").await;
    // The world's own beginnings may still be on their way.
    let frame = loop {
        let frame = mia.frame().await;
        if data(&frame)["id"] == id {
            break frame;
        }
    };
    assert_eq!(frame["event"], "posted");
}

async fn what_the_service_did_not_take_is_sent_in_order_after_a_restart(database: Database) {
    let service = World::new(sqlite()).await;
    let keys = service.server.keys.clone();
    let nobody = Arc::new(Service::new(Api::new(nowhere(), keys.clone()).unwrap()));
    let db = database::bare(&database, nobody.clone()).await;
    let owner = world::crowd(&db, "http://nowhere", 1).await.remove(0);
    let owner = Viewer::on_behalf(db.read(), owner.id).await.unwrap();
    let mut tx = db.begin("Owner").await.unwrap();
    let room = world::new_room(&mut tx, &owner, "Lounge", false).await;
    tx.commit().await.unwrap();
    assert_eq!(room, service.open, "the same room at both");
    left_by_a_later_version(&db).await;
    // It tries in vain all the while.
    let trying = tokio::spawn({
        let (db, nobody) = (db.clone(), nobody.clone());
        async move { nobody.send(&db).await }
    });
    let mut ids = Vec::new();
    for number in 0..25 {
        let mut tx = db.begin("Owner").await.unwrap();
        ids.push(world::say(&mut tx, &owner, room, &format!("Number {number}")).await);
        tx.commit().await.unwrap();
    }
    trying.abort();
    db.close().await;

    let mut mia = Socket::listening(&service.server, &service.mia, ROOM.object(service.open)).await;
    let there = Arc::new(Service::new(Api::new(service.server.address(), keys).unwrap()));
    let db = database::bare(&database, there.clone()).await;
    let sending = tokio::spawn(async move { there.send(&db).await });
    let mut heard = Vec::new();
    while heard.len() < ids.len() {
        let frame = mia.frame().await;
        assert_eq!(frame["event"], "posted");
        heard.push(data(&frame)["id"].as_i64().unwrap());
    }
    assert_eq!(heard, ids);
    sending.abort();
}

async fn who_loses_a_right_loses_the_connection_after_hearing_so(database: Database) {
    let service = World::new(sqlite()).await;
    let world = World::of(Server::over(&service.server, database).await).await;
    until("the world's own beginnings are sent", async || {
        let waiting: i64 = query_scalar("SELECT COUNT(*) FROM unsent").fetch_one(world.db().read()).await.unwrap();
        waiting == 0
    })
    .await;
    let mut mia = Socket::listening(&service.server, &service.mia, ROOM.object(service.closed)).await;
    let form = [("id", &*world.closed.to_string()), ("user", &*world.mia.id.to_string())];
    assert_eq!(world.olga.call("rooms/remove_member", &form).await.status, 200);
    world.olga.post(world.closed, "Among the others").await;
    assert_eq!(mia.frame().await["event"], "left");
    assert_eq!(mia.closed().await, 4009);
}

#[tokio::test]
async fn a_page_is_told_where_the_service_is_and_may_connect_there_only() {
    let service = Server::start(sqlite()).await;
    let world = World::of(Server::over(&service, sqlite()).await).await;
    let Endpoint { host, port, .. } = service.address().endpoint;
    let key = world.mia.get("/rest/pusher/key").await.json();
    assert_eq!((&key["host"], &key["port"], &key["tls"]), (&json!(host), &json!(port), &json!(false)));
    let page = world.mia.request(Method::GET, "/rooms").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains(&format!("connect-src 'self' ws://{host}:{port};")), "{policy}");
    let own_hub = world.mia.get(&format!("/app/{}?protocol=7", service.keys.key)).await;
    assert_eq!(own_hub.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_check_tells_wrong_keys_from_a_service_that_is_not_there() {
    let service = Server::start(sqlite()).await;
    let check = async |address, keys| Api::new(address, keys).unwrap().check().await;
    check(service.address(), service.keys.clone()).await.unwrap();
    let wrong = Keys { secret: "guessed".into(), ..service.keys.clone() };
    assert!(matches!(check(service.address(), wrong).await, Err(Failure::Keys(_))));
    assert!(matches!(check(nowhere(), service.keys.clone()).await, Err(Failure::Unreachable(_))));
}

/// An address at which nobody is.
fn nowhere() -> Address {
    let port = free_port();
    let endpoint = Endpoint { host: "127.0.0.1".into(), port, tls: false };
    Address { api: format!("http://127.0.0.1:{port}").parse().unwrap(), endpoint }
}

/// Leaves more than one batch of what a later version had to say, and this one cannot.
async fn left_by_a_later_version(db: &Db) {
    let mut tx = db.begin("Later").await.unwrap();
    for seq in 1..=12_i64 {
        let notice = "INSERT INTO notices (object, seq, action, entity, entity_id, changed, changed_by)
                      VALUES ('Wall.1', $1, 'painted', 'Wall', 1, 0, 'Later')";
        sqlx::query(notice).bind(seq).execute(tx.sql()).await.unwrap();
        let unsent = "INSERT INTO unsent (object, seq) VALUES ('Wall.1', $1)";
        sqlx::query(unsent).bind(seq).execute(tx.sql()).await.unwrap();
    }
    tx.commit().await.unwrap();
}
