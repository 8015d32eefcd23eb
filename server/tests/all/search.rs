//! Search finds what one may read, whatever one types.

use app::search::store::statements;
use earshot_live::store::Dialect;
use reqwest::StatusCode;
use serde_json::Value;
use sqlx::Row;

use crate::support::database::Database;
use crate::support::on_both;
use crate::support::person::{Answer, Person};
use crate::support::world::World;

on_both!(
    each_finds_what_they_may_read_and_nothing_else,
    what_is_found_comes_newest_first_and_in_pages,
    an_edited_message_is_found_by_its_new_words_and_a_deleted_one_not_at_all,
    words_are_found_without_capitals_accents_and_punctuation,
    words_of_every_script_are_found,
    every_word_has_to_occur_and_the_last_may_be_a_beginning,
    whatever_is_typed_is_words,
    signs_that_only_stand_above_others_are_no_words,
    what_holds_no_word_or_too_much_is_refused_with_a_sentence,
    markup_in_what_was_found_stays_text,
    people_are_found_by_the_beginning_of_their_names,
    the_page_shows_what_was_found_and_leads_on,
    a_direct_message_is_found_by_its_people_alone,
    what_one_may_read_is_found_behind_many_that_others_may,
);

async fn search(person: &Person, q: &str) -> Answer {
    person.call("search/messages", &[("q", q)]).await
}

/// The ids of the messages that are found.
async fn found(person: &Person, q: &str) -> Vec<i64> {
    let answer = search(person, q).await;
    assert_eq!(answer.status, StatusCode::OK, "{q}: {answer:?}");
    ids(&answer.json())
}

fn ids(found: &Value) -> Vec<i64> {
    found["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_i64().unwrap()).collect()
}

/// A hit's text, with the words that were found in brackets.
fn text(hit: &Value) -> String {
    let piece = |piece: &Value| {
        let text = piece["text"].as_str().unwrap();
        if piece["found"] == true { format!("[{text}]") } else { text.to_owned() }
    };
    hit["snippet"].as_array().unwrap().iter().map(piece).collect()
}

async fn each_finds_what_they_may_read_and_nothing_else(database: Database) {
    let world = World::new(database).await;
    let (open, closed) = (world.open_message, world.closed_message);
    for (person, expected) in [
        (&world.sam, vec![open]),
        (&world.mia, vec![closed, open]),
        (&world.olga, vec![closed, open]),
        (&world.nora, vec![closed, open]),
        (&world.ada, vec![closed, open]),
    ] {
        assert_eq!(found(person, "said").await, expected, "{}", person.name);
        assert_eq!(found(person, "among us").await, expected[..expected.len() - 1], "{}", person.name);
    }
    let removed = [("id", &*world.closed.to_string()), ("user", &*world.mia.id.to_string())];
    assert_eq!(world.olga.call("rooms/remove_member", &removed).await.status, StatusCode::OK);
    assert_eq!(found(&world.mia, "said").await, [open], "what one wrote oneself, too, is the room's");
    assert_eq!(world.olga.call("rooms/delete", &[("id", &world.closed.to_string())]).await.status, StatusCode::OK);
    assert_eq!(found(&world.ada, "said").await, [open]);
}

async fn what_is_found_comes_newest_first_and_in_pages(database: Database) {
    let world = World::new(database).await;
    let said = (0..60).flat_map(|n| [format!("needle {n}"), "hay".to_owned()]);
    let mut posted: Vec<i64> = world.talk(&world.mia, world.open, said).await.into_iter().step_by(2).collect();
    posted.reverse();
    let (mut all, mut before) = (Vec::new(), String::new());
    for (length, more) in [(25, true), (25, true), (10, false)] {
        let form = [("q", "needle"), ("before", &before)];
        let page = world.sam.call("search/messages", &form[..if before.is_empty() { 1 } else { 2 }]).await.json();
        assert_eq!((ids(&page).len(), !page["before"].is_null()), (length, more));
        all.extend(ids(&page));
        before = page["before"].to_string();
    }
    assert_eq!(all, posted);
}

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

async fn found_or_refused(person: &Person, q: &str) -> Vec<i64> {
    let answer = search(person, q).await;
    match answer.status {
        StatusCode::OK => ids(&answer.json()),
        StatusCode::UNPROCESSABLE_ENTITY => Vec::new(),
        _ => panic!("{q}: {answer:?}"),
    }
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

async fn markup_in_what_was_found_stays_text(database: Database) {
    let world = World::new(database).await;
    world.mia.post(world.open, "needle <img src=x onerror=alert(1)> <script>alert(1)</script> </mark>").await;
    let hits = search(&world.sam, "needle alert").await.json();
    assert_eq!(text(&hits["hits"][0]), "[needle] <img src=x onerror=[alert](1)> <script>[alert](1)</script> </mark>");
    for q in ["needle alert", "<script>alert(1)</script> needle", "\"><img src=x onerror=alert(1)>needle"] {
        let page = world.sam.send(world.sam.request(reqwest::Method::GET, "/search").query(&[("q", q)])).await;
        assert_eq!(page.status, StatusCode::OK, "{q}");
        assert!(!page.body.contains("<img src=x") && !page.body.contains("<script>alert"), "{q}");
    }
    let page = world.sam.get("/search?q=needle").await;
    assert!(page.html().contains("<mark>needle</mark> &lt;img src=x"), "{}", page.body);
}

async fn people_are_found_by_the_beginning_of_their_names(database: Database) {
    let world = World::new(database).await;
    for (q, expected) in [("mi", vec!["Mia"]), ("a", vec!["Ada", "Mia", "Nora", "Olga", "Sam"]), ("xyz", vec![])] {
        let answer = world.sam.call("search/anything", &[("q", q)]).await.json();
        let people = answer["people"].as_array().unwrap();
        let names: Vec<&str> = people.iter().map(|person| person["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{q}");
        assert!(people.iter().all(|person| person.get("email").is_none()));
    }
    let answer = world.sam.call("search/anything", &[("q", "said")]).await.json();
    assert_eq!(answer["messages"].as_array().unwrap().len(), 1);
    assert_eq!(text(&answer["messages"][0]), "[Said] in the open");
}

async fn the_page_shows_what_was_found_and_leads_on(database: Database) {
    let world = World::new(database).await;
    world.talk(&world.mia, world.open, (0..30).map(|n| format!("needle {n}"))).await;
    let page = world.sam.get("/search?q=needle").await;
    assert_eq!(page.status, StatusCode::OK);
    let newest = found(&world.sam, "needle").await[0];
    let permalink = format!("/rooms/{}?at={newest}#message-{newest}", world.open);
    assert!(page.html().contains(&permalink) && page.html().contains(">Lounge</a>"), "{}", page.body);
    let next = page.body.split("href=\"").find(|link| link.starts_with("/search?q=needle&amp;before=")).unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    let page = world.sam.get(&next).await;
    assert!(page.html().contains("needle</mark> 0") && !page.body.contains("Look further back"), "{}", page.body);
    let nothing = world.sam.get("/search?q=haystack").await;
    assert!(nothing.html().contains("Nothing was found for “haystack”"), "{}", nothing.body);
}

async fn a_direct_message_is_found_by_its_people_alone(database: Database) {
    let world = World::new(database).await;
    let room = world.mia.call("rooms/direct", &[("people[]", &world.sam.id.to_string())]).await.json();
    let message = world.mia.post(room.as_i64().unwrap(), "between the two of us").await;
    for (person, expected) in
        [(&world.mia, vec![message]), (&world.sam, vec![message]), (&world.olga, vec![]), (&world.ada, vec![])]
    {
        assert_eq!(found(person, "between").await, expected, "{}", person.name);
    }
    assert_eq!(search(&world.sam, "between").await.json()["hits"][0]["room_name"], "Mia");
}

async fn what_one_may_read_is_found_behind_many_that_others_may(database: Database) {
    let world = World::new(database).await;
    let mine = world.mia.post(world.open, "needle in the open").await;
    // More than the first round looks at.
    let mut tx = world.db().begin("Mia").await.unwrap();
    for n in 0..600 {
        sqlx::query(
            "INSERT INTO messages (room_id, author_id, client_id, body, posted) VALUES ($1, $2, $3, 'needle', 0)",
        )
        .bind(world.closed)
        .bind(world.mia.id)
        .bind(format!("bulk-{n}"))
        .execute(tx.sql())
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(found(&world.sam, "needle").await, [mine]);
    assert_eq!(found(&world.mia, "needle").await.len(), 25);
}

#[tokio::test]
async fn no_search_reads_through_all_messages() {
    let world = World::new(crate::support::database::sqlite()).await;
    let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statements(Dialect::Sqlite)[0])))
        .fetch_all(world.db().read())
        .await
        .unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.get::<String, _>("detail")).collect();
    // FTS5 calls it a scan when it looks words up. The others go over what was found before.
    let looks_up = |step: &str| {
        step.contains("VIRTUAL TABLE INDEX") || ["SCAN f", "SCAN f LEFT-JOIN", "SCAN l", "SCAN found"].contains(&step)
    };
    let scans: Vec<&String> = plan.iter().filter(|step| step.starts_with("SCAN") && !looks_up(step)).collect();
    assert!(scans.is_empty(), "{plan:#?}");
}
