//! Direct conversations: the same people meet in the same room, and nobody else finds it.

use app::access::Access;
use app::entities::{ADDED, ROOM, USER};
use earshot_live::pusher::channel;
use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Database, heard_after};
use crate::support::on_both;
use crate::support::person::{Answer, Person};
use crate::support::world::World;

on_both!(
    the_same_people_always_meet_in_the_same_room,
    of_many_who_begin_at_once_all_meet_in_one_room,
    each_sees_it_by_the_names_of_the_others,
    nobody_else_finds_it_not_even_an_administrator,
    it_keeps_its_people_and_its_name,
    its_beginning_is_heard_by_each_of_its_people,
    who_cannot_be_talked_with_is_refused_with_a_sentence,
    the_newest_talk_is_known,
);

async fn open(person: &Person, people: &[i64]) -> Answer {
    let form: Vec<(&str, String)> = people.iter().map(|id| ("people[]", id.to_string())).collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    person.call("rooms/direct", &form).await
}

async fn opened(person: &Person, people: &[i64]) -> i64 {
    let answer = open(person, people).await;
    answer.json().as_i64().unwrap_or_else(|| panic!("not opened: {answer:?}"))
}

async fn listed(person: &Person, room: i64) -> Option<Value> {
    let list = person.call("rooms/list", &[]).await.json();
    list["rooms"].as_array().unwrap().iter().find(|listed| listed["id"] == room).cloned()
}

async fn the_same_people_always_meet_in_the_same_room(database: Database) {
    let world = World::new(database).await;
    let (olga, mia, sam) = (&world.olga, &world.mia, &world.sam);
    let two = opened(mia, &[sam.id]).await;
    assert_eq!(opened(sam, &[mia.id]).await, two);
    assert_eq!(opened(sam, &[mia.id, sam.id, mia.id]).await, two, "who asks is in anyway, and once");
    let three = opened(mia, &[sam.id, olga.id]).await;
    assert_eq!(opened(olga, &[mia.id, sam.id]).await, three);
    let alone = opened(sam, &[sam.id]).await;
    assert_eq!(opened(sam, &[sam.id]).await, alone);
    assert!(two != three && three != alone && two != alone);
}

async fn of_many_who_begin_at_once_all_meet_in_one_room(database: Database) {
    let world = World::new(database).await;
    let (mia, sam) = (&world.mia, &world.sam);
    let calls = (0..10).flat_map(|_| [(mia, [sam.id]), (sam, [mia.id])]);
    let mut rooms = join_all(calls.map(async |(person, people)| opened(person, &people).await)).await;
    rooms.dedup();
    assert_eq!(rooms.len(), 1, "{rooms:?}");
}

async fn each_sees_it_by_the_names_of_the_others(database: Database) {
    let world = World::new(database).await;
    let (olga, mia, sam) = (&world.olga, &world.mia, &world.sam);
    let room = opened(mia, &[sam.id, olga.id]).await;
    for (person, name) in [(mia, "Olga, Sam"), (sam, "Mia, Olga"), (olga, "Mia, Sam")] {
        assert_eq!(listed(person, room).await.unwrap()["name"], name);
        assert_eq!(person.call("rooms/get", &[("id", &room.to_string())]).await.json()["name"], name);
        let page = person.get(&format!("/rooms/{room}")).await;
        assert!(page.body.contains(&format!("<title>{name} · Earshot</title>")), "{}", page.body);
    }
    assert_eq!(listed(sam, opened(sam, &[sam.id]).await).await.unwrap()["name"], "You");
}

async fn nobody_else_finds_it_not_even_an_administrator(database: Database) {
    let world = World::new(database).await;
    let room = opened(&world.mia, &[world.sam.id]).await;
    let message = world.mia.post(room, "Between the two of us").await;
    let (id, of_message) = (room.to_string(), message.to_string());
    for other in [&world.ada, &world.olga] {
        assert!(listed(other, room).await.is_none(), "{}", other.name);
        let asked: [(&str, &[(&str, &str)]); 7] = [
            ("rooms/get", &[("id", &id)]),
            ("rooms/members", &[("id", &id)]),
            ("rooms/rename", &[("id", &id), ("name", "Ours")]),
            ("rooms/delete", &[("id", &id)]),
            ("messages/page", &[("room", &id)]),
            ("messages/edit", &[("id", &of_message), ("body", "Changed")]),
            ("messages/delete", &[("id", &of_message)]),
        ];
        for (function, form) in asked {
            let status = other.call(function, form).await.status;
            assert_eq!(status, StatusCode::NOT_FOUND, "{function} as {}", other.name);
        }
        assert_eq!(other.get(&format!("/rooms/{room}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(other.call_json("rooms/reload", json!({ "ids": [room] })).await.json(), json!([]));
        let signed = other.authorise("1.2", &channel::of(ROOM.object(room))).await;
        assert_eq!(signed.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(world.sam.read(room, &[message]).await, ["Between the two of us"]);
}

async fn it_keeps_its_people_and_its_name(database: Database) {
    let world = World::new(database).await;
    let room = opened(&world.mia, &[world.sam.id]).await.to_string();
    let (olga, sam) = (world.olga.id.to_string(), world.sam.id.to_string());
    let asked: [(&str, &[(&str, &str)]); 4] = [
        ("rooms/rename", &[("id", &room), ("name", "Ours")]),
        ("rooms/delete", &[("id", &room)]),
        ("rooms/add_member", &[("id", &room), ("user", &olga)]),
        ("rooms/remove_member", &[("id", &room), ("user", &sam)]),
    ];
    for (function, form) in asked {
        assert_eq!(world.mia.call(function, form).await.status, StatusCode::NOT_FOUND, "{function}");
    }
    let left = world.mia.call("rooms/leave", &[("id", &room)]).await;
    assert_eq!((left.status, left.sentence().contains("keeps its people")), (StatusCode::UNPROCESSABLE_ENTITY, true));
    let settings = world.mia.get(&format!("/rooms/{room}/settings")).await;
    assert_eq!(settings.status, StatusCode::OK);
    for form in ["rooms/rename", "rooms/delete", "rooms/add_member", "rooms/remove_member", "rooms/leave"] {
        assert!(!settings.body.contains(&format!("/api/{form}")), "{form}");
    }
}

async fn its_beginning_is_heard_by_each_of_its_people(database: Database) {
    let world = World::new(database).await;
    let room = opened(&world.mia, &[world.sam.id]).await;
    assert_eq!(opened(&world.sam, &[world.mia.id]).await, room, "again: nobody is told twice");
    for person in [&world.mia, &world.sam] {
        let viewer = world.viewer(person).await;
        let access = Access::notices(world.db(), &viewer, USER.object(person.id)).await.unwrap();
        let heard = heard_after(world.db(), &access, 0).await;
        let heard: Vec<_> = heard.iter().filter(|notice| notice.reference.id == room).collect();
        assert_eq!(heard.len(), 1, "{}", person.name);
        assert_eq!((heard[0].action, heard[0].reference.entity), (ADDED, ROOM));
    }
}

async fn who_cannot_be_talked_with_is_refused_with_a_sentence(database: Database) {
    let world = World::new(database).await;
    let nobody = open(&world.mia, &[]).await;
    assert_eq!((nobody.status, nobody.sentence().contains("at least one")), (StatusCode::UNPROCESSABLE_ENTITY, true));
    let too_many: Vec<i64> = (1..=9).collect();
    let too_many = open(&world.mia, &too_many).await;
    assert_eq!((too_many.status, too_many.sentence().contains("At most 8")), (StatusCode::UNPROCESSABLE_ENTITY, true));
    for unknown in [0, -1, 987_654_321] {
        assert_eq!(open(&world.mia, &[unknown]).await.status, StatusCode::NOT_FOUND, "{unknown}");
    }
    let sam = world.sam.id.to_string();
    let ended = world.ada.call("accounts/set_active", &[("user", &sam), ("active", "false")]).await;
    assert_eq!(ended.status, StatusCode::OK);
    assert_eq!(open(&world.mia, &[world.sam.id]).await.status, StatusCode::NOT_FOUND, "deactivated");
}

async fn the_newest_talk_is_known(database: Database) {
    let world = World::new(database).await;
    let room = opened(&world.mia, &[world.sam.id]).await;
    assert_eq!(listed(&world.sam, room).await.unwrap()["latest"], Value::Null);
    let message = world.mia.post(room, "Hello Sam").await;
    assert_eq!(listed(&world.sam, room).await.unwrap()["latest"], message);
    assert_eq!(listed(&world.sam, world.open).await.unwrap()["latest"], Value::Null);
}
