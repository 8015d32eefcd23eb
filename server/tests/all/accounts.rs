//! What administrators do about people.

use app::entities::ROOM;
use earshot_live::pusher::channel;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::query_scalar;

use crate::support::database::Database;
use crate::support::on_both;
use crate::support::person::{Answer, Person};
use crate::support::socket::Socket;
use crate::support::world::{World, crowd};

on_both!(
    an_administrator_is_made_and_unmade_and_the_last_one_stays,
    of_two_administrators_who_put_each_other_out_one_stays,
    of_two_administrators_who_put_each_other_out_only_one_does,
    people_are_found_by_name_and_address_page_by_page,
);

async fn set_admin(person: &Person, user: i64, given: bool) -> Answer {
    person.call("accounts/set_admin", &[("user", &user.to_string()), ("given", &given.to_string())]).await
}

async fn an_administrator_is_made_and_unmade_and_the_last_one_stays(database: Database) {
    let world = World::new(database).await;
    let last = set_admin(&world.ada, world.ada.id, false).await;
    assert_eq!(last.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(last.sentence().contains("last administrator"), "{last:?}");
    assert_eq!(set_admin(&world.ada, world.sam.id, true).await.status, StatusCode::OK);
    let room = world.closed.to_string();
    assert_eq!(world.sam.call("rooms/get", &[("id", &room)]).await.status, StatusCode::OK);
    let mut socket = Socket::listening(&world.server, &world.sam, ROOM.object(world.closed)).await;
    socket.subscribe(&world.sam, ROOM.object(world.open)).await;
    assert_eq!(set_admin(&world.ada, world.sam.id, false).await.status, StatusCode::OK);
    // What the role gave is over at once, and nothing else.
    let refused = socket.frame().await;
    assert_eq!(refused["event"], "pusher:subscription_error");
    assert_eq!(refused["channel"], channel::of(ROOM.object(world.closed)));
    world.mia.post(world.closed, "Not for Sam").await;
    world.mia.post(world.open, "For everybody").await;
    let heard = socket.frame().await;
    assert_eq!((&heard["event"], &heard["channel"]), (&json!("posted"), &json!(channel::of(ROOM.object(world.open)))));
    assert_eq!(world.sam.call("rooms/get", &[("id", &room)]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(set_admin(&world.ada, 987_654_321, true).await.status, StatusCode::NOT_FOUND);
}

async fn of_two_administrators_who_put_each_other_out_one_stays(database: Database) {
    let world = World::new(database).await;
    for function in ["accounts/set_admin", "accounts/set_active"] {
        set_admin(&world.ada, world.sam.id, true).await;
        let out = async |by: &Person, other: &Person| {
            let user = other.id.to_string();
            by.call(function, &[("user", &user), ("given", "false"), ("active", "false")]).await.status
        };
        let (one, other) = tokio::join!(out(&world.ada, &world.sam), out(&world.sam, &world.ada));
        let count = "SELECT COUNT(*) FROM users WHERE admin = 1 AND active = 1";
        let left: i64 = query_scalar(count).fetch_one(world.db().read()).await.unwrap();
        assert_eq!(left, 1, "{function}: {one} {other}");
        if world.ada.call("accounts/get", &[("user", "1")]).await.status != StatusCode::OK {
            // Ada lost: the rest is for her.
            let (user, sam) = (world.ada.id, &world.sam);
            set_admin(sam, user, true).await;
        }
    }
}

/// There are others: it is not the last administrator that is in the way.
async fn of_two_administrators_who_put_each_other_out_only_one_does(database: Database) {
    let world = World::new(database).await;
    let (ada, sam, olga) = (&world.ada, &world.sam, &world.olga);
    set_admin(ada, olga.id, true).await;
    for round in 0..20 {
        set_admin(olga, ada.id, true).await;
        set_admin(olga, sam.id, true).await;
        let (one, other) = tokio::join!(set_admin(ada, sam.id, false), set_admin(sam, ada.id, false));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403], "{round}");
    }
    let set_active = async |by: &Person, user: i64, active: bool| {
        let form = [("user", &*user.to_string()), ("active", &*active.to_string())];
        by.call("accounts/set_active", &form).await.status.as_u16()
    };
    for round in 0..20 {
        for person in [ada, sam] {
            set_active(olga, person.id, true).await;
            set_admin(olga, person.id, true).await;
        }
        // Who was put out was signed out.
        let [(ada, _), (sam, _)] = [world.elsewhere(ada).await, world.elsewhere(sam).await];
        let (one, other) = tokio::join!(set_active(&ada, sam.id, false), set_active(&sam, ada.id, false));
        assert!([(200, 401), (401, 200)].contains(&(one, other)), "{round}: {one} {other}");
    }
}

async fn found(person: &Person, search: &str, page: &str) -> (Vec<String>, i64) {
    let answer = person.call("accounts/page", &[("search", search), ("page", page)]).await.json();
    let name = |account: &Value| account["person"]["name"].as_str().unwrap().to_owned();
    (answer["accounts"].as_array().unwrap().iter().map(name).collect(), answer["count"].as_i64().unwrap())
}

async fn people_are_found_by_name_and_address_page_by_page(database: Database) {
    let world = World::new(database).await;
    crowd(world.db(), &world.server.url, 100).await;
    let (first, count) = found(&world.ada, "", "0").await;
    assert_eq!((first.len(), count), (50, 105));
    let (last, _) = found(&world.ada, "", "2").await;
    assert_eq!(last.len(), 5);
    assert!(last.iter().all(|name| !first.contains(name)));
    assert_eq!(found(&world.ada, " LISTENER7", "0").await.1, 11);
    assert_eq!(found(&world.ada, "mia@example", "0").await.0, ["Mia"]);
    world.ada.call("profiles/save", &[("name", "E\u{301}mile"), ("about", "")]).await;
    for search in ["émile", "ÉMILE", "emi", "e\u{301}m"] {
        assert_eq!(found(&world.ada, search, "0").await.1, 1, "{search}");
    }
    // What means something in patterns stands for itself.
    for search in ["%", "_", "!", "'", "\\", "i%a"] {
        assert_eq!(found(&world.ada, search, "0").await.1, 0, "{search}");
    }
    let long = "x".repeat(101);
    let answer = world.ada.call("accounts/page", &[("search", &long), ("page", "0")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}
