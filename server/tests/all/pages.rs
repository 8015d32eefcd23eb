//! Pages that many read at the same time: each is its reader's own, and each comes.

use std::sync::Arc;

use server::hub::Hub;

use crate::support::on_both;
use crate::support::process::Process;
use crate::support::readers::{all_look, readers};
use crate::support::world::{Database, bare};

on_both!(sixteen_at_once_see_their_own_rooms_and_nobody_elses);

const AT_ONCE: usize = 16;
const TIMES: usize = 8;

async fn sixteen_at_once_see_their_own_rooms_and_nobody_elses(database: Database) {
    let db = bare(&database, Arc::new(Hub::default())).await;
    let mut process = Process::start(&database.url).await;
    let readers = readers(&db, &process.url, AT_ONCE).await;
    all_look(&readers, TIMES).await;
    process.end().await;
    let log = process.log();
    assert!(!log.contains("panicked"), "{log}");
}
