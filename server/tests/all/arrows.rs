//! Arrows between the parts of a crate point downwards: what others rest on knows nothing of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Parts, each with those that it may know.
type Parts = &'static [(&'static str, &'static [&'static str])];

const LIVE: Parts = &[
    ("timestamp", &[]),
    ("shares", &[]),
    ("error", &[]),
    ("timeout", &["error"]),
    ("object", &["timestamp"]),
    ("pusher", &["error", "object"]),
    ("store", &["error", "object", "timestamp"]),
    ("listen", &["error", "object", "pusher", "timeout"]),
];

const APP: Parts = &[
    ("text", &[]),
    ("work", &[]),
    ("entities", &[]),
    ("database", &["entities"]),
    ("access", &["entities"]),
    ("ui", &["text"]),
];

/// The parts that are named in this source, but for its comments and tests.
fn named(source: &str) -> BTreeSet<String> {
    let code = source.split("\nmod tests").next().unwrap_or_default();
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let paths = code.split("crate::").skip(1);
    let names = paths.flat_map(|path| match path.strip_prefix('{') {
        Some(group) => group.split('}').next().unwrap_or_default().split(',').map(str::trim).collect(),
        None => vec![path],
    });
    let first =
        |path: &str| path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned();
    names.map(first).filter(|name| name.starts_with(char::is_lowercase)).collect()
}

/// What stands in this file, or in all files of this folder, but for those of tests.
fn sources(path: &Path) -> Vec<String> {
    if path.is_dir() {
        return fs::read_dir(path).unwrap().flat_map(|entry| sources(&entry.unwrap().path())).collect();
    }
    if path.ends_with("tests.rs") { Vec::new() } else { vec![fs::read_to_string(path).unwrap()] }
}

#[test]
fn what_others_rest_on_knows_nothing_of_them() {
    for (root, parts) in [("../app/live/src", LIVE), ("../app/src", APP)] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
        for (part, below) in parts {
            let folder = root.join(part);
            let path = if folder.is_dir() { folder } else { root.join(format!("{part}.rs")) };
            let mut known: BTreeSet<String> = sources(&path).iter().flat_map(|source| named(source)).collect();
            known.remove(*part);
            let below: BTreeSet<String> = below.iter().map(|&name| name.to_owned()).collect();
            assert_eq!(known, below, "{part}");
        }
    }
}
