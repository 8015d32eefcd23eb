//! Arrows between the parts of a crate point downwards: what others rest on knows nothing of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Parts of the chat, each with those that it may know.
const APP: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("work", &[]),
    ("entities", &[]),
    ("database", &["entities"]),
    ("access", &["entities"]),
    ("ui", &["text"]),
];

/// Folders of the module, with what the names of their parts begin with.
const MODULE: &[(&str, &str)] = &[
    ("../app/live/src", "crate::"),
    ("../app/live/src/listen", "crate::listen::"),
    ("../app/live/src/pusher", "crate::pusher::"),
    ("../app/live/src/store", "crate::store::"),
    ("hub/src", "crate::"),
];

/// The parts below `root` that are named in this source, but for its comments and tests.
fn named(source: &str, root: &str) -> BTreeSet<String> {
    let code = source.split("\nmod tests").next().unwrap_or_default();
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let paths = code.split(root).skip(1);
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
    let of_tests = path.ends_with("tests.rs") || path.ends_with("testing.rs");
    if of_tests { Vec::new() } else { vec![fs::read_to_string(path).unwrap()] }
}

/// The others that the part knows.
fn known(path: &Path, part: &str, root: &str) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = sources(path).iter().flat_map(|source| named(source, root)).collect();
    known.remove(part);
    known
}

#[test]
fn what_others_rest_on_knows_nothing_of_them() {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src");
    for (part, below) in APP {
        let folder = app.join(part);
        let path = if folder.is_dir() { folder } else { app.join(format!("{part}.rs")) };
        let below: BTreeSet<String> = below.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(known(&path, part, "crate::"), below, "{part}");
    }
}

#[test]
fn no_two_parts_of_the_module_know_each_other_by_whatever_way() {
    for (folder, root) in MODULE {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let paths = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut parts = BTreeMap::<String, BTreeSet<String>>::new();
        for path in paths.filter(|path| !["lib", "mod"].contains(&&*name(path))) {
            // A file and a folder of one name are one part.
            parts.entry(name(&path)).or_default().extend(known(&path, &name(&path), root));
        }
        // Whoever knows none of those that are left is taken away, until nobody is left.
        while let Some(lowest) = parts.keys().find(|part| !parts[*part].iter().any(|known| parts.contains_key(known))) {
            let lowest = lowest.clone();
            parts.remove(&lowest);
        }
        assert!(parts.is_empty(), "these know each other: {parts:#?}");
    }
}
