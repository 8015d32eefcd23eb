//! Builds the browser side: `cargo xtask` (development) or `cargo xtask --release`. It leaves `earshot.js` and
//! `earshot_bg.wasm` in `target/site/pkg`, where cargo-leptos would leave them too, and where the server's build finds them. With
//! `--example` that of the counter as well, in `target/counter/pkg`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

/// A browser side: a package, what its files are called, and the folder of its site below `target`.
type Side = (&'static str, &'static str, &'static str);

const CHAT: Side = ("frontend", "earshot", "site");
const EXAMPLE: Side = ("counter", "counter", "counter");

fn main() -> Result<()> {
    let wished = |flag| env::args().any(|arg| arg == flag);
    let profile = if wished("--release") { "wasm-release" } else { "dev" };
    let sides = if wished("--example") { vec![CHAT, EXAMPLE] } else { vec![CHAT] };
    // Asked at run time: clones that share a target folder may share this program, too.
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = manifest.parent().context("the workspace has no folder")?;
    let folder = compile(root, profile, &sides)?;
    sides.into_iter().try_for_each(|side| bind(root, &folder, profile, side))
}

/// Writes the JavaScript for a compiled package.
fn bind(root: &Path, folder: &Path, profile: &str, (package, name, site): Side) -> Result<()> {
    let site = root.join("target").join(site);
    let (fresh, pkg) = (site.join("fresh"), site.join("pkg"));
    Bindgen::new()
        .web(true)?
        .typescript(false)
        .remove_name_section(profile != "dev")
        .remove_producers_section(true)
        .input_path(folder.join(package).with_extension("wasm"))
        .out_name(name)
        .generate(&fresh)?;
    replace_changed(&fresh, &pkg)
}

/// What is the same as before keeps its age, and the server that embeds it is not built again.
fn replace_changed(fresh: &Path, pkg: &Path) -> Result<()> {
    fs::create_dir_all(pkg)?;
    for file in fs::read_dir(fresh)? {
        let file = file?;
        let (new, old) = (fs::read(file.path())?, pkg.join(file.file_name()));
        if fs::read(&old).ok().as_ref() != Some(&new) {
            fs::write(old, new)?;
        }
    }
    Ok(())
}

/// Compiles them together, so that they share what they rest on. Returns the folder of the compiled wasm.
fn compile(root: &Path, profile: &str, sides: &[Side]) -> Result<PathBuf> {
    let mut cargo = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    cargo.current_dir(root).args(["build", "--lib", "--target", TARGET, "--profile", profile]);
    for (package, ..) in sides {
        cargo.args(["--package", package]);
    }
    if sides.contains(&EXAMPLE) {
        cargo.args(["--features", "counter/hydrate"]);
    }
    ensure!(cargo.status()?.success(), "the browser side did not compile");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target.join(TARGET).join(folder))
}
