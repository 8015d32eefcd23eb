//! Whatever is sent: a status, a sentence, nothing lost, and the server goes on.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::json;

use crate::support::database::{CACHE, Database, sqlite};
use crate::support::on_both;
use crate::support::person::{Answer, Person};
use crate::support::server::Server;
use crate::support::world::{PASSWORD, World};

on_both!(no_text_with_nul_gets_anywhere);

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

async fn raw(person: &Person, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
    person.send(person.request(Method::POST, path).header("content-type", kind).body(body)).await
}

/// After all of it: the server answers, and people can post.
async fn still_works(world: &World) {
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
async fn a_refused_form_without_javascript_shows_its_page_with_what_was_typed() {
    let world = World::new(sqlite()).await;
    let typed = format!("<script>\"&'{}", "x".repeat(10_000));
    let room = world.open.to_string();
    let page = format!("/rooms/{room}");
    let form = [("room", &*room), ("client_id", "c"), ("body", &*typed), ("from", &*page)];
    let answer = world.mia.form("messages/post", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("role=\"alert\"") && answer.body.contains("10000 is the most"), "no sentence");
    assert!(answer.body.contains("&lt;script&gt;"), "what was typed is gone, or not escaped");
    assert!(!answer.body.contains("<script>\"&"), "what was typed is not escaped");

    let form = [("email", "mia@example.org"), ("password", "hunter2hunter2"), ("from", "/sign-in")];
    let answer = world.anon.form("people/sign_in", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("value=\"mia@example.org\"") && !answer.body.contains("hunter2"));

    let all_is_well = [("room", &*room), ("client_id", "d"), ("body", "hello"), ("from", &*page)];
    let answer = world.mia.form("messages/post", &all_is_well).await;
    assert_eq!((answer.status, answer.location), (StatusCode::FOUND, Some(page)));
    still_works(&world).await;
}

#[tokio::test]
async fn a_form_without_javascript_that_cannot_be_read_is_answered_with_a_page() {
    let server = Server::start_with(sqlite(), "https://chat.example.org", CACHE).await;
    let world = World::of(server).await;
    let page = async |request: RequestBuilder| {
        let answer = world.anon.send(request.header("accept", "text/html,*/*;q=0.8")).await;
        assert!(answer.body.starts_with("<!DOCTYPE html>"), "{answer:?}");
        (answer.status.as_u16(), answer.body)
    };
    let post = || world.anon.request(Method::POST, "/api/people/sign_in");
    let (status, told) = page(post().form(&[("email", "x".repeat(1024 * 1024))])).await;
    assert!(status == 413 && told.contains("256 KiB"), "{told}");
    let (status, told) = page(post().form(&[("email", "a\0b")])).await;
    assert!(status == 422 && told.contains("NUL"), "{told}");
    let (status, told) = page(post().form(&[("email", "a"), ("password", PASSWORD), ("from", "/join/%00")])).await;
    assert!(told.contains(r#"data-from="/""#), "{status}: {told}");
    let (status, told) = page(world.anon.request(Method::GET, "/search?q=a%00b")).await;
    assert!(status == 422 && told.contains("NUL"), "{told}");
    let (status, told) = page(post().header("origin", "http://chat.example.org")).await;
    assert!(status == 403 && told.contains("Please go to https://chat.example.org/ instead"), "{told}");
    let (status, told) = page(post().header("sec-fetch-site", "cross-site")).await;
    assert!(status == 403 && told.contains("another site"), "{told}");
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

#[tokio::test]
async fn a_form_of_somebody_who_was_signed_out_meanwhile_leads_to_signing_in() {
    let world = World::new(sqlite()).await;
    let text = "written\nin vain <b>";
    let kept = "name=\"body\" value=\"written\nin vain &lt;b&gt;\"";
    let (room, message) = (world.open.to_string(), world.open_message.to_string());
    for (function, about) in
        [("messages/post", [("room", &*room), ("client_id", "c")]), ("messages/edit", [("id", &message), ("c", "")])]
    {
        let form = [&about[..], &[("body", text), ("from", "/rooms/1")]].concat();
        let answer = world.anon.form(function, &form).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{function}");
        let page = answer.html();
        assert!(page.contains("written\nin vain &lt;b&gt;</textarea>"), "{function}: what was written is lost: {page}");
        assert!(page.contains(kept), "{function}: it is not taken along: {page}");
        assert!(page.contains("name=\"next\" value=\"/rooms/1\""), "{function}: the way back is lost: {page}");
    }
    // A wrong password takes nothing of it, however often.
    let from = "/sign-in?next=%2Frooms%2F1";
    let form = [("email", "mia@example.org"), ("password", "wrong horse"), ("from", from), ("body", text)];
    let answer = world.anon.form("people/sign_in", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.html();
    assert!(page.contains("password is wrong") && page.contains(kept), "{page}");
    assert!(page.contains("written\nin vain &lt;b&gt;</textarea>"), "what was written is lost: {page}");
    // Who has written nothing has nothing to take along.
    let answer = world.anon.form("messages/delete", &[("id", "1"), ("from", "/rooms/1")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("name=\"email\"") && !answer.body.contains("What you wrote"), "{}", answer.body);
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
