//! A SQLite file is one process's: what another one commits, this one's cache and listeners would hear nothing of.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::config::sqlite_file;

/// Keeps other processes off the database, as long as what is returned lives: by a lock on a file beside it, which ends with the
/// process, however that ends. Servers on one PostgreSQL hear of each other, and need none.
///
/// # Errors
/// When another process has it, or the file cannot be made.
pub fn claim(database_url: &str) -> anyhow::Result<Option<File>> {
    let Some(file) = sqlite_file(database_url) else { return Ok(None) };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = only_name(&file).with_context(|| format!("{} cannot be made", file.display()))?;
    let path = format!("{}.lock", file.display());
    let lock = File::options().create(true).truncate(false).write(true).open(&path);
    let lock = lock.with_context(|| format!("{path} cannot be made"))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => bail!(
            "Another earshot is using {}. A SQLite file is for one at a time: stop that one first. (Several can share a PostgreSQL.)",
            file.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("{path} cannot be locked")),
    }
}

/// The one name of a file that may have several. It is made when it is not there: what a link leads to has none before.
fn only_name(file: &Path) -> io::Result<PathBuf> {
    File::options().create(true).append(true).open(file)?;
    file.canonicalize()
}
