//! What people say and show of themselves.

use app::access::Access;
use app::entities::EVERYONE;
use app::files::store::tidy;
use earshot_live::timestamp::Timestamp;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::database::{Database, sqlite};
use crate::support::on_both;
use crate::support::person::{Answer, Person};
use crate::support::socket::{Socket, data};
use crate::support::world::{World, picture};

on_both!(
    a_new_name_is_heard_by_all_and_read_everywhere_at_once,
    a_picture_is_made_anew_seen_by_all_and_removed,
    a_picture_that_nobody_gets_leaves_no_bytes,
);

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

async fn a_new_name_is_heard_by_all_and_read_everywhere_at_once(database: Database) {
    let world = World::new(database).await;
    let author = async || {
        let body = json!({ "room": world.open, "ids": [world.open_message] });
        world.sam.call_json("messages/reload", body).await.json()[0]["author"]["name"].clone()
    };
    assert_eq!(author().await, "Mia");
    let mut socket = Socket::listening(&world.server, &world.sam, EVERYONE).await;
    let form = [("name", " Maria "), ("about", "I plan things.\r\nAsk me.")];
    assert_eq!(world.mia.call("profiles/save", &form).await.status, StatusCode::OK);
    let frame = socket.frame().await;
    assert_eq!((&frame["event"], &data(&frame)["id"]), (&json!("profile_changed"), &json!(world.mia.id)));
    assert_eq!(author().await, "Maria");
    let people = world.sam.call_json("people/reload", json!({ "ids": [world.mia.id, 987_654_321] })).await.json();
    assert_eq!(people, json!([{ "id": world.mia.id, "name": "Maria", "picture": null }]));
    let profile = world.sam.call("profiles/get", &[("user", &world.mia.id.to_string())]).await.json();
    assert_eq!(profile["about"], "I plan things.\nAsk me.");
    assert_eq!(world.mia.call("people/me", &[]).await.json()["person"]["name"], "Maria");
}

#[tokio::test]
async fn a_profile_is_checked() {
    let world = World::new(sqlite()).await;
    let (long_name, long_about) = ("x".repeat(61), "ä".repeat(501));
    for (name, about, told) in [
        ("", "", "name"),
        ("a\u{7}b", "", "name"),
        ("\u{3164}", "", "name"),
        ("Application", "", "name"),
        ("app\u{200b}lication", "", "name"),
        (&*long_name, "", "name"),
        ("Mia", &*long_about, "501 characters"),
        ("Mia", "a\0b", "NUL"),
    ] {
        let answer = world.mia.call("profiles/save", &[("name", name), ("about", about)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}: {told}");
        assert!(answer.sentence().contains(told), "{}", answer.sentence());
    }
    let longest = "ä".repeat(500);
    assert_eq!(world.mia.call("profiles/save", &[("name", "Mia"), ("about", &longest)]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn markup_in_names_and_in_what_people_say_stays_text() {
    let world = World::new(sqlite()).await;
    let markup = "</title></textarea><script>alert(1)</script><img src=x onerror=alert(2)>";
    let form = [("name", &markup[..60]), ("about", markup)];
    assert_eq!(world.mia.call("profiles/save", &form).await.status, StatusCode::OK);
    let pages = [format!("/people/{}", world.mia.id), "/people".into(), format!("/rooms/{}", world.open), "/me".into()];
    for (page, person) in pages.iter().zip([&world.sam, &world.ada, &world.sam, &world.mia]) {
        let body = person.get(page).await.body;
        assert!(body.contains("&lt;/title"), "{page}: {body}");
        assert!(!body.contains("<script>alert") && !body.contains("<img src=x"), "{page}: {body}");
    }
}

/// Sends a picture; `accept`: what a browser says that waits for a page.
async fn send_picture(person: &Person, bytes: &[u8], accept: &str) -> Answer {
    person.send(person.send_picture(bytes).header("accept", accept)).await
}

async fn a_picture_is_made_anew_seen_by_all_and_removed(database: Database) {
    let world = World::new(database).await;
    let sent = send_picture(&world.mia, &picture(600, 300), "text/html").await;
    assert_eq!((sent.status, sent.location.as_deref()), (StatusCode::SEE_OTHER, Some("/me")));
    let address = async || {
        let people = world.sam.call_json("people/reload", json!({ "ids": [world.mia.id] })).await.json();
        let version = people[0]["picture"].as_i64().unwrap();
        format!("/people/{}/picture?v={version}", world.mia.id)
    };
    let first = address().await;
    assert!(world.sam.get(&format!("/rooms/{}", world.open)).await.body.contains(&first));
    let response = world.sam.request(Method::GET, &first).send().await.unwrap();
    let headers = response.headers().clone();
    assert_eq!((response.status(), &headers["content-type"]), (StatusCode::OK, &"image/jpeg".parse().unwrap()));
    let shown = image::load_from_memory(&response.bytes().await.unwrap()).unwrap();
    assert_eq!((shown.width(), shown.height()), (256, 256));
    let again = world.sam.request(Method::GET, &first).header("if-none-match", &headers["etag"]);
    assert_eq!(world.sam.send(again).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(world.anon.get(&first).await.status, StatusCode::UNAUTHORIZED);

    assert_eq!(send_picture(&world.mia, &picture(10, 10), "text/html").await.status, StatusCode::SEE_OTHER);
    assert_ne!(address().await, first);
    assert_eq!(world.mia.call("profiles/remove_picture", &[]).await.status, StatusCode::OK);
    let gone = world.sam.get(&first).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let nobody = world.sam.get("/people/987654321/picture").await;
    assert_eq!(gone, nobody);
    // Nothing of them is left behind.
    tidy_after(&world, 0).await;
    assert_eq!(world.server.stored().await, 0);
}

async fn tidy_after(world: &World, time: i64) {
    let state = &world.server.state;
    tidy(&state.db, &state.blobs, Timestamp(Timestamp::now().0 + time)).await.unwrap();
}

async fn a_picture_that_nobody_gets_leaves_no_bytes(database: Database) {
    let world = World::new(database).await;
    // Who was let in a moment ago, and may do nothing any more.
    let mia = world.viewer(&world.mia).await;
    let form = [("user", &*world.mia.id.to_string()), ("active", "false")];
    assert_eq!(world.ada.call("accounts/set_active", &form).await.status, StatusCode::OK);
    let set = world.server.state.pictures.set(world.db(), &Access::me(&mia), picture(9, 9).into()).await;
    assert!(set.is_err());
    tidy_after(&world, DAY).await;
    assert_eq!(world.server.stored().await, 0);
}

#[tokio::test]
async fn what_is_no_picture_is_refused_on_the_page_and_elsewhere() {
    let world = World::new(sqlite()).await;
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let page = send_picture(&world.mia, svg, "text/html").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("PNG, JPEG or WebP") && page.body.contains("Your account"), "{}", page.body);
    let answer = send_picture(&world.mia, svg, "*/*").await;
    assert!(answer.sentence().contains("PNG, JPEG or WebP"), "{answer:?}");
    let large = send_picture(&world.mia, &vec![0; 6 * 1024 * 1024], "*/*").await;
    assert!(large.sentence().contains("5 MB"), "{large:?}");
    assert_eq!(world.mia.call("people/me", &[]).await.json()["person"]["picture"], json!(null));
}
