//! Arrows between the parts of `app` point downwards: what others rest on knows nothing of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Parts of `app`, each with those that it may know.
const PARTS: &[(&str, &[&str])] = &[
    ("timestamp", &[]),
    ("shares", &[]),
    ("error", &[]),
    ("timeout", &["error"]),
    ("text", &["error"]),
    ("object", &["timestamp"]),
    ("pusher", &["object"]),
    ("store", &["error", "object", "timestamp"]),
    ("listen", &["context", "error", "object", "pusher", "store", "timeout"]),
    ("ui", &["error", "text", "timestamp"]),
];

/// The parts that are named in this source, but for its tests.
fn named(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
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
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src");
    for (part, below) in PARTS {
        let folder = app.join(part);
        let path = if folder.is_dir() { folder } else { app.join(format!("{part}.rs")) };
        let mut known: BTreeSet<String> = sources(&path).iter().flat_map(|source| named(source)).collect();
        known.remove(*part);
        let below: BTreeSet<String> = below.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(known, below, "{part}");
    }
}
