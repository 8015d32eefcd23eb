//! Accounts and sessions; passwords.rs has what is about these.

use app::people::MIN_PASSWORD;
use app::people::store::{self, NewPerson};
use reqwest::{Method, StatusCode};
use sqlx::query_scalar;

use crate::support::database::{CACHE, Database, sqlite};
use crate::support::on_both;
use crate::support::person::{Answer, Person};
use crate::support::server::Server;
use crate::support::world::{PASSWORD, World};

on_both!(
    of_two_first_visitors_one_becomes_the_administrator,
    a_session_ends_with_signing_out,
    the_session_table_does_not_hold_what_the_cookie_holds,
    an_address_is_used_once,
    a_form_that_was_sent_twice_makes_one_account_and_signs_in_twice,
);

async fn sign_up(person: &Person, email: &str) -> Answer {
    person.call("people/sign_up", &[("name", "New"), ("email", email), ("password", PASSWORD)]).await
}

pub async fn join_as(person: &Person, email: &str, join: &str) -> Answer {
    let form = [("name", "New"), ("email", email), ("password", PASSWORD), ("join", join)];
    person.call("people/sign_up", &form).await
}

async fn of_two_first_visitors_one_becomes_the_administrator(database: Database) {
    let server = Server::start(database).await;
    let visitors = (0..10).map(|n| {
        let db = server.db().clone();
        // Past the hashing of passwords, which would let them through one after the other.
        tokio::spawn(async move {
            let new = NewPerson::check("New", &format!("visitor{n}@example.org")).unwrap();
            let mut tx = db.begin("New").await.unwrap();
            let admin = store::first(&mut tx).await.unwrap();
            store::add(&mut tx, &new, "no hash", admin).await.unwrap();
            tx.commit().await.unwrap();
        })
    });
    for visitor in visitors.collect::<Vec<_>>() {
        visitor.await.unwrap();
    }
    let count = "SELECT COUNT(*) FROM users WHERE admin = 1";
    assert_eq!(query_scalar::<_, i64>(count).fetch_one(server.db().read()).await.unwrap(), 1);
}

#[tokio::test]
async fn the_first_visitor_is_the_administrator_and_the_second_is_not() {
    let server = Server::start(sqlite()).await;
    let [first, second] = [(); 2].map(|()| Person::anonymous(&server.url));
    assert_eq!(sign_up(&first, "ada@example.org").await.status, StatusCode::OK);
    let link = first.call("join_link/get", &[]).await.json();
    let join = link["url"].as_str().unwrap().rsplit('/').next().unwrap();
    assert_eq!(join_as(&second, "bob@example.org", join).await.status, StatusCode::OK);
    for (person, admin) in [(first, true), (second, false)] {
        assert_eq!(person.call("people/me", &[]).await.json()["admin"], admin);
    }
}

/// What the server asks the browser to keep, in answer to signing in.
async fn cookie(server: &Server) -> String {
    let person = Person::anonymous(&server.url);
    sign_up(&person, "ada@example.org").await;
    let form = [("email", "ada@example.org"), ("password", PASSWORD)];
    let response = person.request(Method::POST, "/api/people/sign_in").form(&form).send().await.unwrap();
    response.headers()["set-cookie"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let cookie = cookie(&Server::start(sqlite()).await).await;
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure() {
    let cookie = cookie(&Server::start_with(sqlite(), "https://chat.example.org", CACHE).await).await;
    assert!(cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn at_a_port_the_cookie_has_its_number() {
    let cookie = cookie(&Server::start_with(sqlite(), "http://127.0.0.1:3001", CACHE).await).await;
    assert!(cookie.starts_with("earshot-3001="), "{cookie}");
}

#[tokio::test]
async fn who_would_sign_in_without_encryption_is_told_where_there_is_some() {
    let server = Server::start_with(sqlite(), "https://chat.example.org", CACHE).await;
    let person = Person::anonymous(&server.url);
    let request = person.request(Method::POST, "/api/people/sign_in").header("origin", "http://chat.example.org");
    let refused = person.send(request.form(&[("email", "ada@example.org"), ("password", PASSWORD)])).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let told = refused.sentence();
    assert!(told.contains("not encrypted") && told.contains("https://chat.example.org"), "{told}");
}

fn value(cookie: &str) -> &str {
    cookie.split(';').next().unwrap()
}

/// Asks who one is with just this cookie.
async fn me(server: &Server, cookie: &str) -> StatusCode {
    let person = Person::anonymous(&server.url);
    person.send(person.request(Method::POST, "/api/people/me").header("cookie", cookie)).await.status
}

#[tokio::test]
async fn signing_in_gives_the_session_a_new_id() {
    let server = Server::start(sqlite()).await;
    let planted = cookie(&server).await;
    let person = Person::anonymous(&server.url);
    let form = [("email", "ada@example.org"), ("password", PASSWORD)];
    let request = person.request(Method::POST, "/api/people/sign_in").header("cookie", value(&planted)).form(&form);
    let response = request.send().await.unwrap();
    let given = response.headers()["set-cookie"].to_str().unwrap();
    assert_ne!(value(given), value(&planted));
    assert_eq!(me(&server, value(&planted)).await, StatusCode::UNAUTHORIZED);
    assert_eq!(me(&server, value(given)).await, StatusCode::OK);
}

async fn a_session_ends_with_signing_out(database: Database) {
    let server = Server::start(database).await;
    let cookie = cookie(&server).await;
    assert_eq!(me(&server, value(&cookie)).await, StatusCode::OK);
    let person = Person::anonymous(&server.url);
    let out = person.request(Method::POST, "/api/people/sign_out").header("cookie", value(&cookie));
    assert_eq!(person.send(out).await.status, StatusCode::OK);
    assert_eq!(me(&server, value(&cookie)).await, StatusCode::UNAUTHORIZED);
}

async fn the_session_table_does_not_hold_what_the_cookie_holds(database: Database) {
    let server = Server::start(database).await;
    let cookie = cookie(&server).await;
    let id = value(&cookie).split_once('=').unwrap().1;
    let keys: Vec<String> = query_scalar("SELECT key FROM sessions").fetch_all(server.db().read()).await.unwrap();
    assert!(!keys.is_empty() && keys.iter().all(|key| !key.contains(id) && key.len() == 64), "{keys:?}");
}

async fn an_address_is_used_once(database: Database) {
    let world = World::new(database).await;
    let join = world.join_token().await;
    let form = [("name", "New"), ("email", "MIA@example.org "), ("password", "another horse"), ("join", &join)];
    let answer = world.anon.call("people/sign_up", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.sentence().contains("sign in instead"), "{answer:?}");
}

async fn a_form_that_was_sent_twice_makes_one_account_and_signs_in_twice(database: Database) {
    let world = World::new(database).await;
    let join = world.join_token().await;
    let [one, two] = [(); 2].map(|()| Person::anonymous(&world.server.url));
    let both = tokio::join!(join_as(&one, "new@example.org", &join), join_as(&two, "new@example.org", &join));
    assert_eq!([both.0.status, both.1.status], [StatusCode::OK; 2], "{both:?}");
    let ids = [one.call("people/me", &[]).await.json(), two.call("people/me", &[]).await.json()];
    assert_eq!(ids[0]["person"]["id"], ids[1]["person"]["id"]);
    let off = [("user", &*ids[0]["person"]["id"].to_string()), ("active", "false")];
    assert_eq!(world.ada.call("accounts/set_active", &off).await.status, StatusCode::OK);
    let again = join_as(&one, "new@example.org", &join).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "who was deactivated stays out");
}

#[tokio::test]
async fn the_first_visitor_finds_a_room_in_which_it_says_how_others_join() {
    let server = Server::start(sqlite()).await;
    let [first, second] = [(); 2].map(|()| Person::anonymous(&server.url));
    assert_eq!(sign_up(&first, "ada@example.org").await.status, StatusCode::OK);
    let rooms = first.call("rooms/list", &[]).await.json()["rooms"].clone();
    assert_eq!((rooms.as_array().unwrap().len(), &rooms[0]["closed"]), (1, &serde_json::json!(false)));
    let room = format!("/rooms/{}", rooms[0]["id"]);
    assert_eq!(first.get("/").await.location.as_deref(), Some(&*room));
    assert!(first.get(&room).await.html().contains("href=\"/invite\""));
    let link = first.call("join_link/get", &[]).await.json();
    let join = link["url"].as_str().unwrap().rsplit('/').next().unwrap();
    assert_eq!(join_as(&second, "bob@example.org", join).await.status, StatusCode::OK);
    assert_eq!(second.call("rooms/list", &[]).await.json()["rooms"].as_array().unwrap().len(), 1, "no second one");
    assert!(!second.get(&room).await.html().contains("href=\"/invite\""), "for administrators");
}

#[tokio::test]
async fn after_another_password_the_session_has_a_new_id() {
    let server = Server::start(sqlite()).await;
    let before = cookie(&server).await;
    let person = Person::anonymous(&server.url);
    let form = [("old_password", PASSWORD), ("password", "another horse")];
    let request = person.request(Method::POST, "/api/people/change_password").header("cookie", value(&before));
    let response = request.form(&form).send().await.unwrap();
    let given = response.headers()["set-cookie"].to_str().unwrap();
    assert_ne!(value(given), value(&before));
    assert_eq!(me(&server, value(&before)).await, StatusCode::UNAUTHORIZED);
    assert_eq!(me(&server, value(given)).await, StatusCode::OK);
}

#[tokio::test]
async fn a_new_account_is_checked() {
    let server = Server::start(sqlite()).await;
    let person = Person::anonymous(&server.url);
    let (short, long) = ("x".repeat(MIN_PASSWORD - 1), "x".repeat(201));
    let table = [
        ("", "ada@example.org", PASSWORD, "name"),
        ("   ", "ada@example.org", PASSWORD, "name"),
        ("Ada\u{7}", "ada@example.org", PASSWORD, "name"),
        ("\u{200b}\u{2060}", "ada@example.org", PASSWORD, "name"),
        ("\u{3164}", "ada@example.org", PASSWORD, "name"),
        ("Application", "ada@example.org", PASSWORD, "name"),
        ("app\u{200b}lication", "ada@example.org", PASSWORD, "name"),
        ("Ｅveryone", "ada@example.org", PASSWORD, "name"),
        ("Éveryone", "ada@example.org", PASSWORD, "name"),
        ("Ada", "a<ada@example.org>", PASSWORD, "email"),
        (&"x".repeat(61), "ada@example.org", PASSWORD, "name"),
        ("Ada", "", PASSWORD, "email"),
        ("Ada", "ada", PASSWORD, "email"),
        ("Ada", "@example.org", PASSWORD, "email"),
        ("Ada", "a b@example.org", PASSWORD, "email"),
        ("Ada", "ada@example.org", &short, "password"),
        ("Ada", "ada@example.org", &long, "password"),
    ];
    for (name, email, password, about) in table {
        let answer = person.call("people/sign_up", &[("name", name), ("email", email), ("password", password)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {email}");
        assert!(answer.sentence().contains(about), "{name} {email}: {}", answer.sentence());
    }
}

#[tokio::test]
async fn signing_in_leads_nowhere_but_to_this_server() {
    let world = World::new(sqlite()).await;
    for (next, location) in [
        ("/rooms/7?edit=9", "/rooms/7?edit=9"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("", "/"),
    ] {
        let person = Person::anonymous(&world.server.url);
        let form = [("email", "mia@example.org"), ("password", PASSWORD), ("next", next), ("from", "//evil.example")];
        let answer = person.form("people/sign_in", &form).await;
        assert_eq!((answer.status, answer.location.as_deref()), (StatusCode::FOUND, Some(location)), "{next}");
    }
}
