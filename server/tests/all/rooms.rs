//! Rooms and who is in them.

use app::access::Access;
use app::entities::{ADDED, CREATED, EVERYONE, JOINED, LEFT, REMOVED, RENAMED, ROOM, USER};
use earshot_live::object::{Action, Entity, Object};
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::database::{Database, heard_after};
use crate::support::on_both;
use crate::support::person::Person;
use crate::support::world::World;

on_both!(
    every_change_leaves_its_notice,
    a_room_passes_to_whoever_has_been_in_it_longest,
    the_last_member_stays,
    who_is_deactivated_inherits_nothing,
    those_for_whom_something_waits_hear_that_its_room_is_gone,
    an_open_room_has_no_members_to_change,
    who_leaves_hears_another_word_than_who_is_removed,
    a_name_of_which_nothing_is_seen_is_refused,
    older_messages_come_in_pages,
    a_form_that_is_sent_twice_makes_one_room,
);

/// What was said on `object` after number `seq`: action, entity, id.
async fn said(world: &World, as_whom: &Person, object: Object, seq: i64) -> Vec<(Action, Entity, i64)> {
    let viewer = world.viewer(as_whom).await;
    let access = Access::notices(world.db(), &viewer, object).await.unwrap();
    let notices = heard_after(world.db(), &access, seq).await;
    notices.into_iter().map(|n| (n.action, n.reference.entity, n.reference.id)).collect()
}

async fn change(person: &Person, function: &str, form: &[(&str, i64)]) -> StatusCode {
    let form: Vec<(&str, String)> = form.iter().map(|(name, value)| (*name, value.to_string())).collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    person.call(function, &form).await.status
}

async fn every_change_leaves_its_notice(database: Database) {
    let world = World::new(database).await;
    let (olga, sam) = (&world.olga, &world.sam);
    let team_before = said(&world, sam, EVERYONE, 0).await.len() as i64;
    let open: Value = olga.call("rooms/create", &[("name", "News")]).await.json();
    let closed: Value = olga.call("rooms/create", &[("name", "Board"), ("closed", "1")]).await.json();
    let (open, closed) = (open.as_i64().unwrap(), closed.as_i64().unwrap());
    assert_eq!(said(&world, sam, EVERYONE, team_before).await, [(CREATED, ROOM, open)]);

    let member = [("id", closed), ("user", sam.id)];
    assert_eq!(change(olga, "rooms/add_member", &member).await, StatusCode::OK);
    assert_eq!(change(olga, "rooms/add_member", &member).await, StatusCode::OK, "again: nothing happens");
    assert_eq!(
        olga.call("rooms/rename", &[("id", &closed.to_string()), ("name", "Council")]).await.status,
        StatusCode::OK
    );
    assert_eq!(change(olga, "rooms/remove_member", &member).await, StatusCode::OK);
    let room = said(&world, olga, ROOM.object(closed), 0).await;
    assert_eq!(room, [(JOINED, USER, sam.id), (RENAMED, ROOM, closed), (LEFT, USER, sam.id)]);
    let of_sam = said(&world, sam, USER.object(sam.id), 0).await;
    assert_eq!(of_sam, [(ADDED, ROOM, closed), (REMOVED, ROOM, closed)]);
}

async fn a_room_passes_to_whoever_has_been_in_it_longest(database: Database) {
    let world = World::new(database).await;
    assert_eq!(change(&world.olga, "rooms/leave", &[("id", world.closed)]).await, StatusCode::OK);
    assert_eq!(world.olga.call("rooms/get", &[("id", &world.closed.to_string())]).await.status, StatusCode::NOT_FOUND);
    let room = world.mia.call("rooms/get", &[("id", &world.closed.to_string())]).await.json();
    assert_eq!(room["mine"], true);
}

async fn the_last_member_stays(database: Database) {
    let world = World::new(database).await;
    let room: Value = world.sam.call("rooms/create", &[("name", "Alone"), ("closed", "1")]).await.json();
    let answer = world.sam.call("rooms/leave", &[("id", &room.to_string())]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.sentence().contains("delete the room"), "{answer:?}");
    assert_eq!(world.sam.call("rooms/get", &[("id", &room.to_string())]).await.status, StatusCode::OK);
}

async fn who_is_deactivated_inherits_nothing(database: Database) {
    let world = World::new(database).await;
    let off = [("user", &*world.mia.id.to_string()), ("active", "false")];
    assert_eq!(world.ada.call("accounts/set_active", &off).await.status, StatusCode::OK);
    assert_eq!(change(&world.olga, "rooms/leave", &[("id", world.closed)]).await, StatusCode::OK);
    let room = world.nora.call("rooms/get", &[("id", &world.closed.to_string())]).await.json();
    assert_eq!(room["mine"], true);
    assert_eq!(change(&world.nora, "rooms/leave", &[("id", world.closed)]).await, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn those_for_whom_something_waits_hear_that_its_room_is_gone(database: Database) {
    let world = World::new(database).await;
    world.olga.post(world.closed, "@Mia").await;
    assert_eq!(change(&world.nora, "exports/order", &[("room", world.closed)]).await, StatusCode::OK);
    assert_eq!(change(&world.olga, "rooms/delete", &[("id", world.closed)]).await, StatusCode::OK);
    for person in [&world.mia, &world.nora] {
        let told: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM notices WHERE object = $1 AND action = 'removed' AND entity = 'Room' AND entity_id = $2",
        )
        .bind(USER.object(person.id).to_string())
        .bind(world.closed)
        .fetch_one(world.db().read())
        .await
        .unwrap();
        assert_eq!(told, 1);
    }
}

async fn who_leaves_hears_another_word_than_who_is_removed(database: Database) {
    let world = World::new(database).await;
    // By name nobody could tell who it was.
    let form = [("name", "Olga"), ("about", "")];
    assert_eq!(world.mia.call("profiles/save", &form).await.status, StatusCode::OK);
    let member = |person: &Person| [("id", world.closed), ("user", person.id)];
    assert_eq!(change(&world.olga, "rooms/remove_member", &member(&world.mia)).await, StatusCode::OK);
    assert_eq!(change(&world.nora, "rooms/leave", &[("id", world.closed)]).await, StatusCode::OK);
    assert_eq!(change(&world.olga, "rooms/add_member", &member(&world.sam)).await, StatusCode::OK);
    assert_eq!(change(&world.olga, "rooms/remove_member", &member(&world.olga)).await, StatusCode::OK);
    for (person, action) in [(&world.mia, REMOVED), (&world.nora, LEFT), (&world.olga, LEFT)] {
        let told: String = sqlx::query_scalar(
            "SELECT action FROM notices WHERE object = $1 AND action <> 'added' ORDER BY seq DESC LIMIT 1",
        )
        .bind(USER.object(person.id).to_string())
        .fetch_one(world.db().read())
        .await
        .unwrap();
        assert_eq!(told, action.to_string(), "{}", person.name);
    }
}

async fn a_name_of_which_nothing_is_seen_is_refused(database: Database) {
    let world = World::new(database).await;
    for name in ["", "\u{3164}", "\u{200b}\u{2060}", "\u{2800}"] {
        let id = world.open.to_string();
        for answer in [
            world.olga.call("rooms/create", &[("name", name)]).await,
            world.olga.call("rooms/rename", &[("id", &id), ("name", name)]).await,
        ] {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.sentence().contains("room name"), "{answer:?}");
        }
    }
}

async fn an_open_room_has_no_members_to_change(database: Database) {
    let world = World::new(database).await;
    let member = [("id", world.open), ("user", world.sam.id)];
    assert_eq!(change(&world.olga, "rooms/add_member", &member).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(change(&world.sam, "rooms/leave", &[("id", world.open)]).await, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn older_messages_come_in_pages(database: Database) {
    let world = World::new(database).await;
    let mut ids = vec![world.open_message];
    ids.extend(world.talk(&world.mia, world.open, (0..119).map(|n| format!("number {n}"))).await);
    let (mut found, mut before) = (Vec::new(), String::new());
    for (length, more) in [(50, true), (50, true), (20, false)] {
        let mut form = vec![("room", world.open.to_string())];
        if !before.is_empty() {
            form.push(("before", before.clone()));
        }
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = world.sam.call("messages/page", &form).await.json();
        let messages = page["messages"].as_array().unwrap();
        assert_eq!((messages.len(), page["more"].as_bool()), (length, Some(more)));
        found.splice(0..0, messages.iter().map(|message| message["id"].as_i64().unwrap()));
        before = found[0].to_string();
    }
    assert_eq!(found, ids);
}

async fn a_form_that_is_sent_twice_makes_one_room(database: Database) {
    let world = World::new(database).await;
    assert!(world.sam.get("/rooms/new").await.body.contains("name=\"client_id\""));
    let make = async |name: &str| {
        let form = [("name", name), ("closed", "1"), ("client_id", "the form")];
        world.sam.call("rooms/create", &form).await
    };
    let (first, second) = tokio::join!(make("Twice"), make("Twice"));
    assert_eq!((first.status, first.json()), (StatusCode::OK, second.json()));
    let other = make("Another").await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.sentence().starts_with("Another room was made with this form before."), "{other:?}");
    let again = world.mia.call("rooms/create", &[("name", "Twice"), ("client_id", "the form")]).await;
    assert_ne!(again.json(), first.json(), "what one person's form is called is nothing to another's");
}
