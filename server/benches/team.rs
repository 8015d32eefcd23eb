//! How long a person waits for the pages of a large team, on both databases: `bin/bench team [messages [rooms [people]]]`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../tests/all/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::access::Viewer;
use app::inbox::MAX_ENTRIES;
use app::people::passwords::Passwords;
use app::search::query::Query;
use app::search::store::statements;
use earshot_hub::Hub;
use earshot_live::store::{Db, Dialect};
use reqwest::Method;
use server::demo::large::{self, Size};
use sqlx::{AssertSqlSafe, Row};
use support::database::{self, Database};
use support::person::Person;
use support::postgres;
use support::process::Process;

const ROUNDS: usize = 100;
/// Not the administrator.
const READER: usize = 2;

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let mut number = |default| numbers.next().unwrap_or(default);
    let size = Size { messages: number(1_000_000), rooms: number(1_000), people: number(1_000) };
    println!("{} messages, {} rooms, {} people; milliseconds\n", size.messages, size.rooms, size.people);
    for name in ["SQLite", "PostgreSQL"] {
        let database = if name == "SQLite" { database::sqlite() } else { postgres::database().await };
        measure(name, &database, size).await;
    }
}

async fn measure(name: &str, database: &Database, size: Size) {
    let db = database::bare(database, Arc::new(Hub::default())).await;
    let begun = Instant::now();
    large::fill(&db, &Passwords::new().unwrap(), size).await.unwrap();
    println!("\n{name}, filled in {:.0} s\n\n| | p50 | p99 | KiB |\n|---|--:|--:|--:|", begun.elapsed().as_secs_f64());
    let process = Process::start_with(&database.url, 20_000).await;
    let reader = Person::anonymous(&process.url);
    sign_in(&reader, READER).await;
    fill_inbox(&process.url).await;
    for (what, function, form) in [
        ("search: a common word", "search/messages", [("q", "the ")]),
        ("search: two common words", "search/messages", [("q", "meeting tomorrow ")]),
        ("search: a common beginning", "search/messages", [("q", "me")]),
        ("search: a longer beginning", "search/messages", [("q", "messa")]),
        ("search: a rare word", "search/messages", [("q", &rare(&db).await)]),
        ("search: common and rare", "search/messages", [("q", &format!("the {}", rare(&db).await))]),
        ("search: no hit", "search/messages", [("q", "nowheretobefound")]),
        ("Ctrl+K: people and messages", "search/anything", [("q", "mee")]),
        ("sidebar", "rooms/list", [("q", "")]),
        ("inbox", "inbox/unread", [("q", "")]),
    ] {
        report(what, || reader.request(Method::POST, &format!("/api/{function}")).form(&form), &reader).await;
    }
    let room = reader.call("rooms/list", &[]).await.json()["rooms"][0]["id"].as_i64().unwrap();
    for (what, path) in [
        ("page: a room", format!("/rooms/{room}")),
        ("page: the rooms", "/rooms".into()),
        ("page: search", "/search?q=meeting".into()),
        ("page: the inbox", "/inbox".into()),
    ] {
        report(what, || reader.request(Method::GET, &path), &reader).await;
    }
    println!();
    let [newest, by_words] = statements(db.dialect());
    plan(&db, newest, "the").await;
    plan(&db, by_words, &rare(&db).await).await;
    db.close().await;
}

async fn sign_in(person: &Person, number: usize) {
    let form = [("email", &*large::email(number)), ("password", "earshot-demo")];
    assert_eq!(person.call("people/sign_in", &form).await.status, 200);
}

/// As many messages for the reader as the inbox shows.
async fn fill_inbox(url: &str) {
    let other = Person::anonymous(url);
    sign_in(&other, READER + 1).await;
    let room = other.call("rooms/direct", &[("people[]", &READER.to_string())]).await.json().as_i64().unwrap();
    for number in 0..MAX_ENTRIES {
        other.post(room, &format!("Have you seen number {number}?")).await;
    }
}

async fn report(what: &str, request: impl Fn() -> reqwest::RequestBuilder, person: &Person) {
    let mut times: Vec<Duration> = Vec::new();
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let answer = person.send(request()).await;
        times.push(begun.elapsed());
        assert_eq!(answer.status, 200, "{what}");
        bytes = answer.body.len();
    }
    times.sort();
    let percentile = |part: usize| times[(times.len() * part).div_ceil(100) - 1].as_secs_f64() * 1_000.0;
    println!("| {what} | {:.1} | {:.1} | {} |", percentile(50), percentile(99), bytes / 1024);
}

/// A word that was said a few times.
async fn rare(db: &Db) -> String {
    let row = sqlx::query("SELECT body FROM messages WHERE id = 1").fetch_one(db.read()).await.unwrap();
    let body: String = row.get("body");
    body.split(|c: char| !c.is_alphanumeric()).max_by_key(|word| word.len()).unwrap().to_owned()
}

async fn plan(db: &Db, statement: &str, words: &str) {
    let viewer = Viewer::on_behalf(db.read(), READER as i64).await.unwrap();
    let explain = match db.dialect() {
        Dialect::Sqlite => "EXPLAIN QUERY PLAN ",
        Dialect::Postgres => "EXPLAIN (ANALYZE, COSTS OFF, SUMMARY OFF) ",
    };
    println!("The plan for “{words}”:\n");
    let words = Query::parse(words).unwrap().to_sql(db.dialect());
    let sql = explain.to_owned() + statement;
    let explained = sqlx::query(AssertSqlSafe(sql)).bind(viewer.id).bind(0i64).bind(words);
    let explained = explained.bind(i64::MAX).bind(0i64).bind(500i64).bind(26i64).fetch_all(db.read()).await.unwrap();
    for row in explained {
        let line: String = row.try_get("detail").unwrap_or_else(|_| row.get(0));
        println!("    {line}");
    }
    println!();
}
