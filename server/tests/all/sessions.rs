//! Where people are signed in: seen by them and by administrators, and ended.

use app::entities::EVERYONE;
use earshot_live::timestamp::Timestamp;
use reqwest::header::USER_AGENT;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use sqlx::{query, query_as, query_scalar};

use crate::support::database::{Database, sqlite};
use crate::support::on_both;
use crate::support::person::Person;
use crate::support::socket::Socket;
use crate::support::timeout::until;
use crate::support::world::{PASSWORD, World};

on_both!(
    a_session_shows_its_device_and_ends_with_its_sockets,
    everywhere_else_is_signed_out_and_this_browser_is_not,
    the_use_of_a_session_is_noted_now_and_then,
    a_session_that_expires_ends_its_sockets_at_once,
    a_session_that_is_used_goes_on,
    two_sessions_that_end_each_other_end_one_after_the_other,
);

#[tokio::test]
async fn what_somebody_has_seen_is_not_kept_for_whoever_comes_next() {
    let world = World::new(sqlite()).await;
    let room = format!("/rooms/{}", world.open);
    for (method, path) in
        [(Method::GET, &*room), (Method::GET, "/me"), (Method::GET, "/nothing"), (Method::POST, "/api/people/me")]
    {
        let answer = world.mia.request(method, path).send().await.unwrap();
        let kept = answer.headers().get("cache-control").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(kept.as_deref(), Some("no-store"), "{path}");
    }
    // Files are asked for anew each time, and pictures of people have an address for each.
    let file = world.mia.upload(world.open, "a.txt", "a").await.json();
    let answer = world.mia.request(Method::GET, &format!("/files/{}", file["id"])).send().await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "private, no-cache");
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

/// Mia with a Firefox, behind a proxy.
async fn with_firefox(world: &World) -> Person {
    let person = Person::anonymous(&world.server.url);
    let form = [("email", "mia@example.org"), ("password", PASSWORD)];
    let request = person.request(Method::POST, "/api/people/sign_in").header(USER_AGENT, FIREFOX);
    assert_eq!(person.send(request.header("x-forwarded-for", "192.0.2.7").form(&form)).await.status, StatusCode::OK);
    person
}

async fn list(person: &Person, form: &[(&str, &str)]) -> Vec<Value> {
    person.call("sessions/list", form).await.json()["sessions"].as_array().unwrap().clone()
}

async fn a_session_shows_its_device_and_ends_with_its_sockets(database: Database) {
    let world = World::new(database).await;
    let firefox = with_firefox(&world).await;
    let mut socket = Socket::listening(&world.server, &firefox, EVERYONE).await;
    let seen = list(&world.mia, &[]).await;
    let seen: Vec<_> = seen.iter().filter(|session| session["this"] == false).collect();
    assert_eq!(
        (seen.len(), &seen[0]["device"], &seen[0]["address"]),
        (1, &"Firefox on Linux".into(), &"192.0.2.7".into())
    );
    // An administrator sees the same.
    let user = world.mia.id.to_string();
    assert_eq!(list(&world.ada, &[("user", &user)]).await.len(), 2);
    let end = async |person: &Person| person.call("sessions/end", &[("id", &seen[0]["id"].to_string())]).await.status;
    assert_eq!(end(&world.sam).await, StatusCode::NOT_FOUND);
    assert_eq!(firefox.call("people/me", &[]).await.status, StatusCode::OK);
    assert_eq!(end(&world.ada).await, StatusCode::OK);
    assert_eq!(socket.closed().await, 4009);
    assert_eq!(firefox.call("people/me", &[]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(end(&world.mia).await, StatusCode::NOT_FOUND);
    assert_eq!(world.mia.call("people/me", &[]).await.status, StatusCode::OK);
}

async fn everywhere_else_is_signed_out_and_this_browser_is_not(database: Database) {
    let world = World::new(database).await;
    let (firefox, sam) = (with_firefox(&world).await, &world.sam);
    let mut socket = Socket::listening(&world.server, &firefox, EVERYONE).await;
    assert_eq!(world.mia.call("sessions/end_others", &[]).await.status, StatusCode::OK);
    assert_eq!(socket.closed().await, 4009);
    assert_eq!(firefox.call("people/me", &[]).await.status, StatusCode::UNAUTHORIZED);
    for person in [&world.mia, sam] {
        assert_eq!(person.call("people/me", &[]).await.status, StatusCode::OK);
    }
    assert_eq!(list(&world.mia, &[]).await.len(), 1);
}

async fn the_use_of_a_session_is_noted_now_and_then(database: Database) {
    let world = World::new(database).await;
    let forget = async || {
        let mut tx = world.db().begin("the clock").await.unwrap();
        let old = query("UPDATE sessions SET used = 0, address = '' WHERE user_id = $1").bind(world.mia.id);
        old.execute(tx.sql()).await.unwrap();
        tx.commit().await.unwrap();
    };
    let noted = async || -> (i64, String) {
        let sql = query_as("SELECT used, address FROM sessions WHERE user_id = $1").bind(world.mia.id);
        sql.fetch_one(world.db().read()).await.unwrap()
    };
    forget().await;
    world.mia.call("people/me", &[]).await;
    until("the use is noted", async || noted().await.0 != 0).await;
    assert_eq!(noted().await.1, "127.0.0.1");
    // Not at the next request, whatever stands there: it was noted a moment ago.
    forget().await;
    for _ in 0..20 {
        world.mia.call("people/me", &[]).await;
    }
    assert_eq!(noted().await.0, 0);
}

async fn set(world: &World, sql: &'static str, value: i64) {
    let mut tx = world.db().begin("the clock").await.unwrap();
    query(sql).bind(value).bind(world.mia.id).execute(tx.sql()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_session_that_expires_ends_its_sockets_at_once(database: Database) {
    let world = World::new(database).await;
    let mut socket = Socket::listening(&world.server, &world.mia, EVERYONE).await;
    let mut stays = Socket::listening(&world.server, &world.sam, EVERYONE).await;
    set(&world, "UPDATE sessions SET expires = $1 WHERE user_id = $2", Timestamp::now().0).await;
    assert_eq!(socket.closed().await, 4009);
    assert!(stays.heard_so_far().await.is_empty());
    assert_eq!(world.mia.call("people/me", &[]).await.status, StatusCode::UNAUTHORIZED);
}

async fn a_session_that_is_used_goes_on(database: Database) {
    const HOUR: i64 = 60 * 60 * 1_000_000;
    let world = World::new(database).await;
    set(&world, "UPDATE sessions SET used = 0, expires = $1 WHERE user_id = $2", Timestamp::now().0 + HOUR).await;
    let answer = world.mia.request(Method::POST, "/api/people/me").send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("Max-Age=2592000"), "{cookie}");
    let expires: i64 = query_scalar("SELECT expires FROM sessions WHERE user_id = $1")
        .bind(world.mia.id)
        .fetch_one(world.db().read())
        .await
        .unwrap();
    assert!(expires > Timestamp::now().0 + 29 * 24 * HOUR);
}

async fn two_sessions_that_end_each_other_end_one_after_the_other(database: Database) {
    let world = World::new(database).await;
    for round in 0..20 {
        let ((one, id_of_one), (other, id_of_other)) =
            (world.elsewhere(&world.mia).await, world.elsewhere(&world.mia).await);
        let end =
            async |by: &Person, id: i64| by.call("sessions/end", &[("id", &id.to_string())]).await.status.as_u16();
        let (first, second) = tokio::join!(end(&one, id_of_other), end(&other, id_of_one));
        assert!([(200, 401), (401, 200)].contains(&(first, second)), "{round}: {first} {second}");
    }
}

#[tokio::test]
async fn a_page_of_one_person_does_nothing_as_another() {
    let world = World::new(sqlite()).await;
    let room = world.open.to_string();
    for (page_of, status) in [(&world.sam, StatusCode::UNAUTHORIZED), (&world.mia, StatusCode::OK)] {
        let asks = |method, path: &str| world.mia.request(method, path).header("earshot-as", page_of.id);
        let form = [("room", &*room), ("body", "a word"), ("client_id", "one")];
        let posted = world.mia.send(asks(Method::POST, "/api/messages/post").form(&form)).await;
        let key = world.mia.send(asks(Method::GET, "/rest/pusher/key")).await;
        assert_eq!(posted.status, status, "{posted:?}");
        assert_eq!(key.json()["kind"] == "signed_out", status == StatusCode::UNAUTHORIZED, "{key:?}");
        let words: i64 = query_scalar("SELECT COUNT(*) FROM messages WHERE body = 'a word'")
            .fetch_one(world.db().read())
            .await
            .unwrap();
        assert_eq!(words, i64::from(status == StatusCode::OK));
    }
}
