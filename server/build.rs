//! Puts what browsers load into the release binary: the stylesheet in one piece, the icons, and the browser side.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    // Asked at run time: clones that share a target folder may share this program, too.
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("..");
    let mut folders = vec![("static", gather_static(&root.join("app"))?)];
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if release {
        let pkg = root.join("target/site/pkg");
        if !pkg.exists() {
            return Err(io::Error::other("the browser side is not built yet: use bin/build"));
        }
        folders.push(("pkg", pkg));
    }
    memory_serve::load_names_directories(folders, release);
    Ok(())
}

/// Copies `public` and the stylesheet, its imports replaced by the files they name: one request instead of many.
fn gather_static(app: &Path) -> io::Result<PathBuf> {
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("static");
    fs::create_dir_all(&out)?;
    let (style, public) = (app.join("style"), app.join("public"));
    println!("cargo::rerun-if-changed={}", style.display());
    println!("cargo::rerun-if-changed={}", public.display());
    for file in fs::read_dir(public)? {
        let file = file?;
        fs::copy(file.path(), out.join(file.file_name()))?;
    }
    let mut sheet = String::new();
    for line in fs::read_to_string(style.join("main.css"))?.lines() {
        match line.strip_prefix("@import \"").and_then(|rest| rest.strip_suffix("\";")) {
            Some(name) => sheet += &fs::read_to_string(style.join(name))?,
            None => sheet += line,
        }
        sheet.push('\n');
    }
    fs::write(out.join("style.css"), sheet)?;
    make_old(&out)?;
    Ok(out)
}

/// memory-serve has cargo watch this folder. What was written just now would look changed to the next build.
fn make_old(folder: &Path) -> io::Result<()> {
    for file in fs::read_dir(folder)? {
        fs::File::open(file?.path())?.set_modified(SystemTime::UNIX_EPOCH)?;
    }
    fs::File::open(folder)?.set_modified(SystemTime::UNIX_EPOCH)
}
