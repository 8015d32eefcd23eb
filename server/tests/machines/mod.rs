//! Programs that tests start. Those of the module use them, too.
#![allow(dead_code, reason = "no test program uses all of it")]

use std::path::{Path, PathBuf};

pub mod ports;
pub mod postgres;

/// The script with this name beside this file.
pub fn script(name: &str) -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["tests/machines", "../../server/tests/machines"].map(|folder| package.join(folder));
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.exists()).expect("the script is there")
}
