//! `earshot copy`: all that one database holds into another, of whichever kind each is. Rows are copied in the order of their
//! keys, so that what an interruption leaves is a beginning, and another run goes on behind it.

mod schema;
mod table;

use std::time::Duration;

use anyhow::{Context, ensure};
use earshot_live::store::Db;
use futures::TryStreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use table::{Part, Table, Value};
use tokio::try_join;

/// Rows in one transaction.
const AT_ONCE: usize = 2_000;

/// Copies everything, and compares both sides. `to` is empty, or holds what an interrupted run has left. Nothing is to write to
/// either meanwhile.
///
/// # Errors
/// When a database refuses, `to` holds something else, or the two differ in the end.
pub async fn copy(from: &Db, to: &Db) -> anyhow::Result<()> {
    let (keys, same) = try_join!(schema::keys(to), schema::keys(from))?;
    ensure!(keys == same, "The two databases differ in their tables.");
    let mut tables = Vec::with_capacity(keys.len());
    let mut rows = 0;
    for key in &keys {
        ensure!(!key.columns.is_empty(), "{} has no primary key, by which its rows could be told apart.", key.table);
        let (table, same) = try_join!(Table::find(to, key), Table::find(from, key))?;
        ensure!(table == same, "The two databases differ in the columns of {}.", key.table);
        rows += table.count(from).await?;
        tables.push(table);
    }
    ensure!(rows > 0, "There is nothing in the database that is to be copied.");
    let bar = bar(rows);
    let mut begun = Vec::with_capacity(tables.len());
    for table in &tables {
        begun.push(begin(table, from, to, &bar).await?);
    }
    for (table, last) in tables.iter().zip(&begun) {
        bar.set_message(table.name.clone());
        let part = last.as_deref().map_or(Part::All, Part::After);
        let mut chunks = table.rows(from, part).try_chunks(AT_ONCE);
        while let Some(rows) = chunks.try_next().await? {
            table.insert(to, &rows).await.with_context(|| format!("{} could not be copied", table.name))?;
            bar.inc(rows.len() as u64);
        }
        table.go_on_counting(from, to).await?;
    }
    bar.finish_and_clear();
    compare(&tables, from, to).await?;
    Ok(to.settle().await?)
}

/// Counts and hashes each table on both sides, and says what came out.
async fn compare(tables: &[Table], from: &Db, to: &Db) -> anyhow::Result<()> {
    for table in tables {
        let (there, here) = try_join!(table.seal(from, Part::All), table.seal(to, Part::All))?;
        ensure!(
            there == here,
            "{} are not the same on both sides: something was written meanwhile. Empty the new database and start again.",
            table.name
        );
        println!("{:>9} {:<10} the same on both sides: {}", here.rows, table.name, hex::encode(&here.hash[..8]));
    }
    Ok(())
}

/// The key of the last row that is there already, after a look at whether all until then is the same.
async fn begin(table: &Table, from: &Db, to: &Db, bar: &ProgressBar) -> anyhow::Result<Option<Vec<Value>>> {
    let Some(last) = table.last(to).await? else { return Ok(None) };
    let (there, here) = try_join!(table.seal(from, Part::UpTo(&last)), table.seal(to, Part::All))?;
    ensure!(there == here, "The new database holds something else already, in {}.", table.name);
    bar.inc(here.rows);
    Ok(Some(last))
}

fn bar(rows: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:>9} {wide_bar} {human_pos} of {human_len} rows, {eta} left");
    let bar = ProgressBar::new(rows).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
