//! What people put under messages.

use app::access::Access;
use app::entities::{MESSAGE, REACTED, ROOM};
use app::reactions::MAX_DIFFERENT;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Database, heard_after};
use crate::support::on_both;
use crate::support::person::{Answer, Person};
use crate::support::world::World;

on_both!(
    a_reaction_is_put_and_taken_away_and_each_leaves_a_notice,
    only_one_emoji_is_a_reaction,
    a_message_holds_so_many_different_ones,
    two_who_react_at_the_same_time_are_both_there,
);

async fn react(person: &Person, message: i64, emoji: &str) -> Answer {
    person.call("reactions/toggle", &[("message", &message.to_string()), ("emoji", emoji)]).await
}

/// Each emoji under the message, with the names of those who put it there.
async fn under(person: &Person, room: i64, message: i64) -> Vec<(String, Vec<String>)> {
    let found = person.call_json("messages/reload", json!({ "room": room, "ids": [message] })).await.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let names = |people: &Value| people.as_array().unwrap().iter().map(|one| text(&one["name"])).collect();
    let reactions = found[0]["reactions"].as_array().unwrap();
    reactions.iter().map(|reaction| (text(&reaction["emoji"]), names(&reaction["people"]))).collect()
}

async fn a_reaction_is_put_and_taken_away_and_each_leaves_a_notice(database: Database) {
    let world = World::new(database).await;
    let (room, message) = (world.open, world.open_message);
    let seen = |of: &[(&str, &[&str])]| -> Vec<(String, Vec<String>)> {
        of.iter().map(|(emoji, names)| ((*emoji).into(), names.iter().map(|name| (*name).into()).collect())).collect()
    };
    assert_eq!(under(&world.sam, room, message).await, []);
    for (person, emoji) in [(&world.sam, "🎉"), (&world.mia, "👍"), (&world.sam, "👍")] {
        assert_eq!(react(person, message, emoji).await.status, StatusCode::OK);
    }
    assert_eq!(under(&world.nora, room, message).await, seen(&[("🎉", &["Sam"]), ("👍", &["Mia", "Sam"])]));
    assert_eq!(react(&world.sam, message, "🎉").await.status, StatusCode::OK);
    assert_eq!(under(&world.sam, room, message).await, seen(&[("👍", &["Mia", "Sam"])]));
    let viewer = world.viewer(&world.sam).await;
    let access = Access::notices(world.db(), &viewer, ROOM.object(room)).await.unwrap();
    let notices = heard_after(world.db(), &access, 1).await;
    let said: Vec<_> = notices.iter().map(|n| (n.action, n.reference.entity, n.reference.id)).collect();
    assert_eq!(said, [(REACTED, MESSAGE, message); 4]);
}

async fn only_one_emoji_is_a_reaction(database: Database) {
    let world = World::new(database).await;
    for no in ["", "a", "+1", ":+1:", "👍👍", "<b>👍</b>", &"👍".repeat(1_000)] {
        let refused = react(&world.sam, world.open_message, no).await;
        assert_eq!(
            (refused.status, refused.sentence().contains("one emoji")),
            (StatusCode::UNPROCESSABLE_ENTITY, true),
            "{no}"
        );
    }
    assert_eq!(react(&world.sam, world.open_message, "❤").await.status, StatusCode::OK);
    assert_eq!(under(&world.sam, world.open, world.open_message).await[0].0, "❤️", "in its one form");
    assert_eq!(react(&world.sam, world.closed_message, "👍").await.status, StatusCode::NOT_FOUND);
}

async fn a_message_holds_so_many_different_ones(database: Database) {
    let world = World::new(database).await;
    let animals = "🐶🐱🐭🐹🐰🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤🦆🦅";
    let mut animals = animals.chars().map(String::from);
    for animal in animals.by_ref().take(MAX_DIFFERENT) {
        assert_eq!(react(&world.sam, world.open_message, &animal).await.status, StatusCode::OK, "{animal}");
    }
    let one_more = animals.next().unwrap();
    assert_eq!(react(&world.mia, world.open_message, &one_more).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(react(&world.mia, world.open_message, "🐶").await.status, StatusCode::OK, "joining one is no more");
}

async fn two_who_react_at_the_same_time_are_both_there(database: Database) {
    let world = World::new(database).await;
    let message = world.open_message;
    let everyone = [&world.ada, &world.olga, &world.mia, &world.sam];
    let answers = futures::future::join_all(everyone.map(|person| react(person, message, "👍"))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK), "{answers:?}");
    let (_, names) = under(&world.sam, world.open, message).await.remove(0);
    assert_eq!(names.len(), everyone.len());
}
