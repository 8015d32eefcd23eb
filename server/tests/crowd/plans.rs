//! No page of a large team reads through a table of messages, or of what grows with them: whatever SQLite is asked on the way
//! is asked again for its plan.

use sqlx::{AssertSqlSafe, Row};

use crate::support::database::sqlite;
use crate::support::world::World;
use crate::{ALONE, statements};

/// What has a row for each message, or several.
const GROWING: [&str; 8] = ["messages", "files", "reactions", "inbox", "notices", "objects", "readings", "discarded"];

#[tokio::test]
async fn no_page_reads_through_what_grows() {
    let _alone = ALONE.lock().await;
    let world = World::new(sqlite()).await;
    let (mia, room) = (&world.mia, world.closed);
    world.olga.post(room, "@Mia, what was said?").await;
    let message = mia.post(room, "Much was said").await;
    let asked = statements::noted(world.db(), async {
        for page in ["/rooms", "/inbox", "/search?q=said", "/exports", "/me", &format!("/rooms/{room}?at={message}")] {
            assert_eq!(mia.get(page).await.status, 200, "{page}");
        }
        for place in ["at", "before", "after"] {
            let asked = [("room", &*room.to_string()), (place, &*message.to_string())];
            assert_eq!(mia.call("messages/page", &asked).await.status, 200, "{place}");
        }
        assert_eq!(mia.call("search/anything", &[("q", "sai")]).await.status, 200);
        let read = [("room", &*room.to_string()), ("upto", &*message.to_string())];
        assert_eq!(mia.call("readings/mark", &read).await.status, 200);
        mia.post(room, "@Olga, nothing.").await;
    });
    let (asked, mut planned) = (asked.await, 0);
    for statement in asked.iter().filter(|statement| is_about_rows(statement)) {
        let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")));
        for step in plan.fetch_all(world.db().read()).await.unwrap() {
            let step: String = step.get("detail");
            let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            let table = scanned.map(|alias| table_of(alias, statement));
            assert!(!table.is_some_and(|table| GROWING.contains(&table)), "{step}: {statement}");
        }
        planned += 1;
    }
    assert!(planned > 20, "{asked:#?}");
}

fn is_about_rows(statement: &str) -> bool {
    ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|verb| statement.trim_start().starts_with(verb))
}

/// The table that has this alias in the statement: `messages m`, `messages AS m`, or the name itself.
fn table_of<'a>(alias: &'a str, statement: &'a str) -> &'a str {
    let words: Vec<&str> =
        statement.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    let named = |pair: &[&'a str]| (pair[1] == alias && GROWING.contains(&pair[0])).then_some(pair[0]);
    words.windows(2).find_map(named).unwrap_or(alias)
}

/// However many are in a room: to say no to somebody takes the same questions as if there were no such room, and each of them
/// has one row at most for its answer.
#[tokio::test]
async fn a_no_is_about_this_viewer_only() {
    let _alone = ALONE.lock().await;
    let world = World::new(sqlite()).await;
    let asked = async |room: i64| {
        let mut asked = statements::noted(world.db(), async {
            assert_eq!(world.sam.call("rooms/get", &[("id", &room.to_string())]).await.status, 404);
        })
        .await;
        asked.retain(|statement| statement.contains("rooms r"));
        asked
    };
    let (unknown, forbidden) = (asked(987_654_321).await, asked(world.closed).await);
    assert_eq!(unknown, forbidden);
    assert!(!forbidden.is_empty());
    assert!(forbidden.iter().all(|statement| statement.contains("m.user_id = $2")), "{forbidden:#?}");
}
