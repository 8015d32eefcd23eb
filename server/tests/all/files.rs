//! Files on their way in: who may fetch them, what they are by their content, how much is taken, and when their bytes go.

use std::convert::Infallible;

use app::files::store::tidy;
use bytes::Bytes;
use earshot_live::timestamp::Timestamp;
use futures::{StreamExt, stream};
use http_body_util::StreamBody;
use hyper::body::Frame;
use reqwest::{Method, Response};
use serde_json::Value;

use crate::support::database::Database;
use crate::support::person::Person;
use crate::support::server::MAX_FILE;
use crate::support::timeout::until;
use crate::support::world::{World, picture};
use crate::support::{in_a_bucket, on_both};

on_both!(
    a_file_is_its_uploaders_until_it_is_posted_and_then_the_rooms,
    what_a_file_is_shows_in_its_content_and_not_in_its_name,
    a_picture_that_would_unfold_to_too_much_is_a_file_like_any_other,
    too_large_is_refused_whether_it_is_announced_or_not,
    a_message_takes_files_of_its_author_in_its_room_that_were_not_posted_before,
    a_message_that_is_sent_twice_has_its_files_once,
    one_person_cannot_fill_the_store_with_what_is_never_posted,
    one_person_takes_few_of_the_places_for_uploads,
    what_goes_takes_its_bytes_along,
);

in_a_bucket!(
    a_file_is_its_uploaders_until_it_is_posted_and_then_the_rooms,
    what_a_file_is_shows_in_its_content_and_not_in_its_name,
    too_large_is_refused_whether_it_is_announced_or_not,
    what_goes_takes_its_bytes_along,
);

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

impl Person {
    pub async fn file(&self, room: i64, name: &str, bytes: impl Into<reqwest::Body>) -> Value {
        let answer = self.upload(room, name, bytes).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Uploads and posts it, and returns the ids of file and message.
    pub async fn send_file(&self, room: i64, name: &str, bytes: impl Into<reqwest::Body>) -> (i64, i64) {
        let file = self.file(room, name, bytes).await["id"].as_i64().unwrap();
        let answer = self.post_files(room, "", &[file], &uuid::Uuid::new_v4().to_string()).await;
        (file, answer.json().as_i64().unwrap_or_else(|| panic!("{answer:?}")))
    }

    pub async fn fetch(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let request = self.request(Method::GET, path);
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
    }

    async fn status(&self, file: i64) -> u16 {
        self.get(&format!("/files/{file}")).await.status.as_u16()
    }

    /// The files of a message, by name.
    async fn files_of(&self, room: i64, message: i64) -> Vec<String> {
        let body = serde_json::json!({ "room": room, "ids": [message] });
        let messages = self.call_json("messages/reload", body).await.json();
        let files = messages[0]["files"].as_array().unwrap_or_else(|| panic!("{messages}")).iter();
        files.map(|file| file["name"].as_str().unwrap().to_owned()).collect()
    }
}

pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn tidy_after(world: &World, time: i64) {
    let state = &world.server.state;
    tidy(&state.db, &state.blobs, Timestamp(Timestamp::now().0 + time)).await.unwrap();
}

async fn a_file_is_its_uploaders_until_it_is_posted_and_then_the_rooms(database: Database) {
    let world = World::new(database).await;
    let World { ada, olga, mia, sam, nora, anon, closed, .. } = &world;
    let file = mia.file(*closed, "plan.txt", "secret").await["id"].as_i64().unwrap();
    let statuses = async || {
        let mut all = Vec::new();
        for person in [mia, olga, nora, ada, sam, anon] {
            all.push(person.status(file).await);
        }
        all
    };
    assert_eq!(statuses().await, [200, 404, 404, 404, 404, 401]);
    let message = mia.post_files(*closed, "the plan", &[file], "1").await.json().as_i64().unwrap();
    assert_eq!(statuses().await, [200, 200, 200, 200, 404, 401]);
    assert_eq!(mia.get(&format!("/files/{file}")).await.body, "secret");
    let form = [("id", &*closed.to_string()), ("user", &*mia.id.to_string())];
    assert_eq!(olga.call("rooms/remove_member", &form).await.status, 200);
    assert_eq!(statuses().await, [404, 200, 200, 200, 404, 401]);
    assert_eq!(ada.call("messages/delete", &[("id", &message.to_string())]).await.status, 200);
    assert_eq!(statuses().await, [404, 404, 404, 404, 404, 401]);
}

async fn what_a_file_is_shows_in_its_content_and_not_in_its_name(database: Database) {
    const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>";
    let world = World::new(database).await;
    let (mia, room) = (&world.mia, world.open);
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    let mut picture_and_script = picture(3, 3);
    picture_and_script.extend_from_slice(b"<script>alert(1)</script>");
    for (name, bytes, shown) in [
        ("holiday.html", picture(3, 2), true),
        ("both.png", picture_and_script, true),
        ("page.png", html.clone(), false),
        ("page.html", html, false),
        ("drawing.svg", SVG.as_bytes().to_vec(), false),
        ("drawing.png", SVG.as_bytes().to_vec(), false),
        ("script.gif", b"GIF89a/*\0\0*/=1;alert(1)".to_vec(), false),
        ("notes.txt", b"just text".to_vec(), false),
        ("nothing", Vec::new(), false),
    ] {
        let file = mia.file(room, name, bytes.clone()).await;
        assert_eq!(file["picture"].is_object(), shown, "{file}");
        let address = format!("/files/{}", file["id"]);
        let answer = mia.fetch(&address, &[]).await;
        let (kind, disposition) =
            if shown { ("image/png", "inline") } else { ("application/octet-stream", "attachment") };
        assert_eq!(header(&answer, "content-type"), kind, "{name}");
        assert!(header(&answer, "content-disposition").starts_with(disposition), "{name}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "content-security-policy"), "sandbox");
        assert_eq!(header(&answer, "cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.bytes().await.unwrap(), bytes, "{name}");
        let thumbnail = mia.fetch(&format!("{address}/thumbnail"), &[]).await;
        assert_eq!(thumbnail.status(), if shown { 200 } else { 404 }, "{name}");
        if shown {
            assert_eq!(header(&thumbnail, "content-type"), "image/jpeg");
            let bytes = thumbnail.bytes().await.unwrap();
            assert!(!bytes.windows(7).any(|some| some == b"<script"), "{name}");
        }
    }
}

async fn a_picture_that_would_unfold_to_too_much_is_a_file_like_any_other(database: Database) {
    let world = World::new(database).await;
    // 16,000 by 16,000 pixels in 32 kilobytes, and a head that promises more than there is.
    let mut broken = picture(900, 900);
    broken.truncate(200);
    let bomb = bomb();
    assert!((bomb.len() as u64) < MAX_FILE);
    for bytes in [bomb, broken] {
        let file = world.mia.file(world.open, "bomb.png", bytes).await;
        assert!(file["picture"].is_null(), "{file}");
        let answer = world.mia.fetch(&format!("/files/{}", file["id"]), &[]).await;
        assert_eq!(header(&answer, "content-type"), "application/octet-stream");
    }
}

/// A GIF whose head says that it has 16,000 by 16,000 pixels.
fn bomb() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgba8(8, 8).write_to(&mut bytes, image::ImageFormat::Gif).unwrap();
    let mut bytes = bytes.into_inner();
    bytes[6..10].copy_from_slice(&[0x80, 0x3e, 0x80, 0x3e]);
    bytes
}

async fn too_large_is_refused_whether_it_is_announced_or_not(database: Database) {
    let world = World::new(database).await;
    let (mia, room) = (&world.mia, world.open);
    let bytes = vec![7_u8; MAX_FILE as usize + 1];
    let piece = |piece: &[u8]| Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(piece)));
    let pieces: Vec<_> = bytes.chunks(10_000).map(piece).collect();
    let unannounced = reqwest::Body::wrap(StreamBody::new(stream::iter(pieces)));
    for answer in [mia.upload(room, "big", bytes.clone()).await, mia.upload(room, "big", unannounced).await] {
        assert_eq!(answer.status, 413);
        assert_eq!(answer.sentence(), "This file is too large: 1.0 MB is the most.");
    }
    assert_eq!(mia.upload(room, "as much as may be", bytes[1..].to_vec()).await.status, 200);
    assert_eq!(world.server.stored().await, 1);
}

async fn a_message_takes_files_of_its_author_in_its_room_that_were_not_posted_before(database: Database) {
    let world = World::new(database).await;
    let World { mia, olga, open, closed, .. } = &world;
    let upload = async |person: &Person, room: i64| person.file(room, "x", "x").await["id"].as_i64().unwrap();
    let mine = upload(mia, *open).await;
    let elsewhere = upload(mia, *closed).await;
    let hers = upload(olga, *open).await;
    let (posted, _) = mia.send_file(*open, "posted", "x").await;
    let mut many = Vec::new();
    for _ in 0..11 {
        many.push(upload(mia, *open).await);
    }
    for (number, files) in
        [&[mine, mine][..], &[elsewhere], &[mine, hers], &[posted], &[987_654], &many].iter().enumerate()
    {
        let answer = mia.post_files(*open, "with files", files, &format!("refused-{number}")).await;
        assert_eq!(answer.status, 422, "{files:?}: {answer:?}");
    }
    let nothing = mia.post_files(*open, " ", &[], "nothing").await;
    assert_eq!(nothing.status, 422, "{nothing:?}");
    assert_eq!(mia.post_files(*open, "", &[mine], "fine").await.status, 200);
    assert_eq!(mia.post_files(*open, "", &many[..10], "ten").await.status, 200);
}

async fn a_message_that_is_sent_twice_has_its_files_once(database: Database) {
    let world = World::new(database).await;
    let (mia, room) = (&world.mia, world.open);
    let mut files = Vec::new();
    for name in ["b", "a", "c"] {
        files.push(mia.file(room, name, name).await["id"].as_i64().unwrap());
    }
    files.reverse();
    let first = mia.post_files(room, "three", &files, "once").await;
    assert_eq!((first.status, mia.post_files(room, "three", &files, "once").await), (first.status, first.clone()));
    let message = first.json().as_i64().unwrap();
    assert_eq!(world.sam.files_of(room, message).await, ["c", "a", "b"]);
    let page = world.sam.call("messages/page", &[("room", &room.to_string())]).await.json();
    let on_page = page["messages"].as_array().unwrap().iter().find(|m| m["id"] == message).unwrap();
    assert_eq!(on_page["files"].as_array().unwrap().len(), 3);
    assert!(page["messages"][0]["files"].as_array().unwrap().is_empty(), "of another message");
}

async fn one_person_cannot_fill_the_store_with_what_is_never_posted(database: Database) {
    let world = World::new(database).await;
    let others = world.sam.file(world.open, "somebody else's", "x").await["id"].as_i64().unwrap();
    let mut ids = Vec::new();
    for number in 0..51 {
        ids.push(world.mia.file(world.open, &number.to_string(), "x").await["id"].as_i64().unwrap());
    }
    // The oldest has made room for the last.
    assert_eq!(world.mia.get(&format!("/files/{}", ids[0])).await.status, 404);
    for id in &ids[1..] {
        assert_eq!(world.mia.get(&format!("/files/{id}")).await.status, 200);
    }
    assert_eq!(world.sam.get(&format!("/files/{others}")).await.status, 200);
}

async fn one_person_takes_few_of_the_places_for_uploads(database: Database) {
    let world = World::new(database).await;
    let room = world.open;
    let begin = || {
        let mia = world.mia.clone();
        let begun = stream::iter([Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"the beginning")))]);
        let slow = reqwest::Body::wrap(StreamBody::new(begun.chain(stream::pending())));
        tokio::spawn(async move { mia.upload(room, "slow", slow).await })
    };
    let on_their_way: Vec<_> = (0..4).map(|_| begin()).collect();
    until("four are on their way", async || world.server.stored().await == 4).await;
    let refused = world.mia.upload(room, "one more", "x").await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.sentence().contains("on their way"), "{refused:?}");
    world.sam.file(room, "somebody else's", "x").await;
    on_their_way[0].abort();
    until("there is a place again", async || world.mia.upload(room, "one more", "x").await.status == 200).await;
}

async fn what_goes_takes_its_bytes_along(database: Database) {
    let world = World::new(database).await;
    let (mia, olga) = (&world.mia, &world.olga);
    let (kept, _) = mia.send_file(world.open, "kept.png", picture(9, 9)).await;
    let (gone, message) = mia.send_file(world.open, "gone.png", picture(9, 9)).await;
    let (with_room, _) = mia.send_file(world.closed, "with its room.txt", "x").await;
    let draft = mia.file(world.open, "never posted.txt", "x").await["id"].as_i64().unwrap();
    tidy_after(&world, 0).await;
    assert_eq!(world.server.stored().await, 6, "two pictures with thumbnails, and two more");
    assert_eq!(mia.call("messages/delete", &[("id", &message.to_string())]).await.status, 200);
    assert_eq!(olga.call("rooms/delete", &[("id", &world.closed.to_string())]).await.status, 200);
    tidy_after(&world, 0).await;
    assert_eq!(world.server.stored().await, 3);
    assert_eq!(mia.status(draft).await, 200);
    tidy_after(&world, DAY + 1).await;
    assert_eq!(world.server.stored().await, 2);
    for (file, status) in [(kept, 200), (gone, 404), (with_room, 404), (draft, 404)] {
        assert_eq!(mia.status(file).await, status);
    }
}
