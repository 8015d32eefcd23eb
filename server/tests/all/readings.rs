//! What one has read, and how much one wants to hear.

use app::access::{Access, Viewer};
use app::entities::{READ, ROOM, USER};
use app::people::store::{self as people, NewPerson};
use app::readings::COUNTED;
use earshot_live::object::Entity;
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::database::{Database, heard_after};
use crate::support::on_both;
use crate::support::person::Person;
use crate::support::world::World;

on_both!(
    what_others_say_is_unread_until_it_is_marked,
    what_was_read_stays_read,
    counting_ends_where_it_is_shown_to_end,
    from_a_message_on_all_can_be_unread_again,
    who_comes_later_is_not_expected_to_have_read_what_was_said_before,
    how_much_one_wants_to_hear_is_kept_and_told_to_ones_other_pages,
    who_may_not_read_a_room_marks_nothing_in_it,
);

/// How the room stands with this person.
async fn reading(person: &Person, room: i64) -> Value {
    let reading = person.call("rooms/get", &[("id", &room.to_string())]).await.json()["reading"].clone();
    let list = person.call("rooms/list", &[]).await.json();
    let listed = list["rooms"].as_array().unwrap().iter().find(|one| one["id"] == room).unwrap();
    assert_eq!(listed["reading"], reading, "the list says the same");
    reading
}

async fn unread(person: &Person, room: i64) -> i64 {
    reading(person, room).await["unread"].as_i64().unwrap()
}

async fn mark(person: &Person, room: i64, upto: i64) {
    let answer = person.call("readings/mark", &[("room", &room.to_string()), ("upto", &upto.to_string())]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

/// What this person was told of their own readings.
async fn told(world: &World, person: &Person) -> Vec<(Entity, i64)> {
    let viewer = world.viewer(person).await;
    let access = Access::notices(world.db(), &viewer, USER.object(person.id)).await.unwrap();
    let notices = heard_after(world.db(), &access, 0).await.into_iter();
    notices.filter(|n| n.action == READ).map(|n| (n.reference.entity, n.reference.id)).collect()
}

async fn what_others_say_is_unread_until_it_is_marked(database: Database) {
    let world = World::new(database).await;
    let (mia, sam, room) = (&world.mia, &world.sam, world.open);
    assert_eq!((unread(mia, room).await, unread(sam, room).await), (0, 1));
    mia.post(room, "more").await;
    let last = sam.post(room, "said by Sam himself").await;
    assert_eq!((unread(mia, room).await, unread(sam, room).await), (1, 2));
    mark(sam, room, last).await;
    assert_eq!((unread(mia, room).await, unread(sam, room).await), (1, 0));
    assert_eq!(told(&world, sam).await, [(ROOM, room)]);
    assert_eq!(told(&world, mia).await, []);
}

async fn what_was_read_stays_read(database: Database) {
    let world = World::new(database).await;
    let (mia, sam, room) = (&world.mia, &world.sam, world.open);
    let last = mia.post(room, "more").await;
    for upto in [last, world.open_message, 0, -1] {
        mark(sam, room, upto).await;
        assert_eq!(reading(sam, room).await["upto"], last);
    }
    assert_eq!(told(&world, sam).await.len(), 1, "nothing new is no news");
    mark(sam, room, i64::MAX).await;
    mia.post(room, "and this").await;
    assert_eq!(unread(sam, room).await, 1, "no message is read before it is said");
}

async fn counting_ends_where_it_is_shown_to_end(database: Database) {
    let world = World::new(database).await;
    world.talk(&world.mia, world.open, (0..150).map(|number| format!("number {number}"))).await;
    assert_eq!(unread(&world.sam, world.open).await, COUNTED as i64);
}

async fn from_a_message_on_all_can_be_unread_again(database: Database) {
    let world = World::new(database).await;
    let (mia, sam, room) = (&world.mia, &world.sam, world.open);
    let first = mia.post(room, "first").await;
    let last = mia.post(room, "last").await;
    mark(sam, room, last).await;
    let form = [("room", &*room.to_string()), ("first", &*first.to_string())];
    assert_eq!(sam.call("readings/mark_unread", &form).await.status, StatusCode::OK);
    assert_eq!(unread(sam, room).await, 2);
    assert_eq!(told(&world, sam).await.len(), 2);
}

async fn who_comes_later_is_not_expected_to_have_read_what_was_said_before(database: Database) {
    let world = World::new(database).await;
    let (olga, sam) = (&world.olga, &world.sam);
    let mut tx = world.db().begin("Ada").await.unwrap();
    let new = NewPerson::check("Newcomer", "newcomer@example.org").unwrap();
    let id = people::add(&mut tx, &new, "no password", false).await.unwrap();
    tx.commit().await.unwrap();
    let viewer = Viewer::on_behalf(world.db().read(), id).await.unwrap();
    let access = Access::room(world.db(), &viewer, world.open).await.unwrap();
    assert_eq!(app::rooms::store::get(world.db(), &access).await.unwrap().reading.unread, 0);

    let member = [("id", &*world.closed.to_string()), ("user", &*sam.id.to_string())];
    assert_eq!(olga.call("rooms/add_member", &member).await.status, StatusCode::OK);
    assert_eq!(unread(sam, world.closed).await, 0);
    olga.post(world.closed, "Welcome, Sam").await;
    assert_eq!(unread(sam, world.closed).await, 1);
}

async fn how_much_one_wants_to_hear_is_kept_and_told_to_ones_other_pages(database: Database) {
    let world = World::new(database).await;
    let (sam, room) = (&world.sam, world.open);
    assert_eq!(reading(sam, room).await["level"], "everything");
    for level in ["mentions", "nothing", "everything"] {
        let form = [("room", &*room.to_string()), ("level", level)];
        assert_eq!(sam.call("readings/set_level", &form).await.status, StatusCode::OK);
        let reading = reading(sam, room).await;
        assert_eq!((&reading["level"], &reading["unread"]), (&level.into(), &1.into()));
    }
    assert_eq!(told(&world, sam).await.len(), 3);
    assert_eq!(reading(&world.mia, room).await["level"], "everything");
    let form = [("room", &*room.to_string()), ("level", "loud")];
    assert_eq!(sam.call("readings/set_level", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn who_may_not_read_a_room_marks_nothing_in_it(database: Database) {
    let world = World::new(database).await;
    mark(&world.sam, world.closed, world.closed_message).await;
    mark(&world.sam, 987_654_321, 1).await;
    assert_eq!(told(&world, &world.sam).await, []);
}
