//! What is addressed to one person: who gets it, who hears of it, and when it goes.

use app::access::Access;
use app::entities::{MESSAGE, NOTIFIED, READ, USER};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Database, heard_after};
use crate::support::on_both;
use crate::support::person::Person;
use crate::support::world::World;

on_both!(
    who_is_mentioned_hears_of_it_and_finds_it_until_it_is_read,
    everyone_means_those_who_are_in_the_room,
    who_wants_to_hear_nothing_hears_nothing,
    an_edit_addresses_whom_it_newly_names_and_lets_go_of_the_others,
    what_was_deleted_waits_for_nobody,
    what_one_may_not_read_any_more_does_not_wait,
    the_inbox_can_be_emptied_at_once,
    one_can_mention_those_who_may_read_the_room,
    what_waits_is_known_by_its_words_or_else_by_its_first_file,
);

async fn inbox(person: &Person) -> Vec<Value> {
    person.call("inbox/unread", &[]).await.json()["entries"].as_array().unwrap().clone()
}

/// The messages that wait.
async fn waiting(person: &Person) -> Vec<i64> {
    inbox(person).await.iter().map(|entry| entry["id"].as_i64().unwrap()).collect()
}

/// The messages of which this person was notified, in order.
async fn notified(world: &World, person: &Person) -> Vec<i64> {
    let viewer = world.viewer(person).await;
    let access = Access::notices(world.db(), &viewer, USER.object(person.id)).await.unwrap();
    let notices = heard_after(world.db(), &access, 0).await.into_iter();
    let of_messages = notices.filter(|n| n.action == NOTIFIED && n.reference.entity == MESSAGE);
    of_messages.map(|n| n.reference.id).collect()
}

async fn call(person: &Person, function: &str, form: &[(&str, &str)]) {
    let answer = person.call(function, form).await;
    assert_eq!(answer.status, StatusCode::OK, "{function}: {answer:?}");
}

async fn who_is_mentioned_hears_of_it_and_finds_it_until_it_is_read(database: Database) {
    let world = World::new(database).await;
    let (mia, sam) = (&world.mia, &world.sam);
    let id = mia.post(world.open, "Have you seen this,\n@sam? @Mia has.").await;
    let entry = &inbox(sam).await[0];
    assert_eq!((&entry["id"], &entry["room"], &entry["cause"]), (&id.into(), &world.open.into(), &"mention".into()));
    assert_eq!((&entry["author"]["name"], &entry["room_name"]), (&"Mia".into(), &"Lounge".into()));
    assert_eq!(entry["excerpt"], "Have you seen this, @sam? @Mia has.");
    assert_eq!(notified(&world, sam).await, [id]);
    assert_eq!((waiting(mia).await, notified(&world, mia).await), (vec![], vec![]), "nobody addresses oneself");
    let reload = json!({ "ids": [id, world.open_message] });
    assert_eq!(sam.call_json("inbox/reload", reload.clone()).await.json().as_array().unwrap().len(), 1);
    assert_eq!(world.olga.call_json("inbox/reload", reload).await.json(), json!([]));

    let upto = |id: i64| [("room", world.open.to_string()), ("upto", id.to_string())];
    for (read, waits) in [(id - 1, 1), (id, 0)] {
        let form = upto(read);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        call(sam, "readings/mark", &form).await;
        assert_eq!(inbox(sam).await.len(), waits);
    }
}

async fn everyone_means_those_who_are_in_the_room(database: Database) {
    let world = World::new(database).await;
    let id = world.mia.post(world.closed, "@everyone please read @Nora").await;
    let causes =
        async |person: &Person| inbox(person).await.iter().map(|entry| entry["cause"].clone()).collect::<Vec<_>>();
    assert_eq!(causes(&world.olga).await, ["everyone"]);
    assert_eq!(causes(&world.nora).await, ["mention"]);
    for person in [&world.mia, &world.sam, &world.ada] {
        assert!(inbox(person).await.is_empty(), "{}", person.name);
    }
    let mentions = world.mia.call_json("messages/reload", json!({ "room": world.closed, "ids": [id] })).await.json();
    let names = json!([{ "id": 0, "name": "everyone" }, { "id": world.nora.id, "name": "Nora" }]);
    assert_eq!(mentions[0]["mentions"], names);

    let open = world.mia.post(world.open, "@everyone").await;
    assert_eq!(waiting(&world.sam).await, [open]);
    // An administrator is no member of the closed room, but may read it.
    let ada = world.mia.post(world.closed, "@Ada, @Sam").await;
    assert_eq!((waiting(&world.ada).await, waiting(&world.sam).await), (vec![open, ada], vec![open]));
}

async fn who_wants_to_hear_nothing_hears_nothing(database: Database) {
    let world = World::new(database).await;
    let room = world.open.to_string();
    for (level, hears) in [("mentions", true), ("nothing", false), ("everything", true)] {
        call(&world.sam, "readings/set_level", &[("room", &room), ("level", level)]).await;
        let id = world.mia.post(world.open, "@Sam").await;
        assert_eq!(waiting(&world.sam).await.contains(&id), hears, "{level}");
        assert_eq!(notified(&world, &world.sam).await.contains(&id), hears, "{level}");
    }
}

async fn an_edit_addresses_whom_it_newly_names_and_lets_go_of_the_others(database: Database) {
    let world = World::new(database).await;
    let (mia, sam, olga) = (&world.mia, &world.sam, &world.olga);
    let id = mia.post(world.open, "@Sam and all").await;
    let edit = async |body: &str| call(mia, "messages/edit", &[("id", &id.to_string()), ("body", body)]).await;
    edit("@Sam and @Olga").await;
    assert_eq!((waiting(sam).await, waiting(olga).await), (vec![id], vec![id]));
    assert_eq!((notified(&world, sam).await, notified(&world, olga).await), (vec![id], vec![id]));
    edit("@Olga").await;
    assert_eq!((waiting(sam).await, waiting(olga).await), (vec![], vec![id]));
    assert_eq!(notified(&world, sam).await, [id, id], "he is told that it is gone");
    // What was read does not come back because its end was mended.
    call(olga, "inbox/clear", &[]).await;
    edit("@Olga!").await;
    assert!(inbox(olga).await.is_empty());
    // Somebody else's edit addresses neither its own author nor the message's.
    call(&world.ada, "messages/edit", &[("id", &id.to_string()), ("body", "@Ada @Mia @Sam")]).await;
    assert_eq!((waiting(mia).await, waiting(&world.ada).await, waiting(sam).await), (vec![], vec![], vec![id]));
}

async fn what_was_deleted_waits_for_nobody(database: Database) {
    let world = World::new(database).await;
    let id = world.mia.post(world.open, "@everyone").await;
    assert_eq!(waiting(&world.sam).await, [id]);
    call(&world.mia, "messages/delete", &[("id", &id.to_string())]).await;
    assert_eq!((waiting(&world.sam).await, notified(&world, &world.sam).await), (vec![], vec![id, id]));
}

async fn what_one_may_not_read_any_more_does_not_wait(database: Database) {
    let world = World::new(database).await;
    let id = world.olga.post(world.closed, "@Mia").await;
    assert_eq!(waiting(&world.mia).await, [id]);
    let member = [("id", &*world.closed.to_string()), ("user", &*world.mia.id.to_string())];
    call(&world.olga, "rooms/remove_member", &member).await;
    assert!(inbox(&world.mia).await.is_empty());
    assert_eq!(world.mia.call_json("inbox/reload", json!({ "ids": [id] })).await.json(), json!([]));
    call(&world.olga, "rooms/delete", &[("id", &world.closed.to_string())]).await;
    assert!(inbox(&world.mia).await.is_empty());
}

async fn the_inbox_can_be_emptied_at_once(database: Database) {
    let world = World::new(database).await;
    world.mia.post(world.open, "@Sam").await;
    world.mia.post(world.open, "@Olga and @Sam").await;
    call(&world.sam, "inbox/clear", &[]).await;
    call(&world.sam, "inbox/clear", &[]).await;
    assert_eq!((waiting(&world.sam).await.len(), waiting(&world.olga).await.len()), (0, 1));
    let viewer = world.viewer(&world.sam).await;
    let access = Access::notices(world.db(), &viewer, USER.object(world.sam.id)).await.unwrap();
    let notices = heard_after(world.db(), &access, 0).await;
    let read = notices.iter().filter(|notice| notice.action == READ).count();
    assert_eq!(read, 1, "the second time there was nothing to empty");
}

async fn one_can_mention_those_who_may_read_the_room(database: Database) {
    let world = World::new(database).await;
    let names = async |room: i64| -> Vec<String> {
        let people = world.mia.call("mentions/candidates", &[("room", &room.to_string())]).await.json();
        people.as_array().unwrap().iter().map(|person| person["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(world.open).await, ["Ada", "Mia", "Nora", "Olga", "Sam"]);
    assert_eq!(names(world.closed).await, ["Ada", "Mia", "Nora", "Olga"]);
    call(&world.ada, "accounts/set_active", &[("user", &world.nora.id.to_string()), ("active", "false")]).await;
    assert_eq!(names(world.closed).await, ["Ada", "Mia", "Olga"]);
}

async fn what_waits_is_known_by_its_words_or_else_by_its_first_file(database: Database) {
    let world = World::new(database).await;
    let (mia, sam) = (&world.mia, &world.sam);
    let room = mia.call("rooms/direct", &[("people[]", sam.id.to_string().as_str())]).await.json().as_i64().unwrap();
    let mut files = Vec::new();
    for name in ["*map*.txt", "list.txt"] {
        files.push(mia.upload(room, name, "x").await.json()["id"].as_i64().unwrap());
    }
    for (body, files) in [("", &files[..]), ("Look **here**:\n`x`", &[])] {
        assert_eq!(mia.post_files(room, body, files, &uuid::Uuid::new_v4().to_string()).await.status, StatusCode::OK);
    }
    let excerpts: Vec<Value> = inbox(sam).await.iter().map(|entry| entry["excerpt"].clone()).collect();
    assert_eq!(excerpts, ["*map*.txt", "Look here: x"]);
}
