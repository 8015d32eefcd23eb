//! The access matrix: every route and every kind of object, for everyone there can be.

use std::collections::HashMap;

use app::access::{Access, Held, Viewer};
use app::entities::{EVERYONE, EXPORT, ROOM, USER};
use app::rooms::{direct, store as rooms};
use earshot_live::object::Object;
use earshot_live::pusher::channel;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use sqlx::{query_as, query_scalar};

use crate::support::database::{Database, sqlite};
use crate::support::on_both;
use crate::support::person::{Answer, Person};
use crate::support::world::{World, new_room, picture, say};

on_both!(
    every_route_answers_everyone_as_the_matrix_says,
    unknown_and_forbidden_are_indistinguishable,
    lists_hold_what_one_may_read_and_nothing_else,
    catching_up_tells_each_what_they_may_hear,
);

/// What the rows of the matrix act on, made anew after each request that has changed something.
struct Scene {
    room: i64,
    message: i64,
    /// Mia's, posted with a message.
    file: i64,
    /// Mia's, not posted yet.
    draft: i64,
    /// Mia's.
    export: i64,
    /// Mia's and Olga's conversation.
    direct: i64,
    sam: i64,
    mia: i64,
    /// One of Mia's, from another browser.
    session: i64,
    key: String,
    app: String,
}

type Ask = fn(&Person, &Scene) -> RequestBuilder;

/// Statuses for: nobody signed in, without role (but a member), stranger, member (and author), owner, administrator.
type Row = (&'static str, Ask, [u16; 6]);

fn call(person: &Person, function: &str, form: &[(&str, String)]) -> RequestBuilder {
    person.request(Method::POST, &format!("/api/{function}")).form(form)
}

fn call_json(person: &Person, function: &str, body: serde_json::Value) -> RequestBuilder {
    person.request(Method::POST, &format!("/api/{function}")).json(&body)
}

fn page(person: &Person, path: &str) -> RequestBuilder {
    person.request(Method::GET, path)
}

fn after(person: &Person, object: Object) -> RequestBuilder {
    let request = person.request(Method::POST, "/rest/pusher/notices");
    request.json(&json!({ "numbers": [(object, 0)] }))
}

fn listen(person: &Person, channel: &str) -> RequestBuilder {
    person.request(Method::POST, "/rest/pusher/auth").form(&[("socket_id", "1.2"), ("channel_name", channel)])
}

fn id(id: i64) -> (&'static str, String) {
    ("id", id.to_string())
}

#[rustfmt::skip]
const MATRIX: &[Row] = &[
    //                                                                                                            anon role stra memb owne admi
    ("/",                        |p, _| page(p, "/"),                                                            [302, 302, 302, 302, 302, 302]),
    ("/sign-in",                 |p, _| page(p, "/sign-in"),                                                     [200, 200, 200, 200, 200, 200]),
    ("/sign-up",                 |p, _| page(p, "/sign-up"),                                                     [200, 200, 200, 200, 200, 200]),
    ("/rooms",                   |p, _| page(p, "/rooms"),                                                       [302, 200, 200, 200, 200, 200]),
    ("/rooms/new",               |p, _| page(p, "/rooms/new"),                                                   [302, 200, 200, 200, 200, 200]),
    ("/rooms/direct/new",        |p, _| page(p, "/rooms/direct/new"),                                            [302, 200, 200, 200, 200, 200]),
    ("/rooms/:id direct",        |p, s| page(p, &format!("/rooms/{}", s.direct)),                                [302, 404, 404, 200, 200, 404]),
    ("/rooms/:id/settings direct", |p, s| page(p, &format!("/rooms/{}/settings", s.direct)),                     [302, 404, 404, 200, 200, 404]),
    ("/rooms/:id",               |p, s| page(p, &format!("/rooms/{}", s.room)),                                  [302, 200, 404, 200, 200, 200]),
    ("/rooms/:id/settings",      |p, s| page(p, &format!("/rooms/{}/settings", s.room)),                         [302, 200, 404, 200, 200, 200]),
    ("/exports",                 |p, _| page(p, "/exports"),                                                     [302, 200, 200, 200, 200, 200]),
    ("/join/:token",             |p, _| page(p, "/join/guessed"),                                                [200, 200, 200, 200, 200, 200]),
    ("/forgot",                  |p, _| page(p, "/forgot"),                                                      [200, 200, 200, 200, 200, 200]),
    ("/reset/:token",            |p, _| page(p, "/reset/guessed"),                                               [404, 404, 404, 404, 404, 404]),
    ("/me",                      |p, _| page(p, "/me"),                                                          [302, 200, 200, 200, 200, 200]),
    ("/invite",                  |p, _| page(p, "/invite"),                                                      [302, 403, 403, 403, 403, 200]),
    ("/people/:id",              |p, s| page(p, &format!("/people/{}", s.sam)),                                  [302, 200, 200, 200, 200, 200]),
    ("/people/:id",              |p, _| page(p, "/people/987654321"),                                            [302, 404, 404, 404, 404, 404]),
    ("/search",                  |p, _| page(p, "/search?q=said"),                                               [302, 200, 200, 200, 200, 200]),
    ("/inbox",                   |p, _| page(p, "/inbox"),                                                       [302, 200, 200, 200, 200, 200]),
    ("/people",                  |p, _| page(p, "/people"),                                                      [302, 403, 403, 403, 403, 200]),
    ("/nothing",                 |p, _| page(p, "/nothing"),                                                     [404, 404, 404, 404, 404, 404]),
    ("/up",                      |p, _| page(p, "/up"),                                                          [200, 200, 200, 200, 200, 200]),
    ("/manifest.webmanifest",    |p, _| page(p, "/manifest.webmanifest"),                                        [200, 200, 200, 200, 200, 200]),
    ("/app/:key",                |p, s| page(p, &format!("/app/{}?protocol=7", s.key)),                          [400, 400, 400, 400, 400, 400]),
    ("/rest/pusher/key",         |p, _| page(p, "/rest/pusher/key"),                                             [403, 403, 200, 200, 200, 200]),
    ("/rest/pusher/auth Team",   |p, _| listen(p, "private-Team.1"),                                             [403, 403, 200, 200, 200, 200]),
    ("/rest/pusher/auth Room",   |p, s| listen(p, &channel::of(ROOM.object(s.room))),                           [403, 403, 403, 200, 200, 200]),
    ("/rest/pusher/auth direct", |p, s| listen(p, &channel::of(ROOM.object(s.direct))),                         [403, 403, 403, 200, 200, 403]),
    ("/rest/pusher/auth User",   |p, s| listen(p, &channel::of(USER.object(s.sam))),                            [403, 403, 200, 403, 403, 403]),
    ("/rest/pusher/auth Export", |p, s| listen(p, &channel::of(EXPORT.object(s.export))),                       [403, 403, 403, 200, 403, 403]),
    ("/rest/pusher/auth presence", |p, s| listen(p, &channel::presence_of(ROOM.object(s.room))),                [403, 403, 403, 200, 200, 200]),
    ("/rest/pusher/user-auth",   |p, _| p.request(Method::POST, "/rest/pusher/user-auth").form(&[("socket_id", "1.2")]), [403, 403, 200, 200, 200, 200]),
    ("/apps/:id/events",         |p, _| p.request(Method::POST, "/apps/1/events").json(&json!({ "name": "x", "data": "", "channel": "x" })), [404, 404, 404, 404, 404, 404]),
    ("/apps/:id/channels",       |p, s| page(p, &format!("/apps/{}/channels", s.app)),                           [401, 401, 401, 401, 401, 401]),
    ("/rest/pusher/auth other",  |p, _| listen(p, "private-Message.1"),                                          [403, 403, 403, 403, 403, 403]),
    ("/rest/pusher/notices",     |p, _| after(p, EVERYONE),                                                  [403, 403, 200, 200, 200, 200]),
    ("/rest/pusher/notices",     |p, s| after(p, ROOM.object(s.room)),                                          [403, 403, 200, 200, 200, 200]),
    ("/rest/pusher/notices",     |p, s| after(p, USER.object(s.sam)),                                           [403, 403, 200, 200, 200, 200]),
    ("/api/people/me",           |p, _| call(p, "people/me", &[]),                                               [401, 200, 200, 200, 200, 200]),
    ("/api/people/nobody_yet",   |p, _| call(p, "people/nobody_yet", &[]),                                       [200, 200, 200, 200, 200, 200]),
    ("/api/people/everyone",     |p, _| call(p, "people/everyone", &[]),                                         [401, 200, 200, 200, 200, 200]),
    ("/api/people/reload",       |p, s| call_json(p, "people/reload", json!({ "ids": [s.sam] })),                [401, 200, 200, 200, 200, 200]),
    ("/api/people/change_password", |p, _| call(p, "people/change_password", &[("old_password", "wrong".into()), ("password", "another horse".into())]),
                                                                                                                 [401, 422, 422, 422, 422, 422]),
    ("/api/profiles/get",        |p, s| call(p, "profiles/get", &[("user", s.sam.to_string())]),                 [401, 200, 200, 200, 200, 200]),
    ("/api/profiles/save",       |p, _| call(p, "profiles/save", &[("name", p.name.clone()), ("about", "I".into())]), [401, 200, 200, 200, 200, 200]),
    ("/api/profiles/remove_picture", |p, _| call(p, "profiles/remove_picture", &[]),                             [401, 200, 200, 200, 200, 200]),
    ("/me/picture",              |p, _| p.request(Method::POST, "/me/picture").body("no picture"),               [401, 422, 422, 422, 422, 422]),
    ("/people/:id/picture",      |p, s| page(p, &format!("/people/{}/picture", s.sam)),                          [401, 404, 404, 404, 404, 404]),
    ("/api/sessions/list",       |p, s| call(p, "sessions/list", &[("user", s.mia.to_string())]),                [401, 404, 404, 200, 404, 200]),
    ("/api/sessions/end",        |p, s| call(p, "sessions/end", &[id(s.session)]),                               [401, 404, 404, 200, 404, 200]),
    ("/api/sessions/end_others", |p, _| call(p, "sessions/end_others", &[]),                                     [401, 200, 200, 200, 200, 200]),
    ("/api/accounts/page",       |p, _| call(p, "accounts/page", &[("search", "a".into()), ("page", "0".into())]), [401, 403, 403, 403, 403, 200]),
    ("/api/accounts/get",        |p, s| call(p, "accounts/get", &[("user", s.sam.to_string())]),                 [401, 403, 403, 403, 403, 200]),
    ("/api/accounts/set_admin",  |p, s| call(p, "accounts/set_admin", &[("user", s.sam.to_string()), ("given", "false".into())]),
                                                                                                                 [401, 403, 403, 403, 403, 200]),
    ("/api/accounts/set_pusher_user", |p, s| call(p, "accounts/set_pusher_user", &[("user", s.sam.to_string()), ("given", "true".into())]),
                                                                                                                 [401, 403, 403, 403, 403, 200]),
    ("/api/accounts/set_active", |p, s| call(p, "accounts/set_active", &[("user", s.sam.to_string()), ("active", "true".into())]),
                                                                                                                 [401, 403, 403, 403, 403, 200]),
    ("/api/join_link/get",       |p, _| call(p, "join_link/get", &[]),                                           [401, 403, 403, 403, 403, 200]),
    ("/api/join_link/renew",     |p, _| call(p, "join_link/renew", &[]),                                         [401, 403, 403, 403, 403, 200]),
    ("/api/join_link/admits",    |p, _| call(p, "join_link/admits", &[("token", "guessed".into())]),             [200, 200, 200, 200, 200, 200]),
    ("/api/resets/by_mail",      |p, _| call(p, "resets/by_mail", &[]),                                          [200, 200, 200, 200, 200, 200]),
    ("/api/resets/ask",          |p, _| call(p, "resets/ask", &[("email", format!("{}@example.com", p.name.to_lowercase()))]), [200, 200, 200, 200, 200, 200]),
    ("/api/resets/check",        |p, _| call(p, "resets/check", &[("token", "guessed".into())]),                 [404, 404, 404, 404, 404, 404]),
    ("/api/resets/redeem",       |p, _| call(p, "resets/redeem", &[("token", "guessed".into()), ("password", "another horse".into())]),
                                                                                                                 [404, 404, 404, 404, 404, 404]),
    ("/api/resets/make",         |p, s| call(p, "resets/make", &[("user", s.sam.to_string())]),                  [401, 403, 403, 403, 403, 200]),
    ("/api/people/sign_in",      |p, _| call(p, "people/sign_in", &[("email", "x".into()), ("password", "x".into())]), [422, 422, 422, 422, 422, 422]),
    ("/api/people/sign_up",      |p, _| call(p, "people/sign_up", &[("name", " ".into()), ("email", "x".into()), ("password", "x".into())]),
                                                                                                                 [422, 422, 422, 422, 422, 422]),
    ("/api/rooms/list",          |p, _| call(p, "rooms/list", &[]),                                              [401, 200, 200, 200, 200, 200]),
    ("/api/rooms/get",           |p, s| call(p, "rooms/get", &[id(s.room)]),                                     [401, 200, 404, 200, 200, 200]),
    ("/api/rooms/reload",        |p, s| call_json(p, "rooms/reload", json!({ "ids": [s.room] })),                [401, 200, 200, 200, 200, 200]),
    ("/api/rooms/create",        |p, _| call(p, "rooms/create", &[("name", "Another".into())]),                  [401, 200, 200, 200, 200, 200]),
    ("/api/rooms/direct",        |p, s| call(p, "rooms/direct", &[("people[]", s.sam.to_string())]),             [401, 200, 200, 200, 200, 200]),
    ("/api/rooms/get",           |p, s| call(p, "rooms/get", &[id(s.direct)]),                                   [401, 404, 404, 200, 200, 404]),
    ("/api/rooms/members",       |p, s| call(p, "rooms/members", &[id(s.direct)]),                               [401, 404, 404, 200, 200, 404]),
    ("/api/rooms/leave",         |p, s| call(p, "rooms/leave", &[id(s.direct)]),                                 [401, 404, 404, 422, 422, 404]),
    ("/api/rooms/delete",        |p, s| call(p, "rooms/delete", &[id(s.direct)]),                                [401, 404, 404, 404, 404, 404]),
    ("/api/messages/page",       |p, s| call(p, "messages/page", &[("room", s.direct.to_string())]),             [401, 404, 404, 200, 200, 404]),
    ("/api/rooms/rename",        |p, s| call(p, "rooms/rename", &[id(s.room), ("name", "Other".into())]),        [401, 404, 404, 404, 200, 200]),
    ("/api/rooms/members",       |p, s| call(p, "rooms/members", &[id(s.room)]),                                 [401, 200, 404, 200, 200, 200]),
    ("/api/rooms/add_member",    |p, s| call(p, "rooms/add_member", &[id(s.room), ("user", s.sam.to_string())]), [401, 404, 404, 404, 200, 200]),
    ("/api/rooms/remove_member", |p, s| call(p, "rooms/remove_member", &[id(s.room), ("user", p.id.to_string())]),
                                                                                                                 [401, 404, 404, 404, 200, 404]),
    ("/api/rooms/leave",         |p, s| call(p, "rooms/leave", &[id(s.room)]),                                   [401, 200, 404, 200, 200, 404]),
    ("/api/rooms/delete",        |p, s| call(p, "rooms/delete", &[id(s.room)]),                                  [401, 404, 404, 404, 200, 200]),
    ("/api/messages/page",       |p, s| call(p, "messages/page", &[("room", s.room.to_string())]),               [401, 200, 404, 200, 200, 200]),
    ("/api/messages/reload",     |p, s| call_json(p, "messages/reload", json!({ "room": s.room, "ids": [s.message] })), [401, 200, 404, 200, 200, 200]),
    ("/api/messages/post",       |p, s| call(p, "messages/post", &[("room", s.room.to_string()), ("body", "hello".into()), ("client_id", uuid::Uuid::new_v4().to_string())]),
                                                                                                                 [401, 200, 404, 200, 200, 200]),
    ("/api/messages/edit",       |p, s| call(p, "messages/edit", &[id(s.message), ("body", "other".into())]),    [401, 404, 404, 200, 404, 200]),
    ("/api/messages/delete",     |p, s| call(p, "messages/delete", &[id(s.message)]),                            [401, 404, 404, 200, 404, 200]),
    ("/files",                   |p, s| p.request(Method::POST, &format!("/files?room={}&name=a.txt", s.room)).body("a"), [401, 200, 404, 200, 200, 200]),
    ("/files/:id",               |p, s| page(p, &format!("/files/{}", s.file)),                                  [401, 200, 404, 200, 200, 200]),
    ("/files/:id/thumbnail",     |p, s| page(p, &format!("/files/{}/thumbnail", s.file)),                        [401, 200, 404, 200, 200, 200]),
    ("/files/:id not posted",    |p, s| page(p, &format!("/files/{}", s.draft)),                                 [401, 404, 404, 200, 404, 404]),
    ("/files/:id/thumbnail not posted", |p, s| page(p, &format!("/files/{}/thumbnail", s.draft)),                [401, 404, 404, 200, 404, 404]),
    ("/exports/:id/download",    |p, s| page(p, &format!("/exports/{}/download", s.export)),                     [401, 404, 404, 200, 404, 404]),
    ("/api/exports/list",        |p, _| call(p, "exports/list", &[]),                                            [401, 200, 200, 200, 200, 200]),
    ("/api/exports/reload",      |p, s| call_json(p, "exports/reload", json!({ "ids": [s.export] })),            [401, 200, 200, 200, 200, 200]),
    ("/api/exports/order",       |p, s| call(p, "exports/order", &[("room", s.room.to_string())]),               [401, 200, 404, 200, 200, 200]),
    ("/api/exports/delete",      |p, s| call(p, "exports/delete", &[id(s.export)]),                              [401, 404, 404, 200, 404, 404]),
    ("/api/reactions/toggle",    |p, s| call(p, "reactions/toggle", &[("message", s.message.to_string()), ("emoji", "👍".into())]), [401, 200, 404, 200, 200, 200]),
    ("/api/search/messages",     |p, _| call(p, "search/messages", &[("q", "said".into())]),                     [401, 200, 200, 200, 200, 200]),
    ("/api/search/anything",     |p, _| call(p, "search/anything", &[("q", "said".into())]),                     [401, 200, 200, 200, 200, 200]),
    ("/api/mentions/candidates", |p, s| call(p, "mentions/candidates", &[("room", s.room.to_string())]),         [401, 200, 404, 200, 200, 200]),
    // Who may not read a room has read nothing in it: there is nothing to refuse.
    ("/api/readings/mark",       |p, s| call(p, "readings/mark", &[("room", s.room.to_string()), ("upto", s.message.to_string())]),
                                                                                                                 [401, 200, 200, 200, 200, 200]),
    ("/api/readings/mark_unread", |p, s| call(p, "readings/mark_unread", &[("room", s.room.to_string()), ("first", s.message.to_string())]),
                                                                                                                 [401, 200, 404, 200, 200, 200]),
    ("/api/readings/set_level",  |p, s| call(p, "readings/set_level", &[("room", s.room.to_string()), ("level", "mentions".into())]),
                                                                                                                 [401, 200, 404, 200, 200, 200]),
    ("/api/inbox/unread",        |p, _| call(p, "inbox/unread", &[]),                                            [401, 200, 200, 200, 200, 200]),
    ("/api/inbox/reload",        |p, s| call_json(p, "inbox/reload", json!({ "ids": [s.message] })),             [401, 200, 200, 200, 200, 200]),
    ("/api/inbox/clear",         |p, _| call(p, "inbox/clear", &[]),                                             [401, 200, 200, 200, 200, 200]),
    // Last: after it nobody is signed in.
    ("/api/people/sign_out",     |p, _| call(p, "people/sign_out", &[]),                                         [200, 200, 200, 200, 200, 200]),
];

async fn scene(world: &World) -> Scene {
    let (olga, mia) = (world.viewer(&world.olga).await, world.viewer(&world.mia).await);
    let mut tx = world.db().begin("Olga").await.unwrap();
    let room = new_room(&mut tx, &olga, "Secret", true).await;
    let access = Held::room_write(&mut tx, &olga, room).await.unwrap();
    for person in [&world.mia, &world.nora] {
        rooms::add_member(&mut tx, &access, person.id).await.unwrap();
    }
    let message = say(&mut tx, &mia, room, "Said among us").await;
    let insert = "INSERT INTO sessions (key, user_id, data, expires) VALUES ($1, $2, '{}', $3) RETURNING id";
    let session = query_scalar(insert).bind(format!("of message {message}")).bind(mia.id).bind(i64::MAX);
    let session = session.fetch_one(tx.sql()).await.unwrap();
    // What other scenes left waiting: one person may have so much of it.
    sqlx::query("DELETE FROM files WHERE message_id IS NULL").execute(tx.sql()).await.unwrap();
    tx.commit().await.unwrap();
    let (file, draft) = (upload(world, &mia, room).await, upload(world, &mia, room).await);
    let mut tx = world.db().begin("Mia").await.unwrap();
    let access = Held::room(&mut tx, &mia, room).await.unwrap();
    let client_id = uuid::Uuid::new_v4().to_string();
    let new = app::messages::NewMessage { client_id: &client_id, files: &[file], ..Default::default() };
    app::messages::store::post(&mut tx, &access, new).await.unwrap();
    // Finished, without the worker.
    sqlx::query("DELETE FROM exports").execute(tx.sql()).await.unwrap();
    let export = app::exports::store::order(&mut tx, &access).await.unwrap();
    let finished =
        "UPDATE exports SET finished = 1, size = 1, key = (SELECT key FROM files WHERE id = $1) WHERE id = $2";
    sqlx::query(finished).bind(file).bind(export).execute(tx.sql()).await.unwrap();
    let team = Held::team(&mut tx, &mia).await.unwrap();
    let direct = direct::open(&mut tx, &team, &[olga.id]).await.unwrap();
    tx.commit().await.unwrap();
    Scene {
        room,
        message,
        file,
        draft,
        export,
        direct,
        sam: world.sam.id,
        mia: world.mia.id,
        session,
        key: world.server.keys.key.clone(),
        app: world.server.keys.app_id.clone(),
    }
}

/// How many rows there are of all that a request may change: most changes leave a notice.
async fn rows(world: &World) -> (i64, i64, i64, i64) {
    let sql = "SELECT (SELECT COUNT(*) FROM notices), (SELECT COUNT(*) FROM sessions), (SELECT COUNT(*) FROM files),
               (SELECT COUNT(*) FROM exports)";
    query_as(sql).fetch_one(world.db().read()).await.unwrap()
}

async fn upload(world: &World, viewer: &Viewer, room: i64) -> i64 {
    let access = Access::room(world.db(), viewer, room).await.unwrap();
    let bytes = futures::stream::iter([Ok(picture(2, 2).into())]);
    world.server.state.intake.take(&access, "dot.png", None, bytes).await.unwrap().id
}

async fn every_route_answers_everyone_as_the_matrix_says(database: Database) {
    let world = World::new(database).await;
    let people = [&world.anon, &world.nora, &world.sam, &world.mia, &world.olga, &world.ada];
    let (mut wrong, mut here) = (Vec::new(), scene(&world).await);
    let mut before = rows(&world).await;
    for (route, ask, expected) in MATRIX {
        for (person, expected) in people.into_iter().zip(expected) {
            let answer = person.send(ask(person, &here)).await;
            if answer.status.as_u16() != *expected {
                wrong.push(format!("{route} answers {} with {} and not {expected}", person.name, answer.status));
            }
            if rows(&world).await != before {
                here = scene(&world).await;
                before = rows(&world).await;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        assert_eq!(method, Method::POST, "{path}");
        assert!(MATRIX.iter().any(|(route, ..)| *route == path), "{path} is missing in the matrix");
    }
}

/// No two rows ask for the same: one of them would be about something else.
#[tokio::test]
async fn each_row_of_the_matrix_asks_something_of_its_own() {
    let world = World::new(sqlite()).await;
    let here = scene(&world).await;
    let mut asked = HashMap::new();
    for (route, ask, _) in MATRIX {
        let before = asked.insert(contents(ask(&world.mia, &here)), route);
        assert!(before.is_none(), "{route} asks the same as {before:?}");
    }
}

/// What a request asks, whoever sends it.
fn contents(request: RequestBuilder) -> (Method, String, Vec<u8>) {
    let request = request.build().unwrap();
    let body = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
    (request.method().clone(), request.url().to_string(), body.to_vec())
}

async fn unknown_and_forbidden_are_indistinguishable(database: Database) {
    const UNKNOWN: i64 = 987_654_321;
    let world = World::new(database).await;
    let forbidden = scene(&world).await;
    let unknown = Scene {
        room: UNKNOWN,
        message: UNKNOWN,
        file: UNKNOWN,
        draft: UNKNOWN,
        export: UNKNOWN,
        direct: UNKNOWN,
        sam: UNKNOWN,
        mia: UNKNOWN,
        session: UNKNOWN,
        key: String::new(),
        app: String::new(),
    };
    let stranger = &world.sam;
    let about_objects = MATRIX.iter().filter(|(_, _, expected)| matches!(expected[2], 403 | 404));
    let names_it = |ask: &Ask| contents(ask(stranger, &forbidden)) != contents(ask(stranger, &unknown));
    for (route, ask, _) in about_objects.filter(|(route, ask, _)| !route.contains("people") && names_it(ask)) {
        let one = stranger.send(ask(stranger, &forbidden)).await;
        let other = stranger.send(ask(stranger, &unknown)).await;
        assert_eq!(without_names(one, &forbidden), without_names(other, &unknown), "{route}");
    }
}

/// Takes out what differs between any two answers: the id that was asked for, and the nonce.
fn without_names(mut answer: Answer, asked: &Scene) -> Answer {
    for id in [asked.room, asked.direct] {
        answer.body = answer.body.replace(&format!("/rooms/{id}"), "/rooms/N");
    }
    while let Some(start) = answer.body.find("nonce=\"").or_else(|| answer.body.find("crossorigin=\"")) {
        let value = start + answer.body[start..].find('"').unwrap() + 1;
        let end = value + answer.body[value..].find('"').unwrap();
        answer.body.replace_range(start..=end, "");
    }
    answer
}

async fn lists_hold_what_one_may_read_and_nothing_else(database: Database) {
    let world = World::new(database).await;
    for (person, sees_closed) in [(&world.sam, false), (&world.mia, true), (&world.ada, true)] {
        let list = person.call("rooms/list", &[]).await.json();
        let ids: Vec<i64> = list["rooms"].as_array().unwrap().iter().map(|room| room["id"].as_i64().unwrap()).collect();
        assert!(ids.contains(&world.open), "{}", person.name);
        assert_eq!(ids.contains(&world.closed), sees_closed, "{}", person.name);
        let reloaded = person.call_json("rooms/reload", json!({ "ids": [world.closed] })).await.json();
        assert_eq!(reloaded.as_array().unwrap().len(), usize::from(sees_closed), "{}", person.name);
    }
    // An id from a room that one may not read is not found through one that one may.
    assert!(world.sam.read(world.open, &[world.closed_message]).await.is_empty());
    assert_eq!(world.sam.read(world.open, &[world.open_message]).await, ["Said in the open"]);
}

async fn catching_up_tells_each_what_they_may_hear(database: Database) {
    const UNKNOWN: i64 = 987_654_321;
    let world = World::new(database).await;
    let ask = async |person: &Person, object: Object| {
        let answer = person.catch_up([(object, 0), (EVERYONE, 0)]).await.json();
        assert!(!answer["Team.1"]["Ok"]["notices"].as_array().unwrap().is_empty(), "{answer}");
        answer[object.to_string()].clone()
    };
    let room = ROOM.object(world.closed);
    assert_eq!(ask(&world.mia, room).await["Ok"]["notices"][0]["object"], room.to_string());
    let forbidden = ask(&world.sam, room).await;
    assert_eq!(forbidden["Err"]["kind"], "not_found");
    assert_eq!(forbidden, ask(&world.sam, ROOM.object(UNKNOWN)).await);
    assert_eq!(forbidden, ask(&world.sam, USER.object(world.mia.id)).await);
    assert_eq!(forbidden, ask(&world.sam, USER.object(UNKNOWN)).await);
    let too_many: Vec<_> = (1..=101).map(|id| (ROOM.object(id), 0)).collect();
    assert_eq!(world.sam.catch_up(too_many).await.status, 422);
}
