//! Rights that end while a write is on its way: it counts at the moment of the commit.

use app::entities::{JOINED, LEFT, ROLE_CHANGED, ROOM, SESSION, SIGNED_OUT, USER};
use earshot_live::store::{APPLICATION, Dialect, Tx};
use reqwest::{Method, RequestBuilder};
use sqlx::query;

use crate::support::database::Database;
use crate::support::on_both;
use crate::support::person::Person;
use crate::support::world::{PASSWORD, World, picture};

on_both!(
    no_write_gets_through_once_its_person_is_out,
    no_write_in_a_room_gets_through_once_its_person_has_left,
    no_administrators_write_gets_through_once_the_role_is_taken,
);

/// What the writes are about. All of it is Olga's.
struct Scene {
    room: i64,
    message: i64,
    export: i64,
    sam: i64,
    mia: i64,
    session: i64,
}

type Form = fn(&Scene) -> Vec<(&'static str, String)>;
type Write = (&'static str, Form);

pub fn of(name: &'static str, value: impl ToString) -> (&'static str, String) {
    (name, value.to_string())
}

const IN_A_ROOM: &[Write] = &[
    ("messages/post", |s| vec![of("room", s.room), of("body", "Too late"), of("client_id", "late")]),
    ("messages/edit", |s| vec![of("id", s.message), of("body", "Too late")]),
    ("messages/delete", |s| vec![of("id", s.message)]),
    ("reactions/toggle", |s| vec![of("message", s.message), of("emoji", "👍")]),
    ("readings/mark_unread", |s| vec![of("room", s.room), of("first", s.message)]),
    ("readings/set_level", |s| vec![of("room", s.room), of("level", "mentions")]),
    ("exports/order", |s| vec![of("room", s.room)]),
    ("exports/delete", |s| vec![of("id", s.export)]),
    ("rooms/rename", |s| vec![of("id", s.room), of("name", "Too late")]),
    ("rooms/add_member", |s| vec![of("id", s.room), of("user", s.sam)]),
    ("rooms/remove_member", |s| vec![of("id", s.room), of("user", s.mia)]),
    ("rooms/leave", |s| vec![of("id", s.room)]),
    ("rooms/delete", |s| vec![of("id", s.room)]),
];

const OF_ADMINISTRATORS: &[Write] = &[
    ("accounts/set_admin", |s| vec![of("user", s.sam), of("given", true)]),
    ("accounts/set_active", |s| vec![of("user", s.sam), of("active", false)]),
    ("accounts/set_pusher_user", |s| vec![of("user", s.sam), of("given", false)]),
    ("join_link/renew", |_| Vec::new()),
    ("resets/make", |s| vec![of("user", s.sam)]),
];

const OF_ANYONE: &[Write] = &[
    ("rooms/create", |_| vec![of("name", "Too late")]),
    ("rooms/direct", |s| vec![of("people[0]", s.sam)]),
    ("readings/mark", |s| vec![of("room", s.room), of("upto", s.message)]),
    ("inbox/clear", |_| Vec::new()),
    ("profiles/save", |_| vec![of("name", "Too late"), of("about", "")]),
    ("profiles/remove_picture", |_| Vec::new()),
    ("people/change_password", |_| vec![of("old_password", PASSWORD), of("password", "Too late for it")]),
    ("sessions/end", |s| vec![of("id", s.session)]),
    ("sessions/end_others", |_| Vec::new()),
];

/// For these nobody has to be signed in, or the session is what they are about.
const OF_NOBODY: &[&str] = &["people/sign_in", "people/sign_out", "people/sign_up", "resets/ask", "resets/redeem"];

const READING_ONLY: &[&str] = &[
    "accounts/get",
    "accounts/page",
    "exports/list",
    "exports/reload",
    "inbox/reload",
    "inbox/unread",
    "join_link/admits",
    "join_link/get",
    "mentions/candidates",
    "messages/page",
    "messages/reload",
    "people/everyone",
    "people/me",
    "people/nobody_yet",
    "people/reload",
    "profiles/get",
    "resets/by_mail",
    "resets/check",
    "rooms/get",
    "rooms/list",
    "rooms/members",
    "rooms/reload",
    "search/anything",
    "search/messages",
    "sessions/list",
];

/// Writes that are no server functions.
type Upload = (&'static str, fn(&Person, &Scene) -> RequestBuilder);

const UPLOADS: &[Upload] = &[("/files", late_file), ("/me/picture", |person, _| person.send_picture(&picture(2, 2)))];

fn late_file(person: &Person, scene: &Scene) -> RequestBuilder {
    person.request(Method::POST, &format!("/files?room={}&name=late.txt", scene.room)).body("Too late")
}

#[test]
fn every_write_is_in_one_of_the_lists() {
    let writes = [IN_A_ROOM, OF_ADMINISTRATORS, OF_ANYONE].concat();
    let writes = writes.iter().map(|write| write.0);
    let mut listed: Vec<String> =
        writes.chain([OF_NOBODY, READING_ONLY].concat()).map(|name| format!("/api/{name}")).collect();
    let mut known: Vec<&str> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
    listed.sort();
    known.sort_unstable();
    assert_eq!(listed, known);
}

async fn scene(world: &World) -> Scene {
    let (olga, room) = (&world.olga, world.closed);
    let message = olga.post(room, "Said before").await;
    let export = olga.call("exports/order", &[("room", &room.to_string())]).await.json().as_i64().unwrap();
    let (_, session) = world.elsewhere(olga).await;
    Scene { room, message, export, sam: world.sam.id, mia: world.mia.id, session }
}

/// Every place that there is for a write: whoever else wants to write waits.
async fn all_places(world: &World) -> Vec<Tx> {
    let places = if world.db().dialect() == Dialect::Sqlite { 1 } else { 12 };
    let mut held = Vec::new();
    for _ in 0..places {
        held.push(world.db().begin(APPLICATION).await.unwrap());
    }
    held
}

/// PostgreSQL ends a transaction in which nothing is asked for a while.
pub async fn stir(tx: &mut Tx) {
    query("SELECT 1").execute(tx.sql()).await.unwrap();
}

fn request(person: &Person, (function, form): &Write, scene: &Scene) -> RequestBuilder {
    person.request(Method::POST, &format!("/api/{function}")).form(&form(scene))
}

/// How the write of `person` is answered, which waits for its turn while `end` takes its right away.
async fn answered(world: &World, person: &Person, asked: RequestBuilder, end: impl AsyncFnOnce(&mut Tx)) -> u16 {
    let mut places = all_places(world).await;
    let (by, asked) = (person.clone(), asked);
    let write = tokio::spawn(async move { by.send(asked).await.status.as_u16() });
    // Answered are these only after the write was taken in. Whether it waits by now or not: it is not to get through.
    let mut tx = places.pop().unwrap();
    for _ in 0..5 {
        world.sam.call("people/me", &[]).await;
        stir(&mut tx).await;
    }
    end(&mut tx).await;
    tx.commit().await.unwrap();
    drop(places);
    write.await.unwrap()
}

async fn set(tx: &mut Tx, sql: &'static str, id: i64) {
    query(sql).bind(id).execute(tx.sql()).await.unwrap();
}

/// Changes the person with a notice, as a command of ours would.
pub async fn change(tx: &mut Tx, sql: &'static str, user: i64) {
    set(tx, sql, user).await;
    tx.notice(USER.object(user), ROLE_CHANGED, USER.object(user));
}

async fn changed(world: &World, sql: &'static str, user: i64) {
    let mut tx = world.db().begin(APPLICATION).await.unwrap();
    change(&mut tx, sql, user).await;
    tx.commit().await.unwrap();
}

async fn no_write_gets_through_once_its_person_is_out(database: Database) {
    let world = World::new(database).await;
    let (scene, olga) = (scene(&world).await, &world.olga);
    changed(&world, "UPDATE users SET admin = 1 WHERE id = $1", olga.id).await;
    for write in OF_ANYONE.iter().chain(IN_A_ROOM).chain(OF_ADMINISTRATORS) {
        let (person, session) = world.elsewhere(olga).await;
        let deactivate = async |tx: &mut Tx| change(tx, "UPDATE users SET active = 0 WHERE id = $1", olga.id).await;
        let asked = request(&person, write, &scene);
        assert_eq!(answered(&world, &person, asked, deactivate).await, 401, "{} when deactivated", write.0);
        changed(&world, "UPDATE users SET active = 1 WHERE id = $1", olga.id).await;

        let sign_out = async |tx: &mut Tx| {
            set(tx, "DELETE FROM sessions WHERE id = $1", session).await;
            tx.notice(USER.object(olga.id), SIGNED_OUT, SESSION.object(session));
        };
        let asked = request(&person, write, &scene);
        assert_eq!(answered(&world, &person, asked, sign_out).await, 401, "{} when signed out", write.0);
    }
    for (path, upload) in UPLOADS {
        let (person, _) = world.elsewhere(olga).await;
        let deactivate = async |tx: &mut Tx| change(tx, "UPDATE users SET active = 0 WHERE id = $1", olga.id).await;
        assert_eq!(answered(&world, &person, upload(&person, &scene), deactivate).await, 401, "{path}");
        changed(&world, "UPDATE users SET active = 1 WHERE id = $1", olga.id).await;
    }
}

async fn no_write_in_a_room_gets_through_once_its_person_has_left(database: Database) {
    let world = World::new(database).await;
    let (scene, olga) = (scene(&world).await, &world.olga);
    let room = scene.room;
    let asked = IN_A_ROOM.iter().map(|write| (write.0, request(olga, write, &scene)));
    for (name, asked) in asked.chain([("/files", late_file(olga, &scene))]) {
        let leave = async |tx: &mut Tx| {
            set(tx, "DELETE FROM members WHERE user_id = $1", olga.id).await;
            set(tx, "UPDATE rooms SET owner_id = (SELECT MAX(user_id) FROM members) WHERE id = $1", room).await;
            tx.notice(ROOM.object(room), LEFT, USER.object(olga.id));
        };
        assert_eq!(answered(&world, olga, asked, leave).await, 404, "{name}");
        let mut tx = world.db().begin(APPLICATION).await.unwrap();
        let back = query("INSERT INTO members (room_id, user_id, since) VALUES ($1, $2, 0)").bind(room).bind(olga.id);
        back.execute(tx.sql()).await.unwrap();
        let own = query("UPDATE rooms SET owner_id = $1 WHERE id = $2").bind(olga.id).bind(room);
        own.execute(tx.sql()).await.unwrap();
        tx.notice(ROOM.object(room), JOINED, USER.object(olga.id));
        tx.commit().await.unwrap();
    }
}

async fn no_administrators_write_gets_through_once_the_role_is_taken(database: Database) {
    let world = World::new(database).await;
    let (scene, ada) = (scene(&world).await, &world.ada);
    for (write, status) in OF_ADMINISTRATORS.iter().map(|w| (w, 403)).chain(IN_A_ROOM.iter().map(|w| (w, 404))) {
        let unmake = async |tx: &mut Tx| change(tx, "UPDATE users SET admin = 0 WHERE id = $1", ada.id).await;
        let asked = request(ada, write, &scene);
        assert_eq!(answered(&world, ada, asked, unmake).await, status, "{}", write.0);
        changed(&world, "UPDATE users SET admin = 1 WHERE id = $1", ada.id).await;
    }
}
