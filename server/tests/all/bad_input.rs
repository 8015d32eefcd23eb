//! Whatever is sent: a status, a sentence, nothing lost, and the server goes on.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::database::{Database, sqlite};
use crate::support::on_both;
use crate::support::person::{Answer, Person};
use crate::support::world::{PASSWORD, World};

on_both!(no_text_with_nul_gets_anywhere);

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

async fn raw(person: &Person, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
    person.send(person.request(Method::POST, path).header("content-type", kind).body(body)).await
}

/// After all of it: the server answers, and people can post.
pub async fn still_works(world: &World) {
    assert_eq!(world.anon.get("/up").await.status, StatusCode::OK);
    let id = world.mia.post(world.open, "still here").await;
    assert_eq!(world.sam.read(world.open, &[id]).await, ["still here"]);
}

#[tokio::test]
async fn a_message_that_cannot_be_accepted_is_refused_with_a_sentence() {
    let world = World::new(sqlite()).await;
    let table = [
        (String::new(), "write something"),
        (" \r\n\t ".into(), "write something"),
        ("x".repeat(10_001), "10001 characters"),
        ("ä".repeat(10_001), "10001 characters"),
        ("a\0b".into(), "NUL"),
        ("\u{200b}\u{2060}".into(), "write something"),
        ("\u{3164}\u{2800}\r\n".into(), "write something"),
    ];
    for (body, told) in table {
        let form = [("room", &*world.open.to_string()), ("body", &*body), ("client_id", "c")];
        let answer = world.mia.call("messages/post", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        assert!(answer.sentence().contains(told), "{}", answer.sentence());
    }
    for client_id in ["", &"x".repeat(65)] {
        let form = [("room", &*world.open.to_string()), ("body", "hello"), ("client_id", client_id)];
        assert_eq!(world.mia.call("messages/post", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let longest = "ä".repeat(10_000);
    let id = world.mia.post(world.open, &longest).await;
    assert_eq!(world.sam.read(world.open, &[id]).await, [longest]);
    still_works(&world).await;
}

#[tokio::test]
async fn what_is_no_form_and_no_json_is_refused_with_a_sentence() {
    let world = World::new(sqlite()).await;
    let mia = &world.mia;
    let bodies: [(&str, &str, Vec<u8>); 16] = [
        ("/api/messages/post", FORM, b"".into()),
        ("/api/messages/post", FORM, b"room=1".into()),
        ("/api/messages/post", FORM, b"room=one&body=x&client_id=c".into()),
        ("/api/messages/post", FORM, b"room=1&body=%ff%fe&client_id=c".into()),
        ("/api/messages/post", FORM, b"room=1&body=\xff\xfe&client_id=c".into()),
        ("/api/messages/post", FORM, b"room=99999999999999999999&body=x&client_id=c".into()),
        ("/api/messages/reload", "application/json", b"{".into()),
        ("/api/messages/reload", "application/json", b"{\"room\":1,\"ids\":\"all\"}".into()),
        ("/api/messages/reload", "application/json", b"\xff\xfe".into()),
        ("/api/messages/reload", "application/json", "[".repeat(100_000).into()),
        ("/rest/pusher/notices", JSON, b"{\"numbers\":[[\"Room.07\",0]]}".into()),
        ("/rest/pusher/auth", FORM, b"channel_name=private-Team.1".into()),
        ("/rest/pusher/auth", FORM, b"socket_id=abc&channel_name=private-Team.1".into()),
        ("/rest/pusher/auth", JSON, b"{\"socket_id\":7,\"channel_name\":\"private-Team.1\"}".into()),
        ("/rest/pusher/auth", JSON, b"[]".into()),
        ("/rest/pusher/user-auth", JSON, b"{}".into()),
    ];
    for (path, kind, body) in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = raw(mia, path, kind, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {shown} {answer:?}");
        assert!(!answer.sentence().is_empty(), "{path} {shown}");
    }
    still_works(&world).await;
}

#[tokio::test]
async fn unknown_ids_are_not_found() {
    let world = World::new(sqlite()).await;
    for id in ["0", "-1", "987654321", "9223372036854775807"] {
        assert_eq!(world.ada.call("messages/delete", &[("id", id)]).await.status, StatusCode::NOT_FOUND, "{id}");
        assert_eq!(world.ada.call("rooms/get", &[("id", id)]).await.status, StatusCode::NOT_FOUND, "{id}");
        assert_eq!(world.ada.get(&format!("/rooms/{id}")).await.status, StatusCode::NOT_FOUND, "{id}");
    }
    for path in ["/rooms/abc", "/rooms/9999999999999999999999", "/rooms/1/nothing", "/%ff", "/nothing"] {
        assert_eq!(world.ada.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for person in [&world.ada, &world.anon] {
        let page = person.get("/nothing").await.body;
        assert!(page.contains("<title>Not found · Earshot</title>"), "{page}");
    }
    let ids: Vec<i64> = (1..=201).collect();
    let answer = world.mia.call_json("messages/reload", json!({ "room": world.open, "ids": ids })).await;
    assert_eq!((answer.status, answer.sentence().contains("200")), (StatusCode::UNPROCESSABLE_ENTITY, true));
    still_works(&world).await;
}

#[tokio::test]
async fn a_number_that_no_object_has_reached_is_answered_with_the_one_that_it_has() {
    let world = World::new(sqlite()).await;
    for number in [i64::MAX, i64::MAX - 1, i64::MIN, -1] {
        let answer = world.mia.catch_up([("Team.1", number)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{number}: {answer:?}");
        assert!(answer.json()["Team.1"]["Ok"]["too_old"]["seq"].is_i64(), "{number}: {answer:?}");
    }
    still_works(&world).await;
}

#[tokio::test]
async fn what_is_too_large_is_not_read() {
    let world = World::new(sqlite()).await;
    let large = format!("room={}&client_id=c&body={}", world.open, "x".repeat(1024 * 1024));
    let answer = raw(&world.mia, "/api/messages/post", FORM, large.clone()).await;
    assert_eq!((answer.status, answer.sentence().contains("256 KiB")), (StatusCode::PAYLOAD_TOO_LARGE, true));
    let answer = raw(&world.mia, "/rest/pusher/auth", FORM, large).await;
    assert!(answer.status.is_client_error() && !answer.sentence().is_empty(), "{answer:?}");
    let million: Vec<i64> = (1..=1_000_000).collect();
    let answer = world.mia.call_json("messages/reload", json!({ "room": world.open, "ids": million })).await;
    assert_eq!((answer.status, answer.sentence().contains("256 KiB")), (StatusCode::PAYLOAD_TOO_LARGE, true));
    still_works(&world).await;
}

#[tokio::test]
async fn an_unknown_function_and_another_method_are_refused() {
    let world = World::new(sqlite()).await;
    let unknown = world.mia.call("messages/explode", &[]).await;
    assert_eq!((unknown.status, unknown.sentence().is_empty()), (StatusCode::NOT_FOUND, false));
    assert_eq!(world.mia.get("/api/messages/post").await.status, StatusCode::METHOD_NOT_ALLOWED);
    still_works(&world).await;
}

#[tokio::test]
async fn a_cookie_that_is_stale_or_made_up_is_nobodys() {
    let world = World::new(sqlite()).await;
    for cookie in ["earshot=AAAAAAAAAAAAAAAAAAAAAA", "earshot=", "earshot=%ff", "earshot=' OR 1=1 --", "earshot"] {
        let request = world.anon.request(Method::POST, "/api/people/me").header("cookie", cookie);
        assert_eq!(world.anon.send(request).await.status, StatusCode::UNAUTHORIZED, "{cookie}");
        let request = world.anon.request(Method::GET, "/rooms").header("cookie", cookie);
        assert_eq!(world.anon.send(request).await.location.as_deref(), Some("/sign-in?next=%2Frooms"), "{cookie}");
    }
    still_works(&world).await;
}

#[tokio::test]
async fn another_site_cannot_write() {
    let world = World::new(sqlite()).await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        for path in ["/api/people/sign_out", "/rest/pusher/auth"] {
            let answer = world.mia.send(world.mia.request(Method::POST, path).header(name, value)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {name}: {value}");
            assert!(answer.sentence().contains("another site"));
        }
    }
    still_works(&world).await;
}

#[tokio::test]
async fn markup_in_a_name_or_a_message_stays_text() {
    const MARKUP: &str = "</title></textarea></script><img src=x onerror=alert(1)>";
    let world = World::new(sqlite()).await;
    let room = world.mia.call("rooms/create", &[("name", MARKUP)]).await.json();
    let id = world.mia.post(room.as_i64().unwrap(), MARKUP).await;
    for path in [
        format!("/rooms/{room}"),
        format!("/rooms/{room}?edit={id}"),
        format!("/rooms/{room}/settings"),
        "/rooms".into(),
    ] {
        let page = world.mia.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("&lt;img src=x") && !page.body.contains("<img"), "{path}");
    }
}

async fn no_text_with_nul_gets_anywhere(database: Database) {
    let world = World::new(database).await;
    let (room, token) = (world.open.to_string(), world.join_token().await);
    let (message, file) = (world.open_message.to_string(), world.mia.upload(world.open, "a.txt", "a").await.json());
    let calls: [(&str, &[(&str, &str)]); 16] = [
        ("people/sign_in", &[("email", "mia\0@example.org"), ("password", PASSWORD)]),
        ("people/sign_in", &[("email", "mia@example.org"), ("password", "a\0b")]),
        ("people/sign_up", &[("name", "N\0"), ("email", "n@example.org"), ("password", PASSWORD), ("join", &token)]),
        ("people/sign_up", &[("name", "N"), ("email", "n\0@example.org"), ("password", PASSWORD), ("join", &token)]),
        ("people/sign_up", &[("name", "N"), ("email", "n@example.org"), ("password", PASSWORD), ("join", "\0")]),
        ("join_link/admits", &[("token", "a\0b")]),
        ("resets/ask", &[("email", "mia\0@example.org")]),
        ("resets/check", &[("token", "a\0b")]),
        ("profiles/save", &[("name", "Mia"), ("about", "a\0b")]),
        ("rooms/create", &[("name", "a\0b")]),
        ("messages/post", &[("room", &room), ("body", "a\0b"), ("client_id", "c")]),
        ("messages/post", &[("room", &room), ("body", "a"), ("client_id", "a\0b")]),
        ("messages/edit", &[("id", &message), ("body", "a\0b")]),
        ("search/messages", &[("q", "a\0b")]),
        ("search/anything", &[("q", "a\0b")]),
        ("reactions/toggle", &[("message", &message), ("emoji", "\0")]),
    ];
    for (function, form) in calls {
        let answer = world.mia.call(function, form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{function} {form:?}: {answer:?}");
        assert!(answer.sentence().contains("NUL"), "{function}: {answer:?}");
    }
    let found = world.ada.call("accounts/page", &[("search", "a\0b"), ("page", "0")]).await;
    assert!(found.sentence().contains("NUL"), "{found:?}");
    let json = json!({ "room": world.open, "ids": [1], "more": "a\0b" });
    assert!(world.mia.call_json("messages/reload", json).await.sentence().contains("NUL"));
    for path in [
        "/people?search=a%00".into(),
        "/search?q=a%00b".into(),
        "/join/a%00".into(),
        "/reset/a%00".into(),
        "/sign-in?next=%00".into(),
        format!("/files/{}?a=%00", file["id"]),
    ] {
        let answer = world.ada.get(&path).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(answer.sentence().contains("NUL"), "{path}");
    }
    let named = world.mia.upload(world.open, "a\0b.txt", "a").await;
    assert_eq!(named.status, StatusCode::UNPROCESSABLE_ENTITY, "{named:?}");
    still_works(&world).await;
}
