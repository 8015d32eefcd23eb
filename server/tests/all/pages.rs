//! Pages that many read at the same time: each is its reader's own, and each comes.

use std::sync::Arc;

use earshot_hub::Hub;

use crate::support::database::{Database, bare, sqlite};
use crate::support::on_both;
use crate::support::process::Process;
use crate::support::readers::{all_look, readers};

on_both!(sixteen_at_once_see_their_own_rooms_and_nobody_elses);

const AT_ONCE: usize = 16;
const TIMES: usize = 2;
/// For one who looks alone.
const OFTEN: usize = 100;

async fn sixteen_at_once_see_their_own_rooms_and_nobody_elses(database: Database) {
    look(&database, AT_ONCE, TIMES).await;
}

/// The administrator, who gets to see the most.
#[tokio::test(flavor = "multi_thread")]
async fn one_sees_each_page_as_often_as_they_look() {
    look(&sqlite(), 1, OFTEN).await;
}

async fn look(database: &Database, at_once: usize, times: usize) {
    let db = bare(database, Arc::new(Hub::default())).await;
    let mut process = Process::start(&database.url).await;
    let readers = readers(&db, &process.url, at_once).await;
    all_look(&readers, times).await;
    process.end().await;
    let log = process.log();
    assert!(!log.contains("panicked"), "{log}");
}
