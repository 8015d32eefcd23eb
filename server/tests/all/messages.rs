//! What is said in a room: answers, places, what is left of a deleted message, and markup that does nothing.

use app::entities::{EVERYONE, PROFILE_CHANGED, USER};
use app::messages::PAGE;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Database, sqlite};
use crate::support::on_both;
use crate::support::person::{Answer, Person};
use crate::support::world::World;

on_both!(
    a_deleted_message_keeps_its_place_and_nothing_else,
    an_answer_shows_what_it_answers_as_it_is_now,
    only_what_is_in_the_room_can_be_answered,
    a_room_opens_around_a_message,
    who_was_answered_before_and_has_another_name_is_quoted_by_it,
    what_is_sent_again_is_one_message_and_something_else_is_not_lost,
    what_is_sent_again_is_known_however_it_was_changed_meanwhile,
    every_kind_of_line_break_is_stored_as_one,
    beside_a_place_without_messages_is_a_way_on,
);

async fn answer(person: &Person, room: i64, answered: i64, body: &str) -> Answer {
    let client_id = uuid::Uuid::new_v4().to_string();
    let form =
        [("room", &*room.to_string()), ("body", body), ("client_id", &client_id), ("reply_to", &*answered.to_string())];
    person.call("messages/post", &form).await
}

/// The message as its readers get it.
async fn message(person: &Person, room: i64, id: i64) -> Value {
    let found = person.call_json("messages/reload", json!({ "room": room, "ids": [id] })).await.json();
    found[0].clone()
}

async fn page(person: &Person, room: i64, place: &str, id: i64) -> (Vec<i64>, bool, bool) {
    let page = person.call("messages/page", &[("room", &room.to_string()), (place, &id.to_string())]).await.json();
    let ids = page["messages"].as_array().unwrap().iter().map(|message| message["id"].as_i64().unwrap()).collect();
    (ids, page["more"].as_bool().unwrap(), page["newer"].as_bool().unwrap())
}

async fn a_deleted_message_keeps_its_place_and_nothing_else(database: Database) {
    let world = World::new(database).await;
    let (mia, room, id) = (&world.mia, world.open, world.open_message);
    let next = world.sam.post(room, "and then").await;
    world.sam.call("reactions/toggle", &[("message", &id.to_string()), ("emoji", "👍")]).await;
    assert_eq!(mia.call("messages/delete", &[("id", &id.to_string())]).await.status, StatusCode::OK);
    let left = message(&world.sam, room, id).await;
    assert!(left["deleted"].is_i64(), "{left}");
    assert_eq!(
        (&left["body"], &left["html"], &left["edited"], &left["reactions"]),
        (&json!(""), &json!(""), &Value::Null, &json!([]))
    );
    assert_eq!(page(&world.sam, room, "after", id - 1).await.0, [id, next]);
    for (function, form) in [
        ("messages/delete", vec![("id", id.to_string())]),
        ("messages/edit", vec![("id", id.to_string()), ("body", "again".into())]),
        ("reactions/toggle", vec![("message", id.to_string()), ("emoji", "👍".into())]),
    ] {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(mia.call(function, &form).await.status, StatusCode::NOT_FOUND, "{function}");
    }
    let shown = world.sam.get(&format!("/rooms/{room}")).await.body;
    assert!(shown.contains("This message was deleted.") && !shown.contains("Said in the open"));
}

async fn an_answer_shows_what_it_answers_as_it_is_now(database: Database) {
    let world = World::new(database).await;
    let (mia, room, asked) = (&world.mia, world.open, world.open_message);
    let id = answer(&world.sam, room, asked, "I heard it").await.json().as_i64().unwrap();
    let quote = async || message(&world.olga, room, id).await["reply_to"].clone();
    let first = quote().await;
    assert_eq!(
        (&first["id"], &first["author"]["name"], &first["line"]),
        (&json!(asked), &json!("Mia"), &json!("Said in the open"))
    );
    let edit = [("id", &*asked.to_string()), ("body", "**Changed**\nand more")];
    assert_eq!(mia.call("messages/edit", &edit).await.status, StatusCode::OK);
    assert_eq!(quote().await["line"], "Changed and more");
    assert_eq!(mia.call("messages/delete", &[("id", &asked.to_string())]).await.status, StatusCode::OK);
    assert_eq!((&quote().await["id"], &quote().await["line"]), (&json!(asked), &Value::Null));
    assert_eq!(answer(&world.sam, room, asked, "what was it?").await.status, StatusCode::OK, "also a deleted one");
}

async fn only_what_is_in_the_room_can_be_answered(database: Database) {
    let world = World::new(database).await;
    for elsewhere in [world.closed_message, 987_654_321, -1] {
        let refused = answer(&world.sam, world.open, elsewhere, "hello").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.sentence().contains("not in this room"));
    }
}

async fn a_room_opens_around_a_message(database: Database) {
    let world = World::new(database).await;
    let (sam, room) = (&world.sam, world.open);
    let mut ids = vec![world.open_message];
    ids.extend(world.talk(&world.mia, room, (1..120).map(|number| format!("number {number}"))).await);
    let half = PAGE / 2;
    let at = async |place: usize| page(sam, room, "at", ids[place]).await;
    assert_eq!(at(60).await, (ids[61 - half..61 + half].to_vec(), true, true));
    assert_eq!(at(3).await, (ids[..4 + half].to_vec(), false, true));
    assert_eq!(at(118).await, (ids[119 - half..].to_vec(), true, false));
    assert_eq!(page(sam, room, "before", ids[60]).await, (ids[10..60].to_vec(), true, true));
    assert_eq!(page(sam, room, "after", ids[60]).await, (ids[61..111].to_vec(), true, true));
    assert_eq!(page(sam, room, "after", ids[110]).await, (ids[111..].to_vec(), true, false));
    let newest = (ids[70..].to_vec(), true, false);
    for nowhere in [world.closed_message, 0, -1, i64::MAX] {
        assert_eq!(page(sam, room, "at", nowhere).await, newest, "{nowhere}");
    }
    let led = sam.get(&format!("/rooms/{room}?at={}", world.closed_message)).await.body;
    assert!(led.contains("The message you were led to is not in this room."));
    let led = sam.get(&format!("/rooms/{room}?at={}", ids[60])).await.body;
    assert!(!led.contains("The message you were led to") && led.contains("To the newest"));
}

async fn who_was_answered_before_and_has_another_name_is_quoted_by_it(database: Database) {
    let world = World::new(database).await;
    let id = answer(&world.sam, world.open, world.open_message, "hello").await.json().as_i64().unwrap();
    let name = async || message(&world.sam, world.open, id).await["reply_to"]["author"]["name"].clone();
    assert_eq!(name().await, "Mia");
    let mut tx = world.db().begin("Mia").await.unwrap();
    sqlx::query("UPDATE users SET name = 'Maria' WHERE id = $1").bind(world.mia.id).execute(tx.sql()).await.unwrap();
    tx.notice(EVERYONE, PROFILE_CHANGED, USER.object(world.mia.id));
    tx.commit().await.unwrap();
    assert_eq!(name().await, "Maria");
}

async fn every_kind_of_line_break_is_stored_as_one(database: Database) {
    let world = World::new(database).await;
    let id = world.mia.post(world.open, "a\rb\r\nc").await;
    assert_eq!(world.sam.read(world.open, &[id]).await, ["a\nb\nc"]);
    let edit = [("id", &*id.to_string()), ("body", "\r\n  d\re")];
    assert_eq!(world.mia.call("messages/edit", &edit).await.status, StatusCode::OK);
    assert_eq!(world.sam.read(world.open, &[id]).await, ["\n  d\ne"]);
    let about = [("name", "Mia"), ("about", "a\rb")];
    assert_eq!(world.mia.call("profiles/save", &about).await.status, StatusCode::OK);
    let profile = world.sam.call("profiles/get", &[("user", &world.mia.id.to_string())]).await.json();
    assert_eq!(profile["about"], "a\nb");
}

async fn beside_a_place_without_messages_is_a_way_on(database: Database) {
    let world = World::new(database).await;
    let room = format!("/rooms/{}", world.open);
    let before = world.sam.get(&format!("{room}?before={}", world.open_message)).await.html();
    assert!(before.contains("no messages at this place") && !before.contains("Nothing has been said"), "{before}");
    let link = |page: &str, name: &str| {
        page.split("<a ").any(|link| link.contains(&format!("href=\"{room}\"")) && link.contains(name))
    };
    assert!(link(&before, "Newer messages"), "{before}");
    let after = world.sam.get(&format!("{room}?after={}", i64::MAX)).await.html();
    assert!(link(&after, "Older messages"), "{after}");
}

#[tokio::test]
async fn a_form_for_editing_holds_the_whole_text_at_every_place() {
    let world = World::new(sqlite()).await;
    let id = world.mia.post(world.open, "\n\nbelow <b>").await;
    let last = world.mia.post(world.open, "and then").await;
    for place in
        [String::new(), format!("before={last}&"), format!("at={id}&"), format!("after={}&", world.open_message)]
    {
        let page = world.mia.get(&format!("/rooms/{}?{place}edit={id}", world.open)).await.html();
        let field = page.split("<textarea").find(|field| field.contains("New text")).unwrap_or_default();
        let text = field.split_once('>').map(|(_, text)| text).unwrap_or_default();
        // A browser drops the first line break of a textarea.
        assert!(text.starts_with("\n\n\nbelow &lt;b&gt;</textarea>"), "{place}: {field}");
    }
}

/// Tags of a page, with their attributes.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag)
}

#[tokio::test]
async fn markup_that_somebody_stored_is_text_on_every_page() {
    let world = World::new(sqlite()).await;
    let (mia, room) = (&world.mia, world.open);
    let markup = [
        "<script>alert(1)</script>",
        "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,alert(1))",
        "https://x.org/\"onmouseover=\"alert(1)",
        "```\"onclick=\"alert(1)\n</code></pre><script>alert(1)</script>\n```",
        "<!-- </div> --><style>*{display:none}</style>",
        "</title></textarea><iframe srcdoc=\"<script>alert(1)</script>\">",
    ];
    for body in markup {
        let id = mia.post(room, body).await;
        assert_eq!(answer(mia, room, id, body).await.status, StatusCode::OK);
        let nested = format!("> - **{body}**");
        mia.post(room, &nested).await;
    }
    let last = mia.post(room, "the last word").await;
    for path in [
        format!("/rooms/{room}"),
        format!("/rooms/{room}?reply={last}"),
        format!("/rooms/{room}?at={last}&edit={}", last - 1),
    ] {
        let page = mia.get(&path).await.body;
        for tag in tags(&page) {
            let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default();
            assert!(name != "script" || tag.contains("nonce=") || tag == "/script", "{path} <{tag}>");
            assert!(!["img", "iframe", "svg onload", "style", "object"].contains(&name), "{path} <{tag}>");
            let acts = tag.split(' ').any(|part| part.starts_with("on") && part.contains('='));
            assert!(!acts && !tag.contains("javascript:") && !tag.contains("data:text"), "{path} <{tag}>");
        }
    }
}

async fn upload(person: &Person, room: i64) -> i64 {
    person.upload(room, "a.txt", "a").await.json()["id"].as_i64().unwrap()
}

async fn what_is_sent_again_is_one_message_and_something_else_is_not_lost(database: Database) {
    let world = World::new(database).await;
    let send = async |room: i64, body: &str, reply_to: Option<i64>| {
        let (room, reply_to) = (room.to_string(), reply_to.map(|id| id.to_string()));
        let mut form = vec![("room", &*room), ("body", body), ("client_id", "a page before")];
        form.extend(reply_to.as_deref().map(|id| ("reply_to", id)));
        world.mia.call("messages/post", &form).await
    };
    let first = send(world.open, "one", None).await;
    assert_eq!(send(world.open, "one", None).await, first);
    for (room, body, reply_to) in
        [(world.open, "two", None), (world.closed, "one", None), (world.open, "one", Some(world.open_message))]
    {
        let refused = send(room, body, reply_to).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{room} {body} {reply_to:?}");
        assert!(refused.sentence().contains("once more"), "{refused:?}");
    }
    let [one, other] = [upload(&world.mia, world.open).await, upload(&world.mia, world.open).await];
    let with_files = async |files: &[i64]| world.mia.post_files(world.open, "one", files, "with a file").await;
    let first = with_files(&[one]).await;
    assert_eq!((first.status, with_files(&[one]).await), (StatusCode::OK, first));
    for files in [&[][..], &[other], &[one, other]] {
        let refused = with_files(files).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{files:?}");
        assert!(refused.sentence().contains("once more"), "{refused:?}");
    }
    // Without JavaScript the page comes back with the text, and a form of its own.
    let (room, page) = (world.open.to_string(), format!("/rooms/{}", world.open));
    let form = [("room", &*room), ("body", "two"), ("client_id", "a page before"), ("from", &page)];
    let again = world.mia.form("messages/post", &form).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("two</textarea>"), "{}", again.body);
    assert!(!again.body.contains(r#"name="client_id" value="a page before""#), "{}", again.body);
}

async fn what_is_sent_again_is_known_however_it_was_changed_meanwhile(database: Database) {
    let world = World::new(database).await;
    let (mia, room) = (&world.mia, world.open);
    let file = mia.upload(room, "plan.txt", "x").await.json()["id"].as_i64().unwrap();
    let send = async |body: &str, files: &[i64]| mia.post_files(room, body, files, "the answer was lost").await;
    let first = send("one\r\nline", &[file]).await;
    let id = first.json().as_i64().unwrap();
    let is_known = async || {
        assert_eq!(send("one\nline", &[file]).await, first);
        for (body, files) in [("two", &[file][..]), ("edited", &[file]), ("one\nline", &[])] {
            let refused = send(body, files).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body} {files:?}");
            assert!(refused.sentence().contains("once more"), "{refused:?}");
        }
        assert_eq!(page(&world.sam, room, "after", world.open_message).await.0, [id], "nothing more was posted");
    };
    is_known().await;
    let edit = [("id", &*id.to_string()), ("body", "edited")];
    assert_eq!(mia.call("messages/edit", &edit).await.status, StatusCode::OK);
    is_known().await;
    assert_eq!(world.sam.read(room, &[id]).await, ["edited"]);
    assert_eq!(mia.call("messages/delete", &[("id", &id.to_string())]).await.status, StatusCode::OK);
    is_known().await;
    assert!(message(&world.sam, room, id).await["deleted"].is_i64());
}
