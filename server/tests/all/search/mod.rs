//! Search finds what one may read, whatever one types.

mod words;

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
