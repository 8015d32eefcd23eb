//! What counts as a word, and which words find which.

use reqwest::StatusCode;

use crate::search::{found, ids, search};
use crate::support::database::Database;
use crate::support::on_both;
use crate::support::person::Person;
use crate::support::world::World;

on_both!(
    an_edited_message_is_found_by_its_new_words_and_a_deleted_one_not_at_all,
    words_of_every_script_are_found,
    words_are_found_without_capitals_accents_and_punctuation,
    every_word_has_to_occur_and_the_last_may_be_a_beginning,
    whatever_is_typed_is_words,
    signs_that_only_stand_above_others_are_no_words,
    what_holds_no_word_or_too_much_is_refused_with_a_sentence,
);

async fn an_edited_message_is_found_by_its_new_words_and_a_deleted_one_not_at_all(database: Database) {
    let world = World::new(database).await;
    let message = world.mia.post(world.open, "about apples").await;
    let id = message.to_string();
    assert_eq!(world.mia.call("messages/edit", &[("id", &id), ("body", "about pears")]).await.status, StatusCode::OK);
    assert_eq!((found(&world.sam, "apples").await, found(&world.sam, "pears").await), (vec![], vec![message]));
    assert_eq!(world.mia.call("messages/delete", &[("id", &id)]).await.status, StatusCode::OK);
    assert_eq!(found(&world.sam, "pears").await, [0; 0]);
}

async fn words_of_every_script_are_found(database: Database) {
    let world = World::new(database).await;
    for word in ["чай", "Ёлка", "안녕하세요", "καλημέρα", "Νίκος", "がんばって", "أحمد", "हड़ताल", "สวัสดี", "Nguyễn"]
    {
        let id = world.mia.post(world.open, &format!("1, {word}!")).await;
        let beginning: String = word.chars().take(3).collect();
        for q in [word, &word.to_lowercase(), &word.to_uppercase(), &beginning] {
            assert_eq!(found(&world.sam, q).await, [id], "{q}");
        }
    }
    // As the names of files come from some systems.
    let id = world.mia.post(world.open, "2, \u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}!").await;
    assert_eq!(found(&world.sam, "한글").await, [id]);
}

async fn words_are_found_without_capitals_accents_and_punctuation(database: Database) {
    let world = World::new(database).await;
    let cafe = world.mia.post(world.open, "Treffen im Café Zoë, 14:30 (pünktlich!)").await;
    let link = world.mia.post(world.open, "see https://example.org/deep/path_to-file.txt?x=1").await;
    for q in ["cafe", "CAFÉ", "zoe treffen", "14 30", "punktlich", "Pünktlich", "cafe\u{301}"] {
        assert_eq!(found(&world.sam, q).await, [cafe], "{q}");
    }
    for q in ["example.org", "path", "path_to-file.txt", "deep file"] {
        assert_eq!(found(&world.sam, q).await, [link], "{q}");
    }
    let decomposed = world.mia.post(world.open, "une nai\u{308}vete\u{301}").await;
    assert_eq!(found(&world.sam, "naïveté").await, [decomposed]);
}

async fn every_word_has_to_occur_and_the_last_may_be_a_beginning(database: Database) {
    let world = World::new(database).await;
    let both = world.mia.post(world.open, "the quick brown fox").await;
    let one = world.mia.post(world.open, "a quick reply").await;
    for (q, expected) in [
        ("quick", vec![one, both]),
        ("quick fox", vec![both]),
        ("fox quick", vec![both]),
        ("quick bro", vec![both]),
        ("qui", vec![one, both]),
        ("qui ", vec![]),
        ("qui fox", vec![]),
        ("quick cat", vec![]),
    ] {
        assert_eq!(found(&world.sam, q).await, expected, "{q}");
    }
}

async fn whatever_is_typed_is_words(database: Database) {
    let world = World::new(database).await;
    let message = world.mia.post(world.open, "near or not and body").await;
    for q in [
        "NEAR",
        "near OR",
        "\"near\"",
        "near AND NOT",
        "body:near",
        "near*",
        "^near",
        "-near",
        "near + not",
        "(near",
        "near)",
        "near\"",
        "'near'",
        "near & !",
        "near | not",
        "near:*",
        "near <-> or",
        "near\\",
        "near;--",
        "near%",
        "_near_",
        "near' OR '1'='1",
        "{near}",
        "near~2",
    ] {
        let answer = search(&world.sam, q).await;
        assert_eq!(answer.status, StatusCode::OK, "{q}: {answer:?}");
        assert!(!answer.body.contains("syntax") && !answer.body.contains("SQL"), "{q}: {answer:?}");
        let words = ["1", "2"].iter().any(|word| q.contains(word));
        assert_eq!(ids(&answer.json()), if words { vec![] } else { vec![message] }, "{q}");
    }
    for q in
        ["%", "_", "x%", "' UNION SELECT 1,2,3 --", "\"; DROP TABLE messages; --", "message_words", "rank MATCH 'x'"]
    {
        assert!(!found_or_refused(&world.sam, q).await.contains(&message), "{q}");
    }
    assert_eq!(found(&world.sam, "near").await, [message], "nothing was dropped");
}

async fn signs_that_only_stand_above_others_are_no_words(database: Database) {
    let world = World::new(database).await;
    let message = world.mia.post(world.open, "hello there").await;
    for q in ["hello \u{345}", "\u{345} hello", "hello \u{345}\u{301} there"] {
        assert_eq!(found(&world.sam, q).await, [message], "{q:?}");
    }
    let refused = search(&world.sam, "\u{345}").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.sentence().contains("enter a word"), "{refused:?}");
}

async fn what_holds_no_word_or_too_much_is_refused_with_a_sentence(database: Database) {
    let world = World::new(database).await;
    for q in ["", " ", "\"\"", "***", "'", "😀 !", "-- ;"] {
        for function in ["search/messages", "search/anything"] {
            let answer = world.sam.call(function, &[("q", q)]).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{q}");
            assert!(answer.sentence().contains("enter a word"), "{answer:?}");
        }
        // An empty field is how the page begins.
        let page = world.sam.send(world.sam.request(reqwest::Method::GET, "/search").query(&[("q", q)])).await;
        assert_eq!((page.status, page.body.contains("enter a word")), (StatusCode::OK, !q.is_empty()), "{q}");
    }
    for long in ["x".repeat(201), "a ".repeat(50_000), "\"".repeat(10_000)] {
        let answer = search(&world.sam, &long).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.sentence().contains("200 characters"), "{answer:?}");
    }
    assert_eq!(found(&world.sam, &"a ".repeat(100)).await, [0; 0]);
}

async fn found_or_refused(person: &Person, q: &str) -> Vec<i64> {
    let answer = search(person, q).await;
    match answer.status {
        StatusCode::OK => ids(&answer.json()),
        StatusCode::UNPROCESSABLE_ENTITY => Vec::new(),
        _ => panic!("{q}: {answer:?}"),
    }
}
