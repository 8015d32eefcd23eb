//! Pages a second for sixteen people at once, and for one alone, on both databases: `bin/bench pages [times]`. Each page is looked
//! at: it fails when one is missing, or shows what belongs to somebody else.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../tests/all/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Instant;

use earshot_hub::Hub;
use support::database::{self, Database};
use support::postgres;
use support::process::Process;
use support::readers::{Reader, all_look, readers};

const AT_ONCE: usize = 16;
/// Looks of the sixteen together at each kind of page; one alone looks five times as often.
const TIMES: usize = 2_000;

#[tokio::main]
async fn main() {
    let times = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(TIMES);
    println!("| | readers | pages | pages a second |\n|---|--:|--:|--:|");
    for name in ["SQLite", "PostgreSQL"] {
        let database = if name == "SQLite" { database::sqlite() } else { postgres::database().await };
        measure(name, &database, times).await;
    }
}

async fn measure(name: &str, database: &Database, times: usize) {
    let db = database::bare(database, Arc::new(Hub::default())).await;
    let mut process = Process::start_with(&database.url, 20_000).await;
    let readers = readers(&db, &process.url, AT_ONCE).await;
    report(name, &readers, times.div_ceil(AT_ONCE)).await;
    report(name, &readers[..1], times * 5).await;
    process.end().await;
    let log = process.log();
    assert!(!log.contains("panicked"), "{log}");
    db.close().await;
}

async fn report(name: &str, readers: &[Reader], times: usize) {
    let begun = Instant::now();
    all_look(readers, times).await;
    let pages = readers.len() * readers[0].kinds().len() * times;
    println!("| {name} | {} | {pages} | {:.0} |", readers.len(), pages as f64 / begun.elapsed().as_secs_f64());
}
