//! Builds the browser side: `cargo xtask` (development) or `cargo xtask --release`. It leaves `earshot.js` and
//! `earshot_bg.wasm` in `target/site/pkg`, where cargo-leptos would leave them too, and where the server's build finds them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

fn main() -> Result<()> {
    let profile = if env::args().any(|arg| arg == "--release") { "wasm-release" } else { "dev" };
    // Asked at run time: clones that share a target folder may share this program, too.
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = manifest.parent().context("the workspace has no folder")?;
    let wasm = compile(root, profile)?;
    let (fresh, pkg) = (root.join("target/site/fresh"), root.join("target/site/pkg"));
    Bindgen::new()
        .web(true)?
        .typescript(false)
        .remove_name_section(profile != "dev")
        .remove_producers_section(true)
        .input_path(wasm)
        .out_name("earshot")
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

/// Returns the path of the compiled wasm.
fn compile(root: &Path, profile: &str) -> Result<PathBuf> {
    let mut cargo = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    cargo.current_dir(root).args(["build", "--package", "frontend", "--lib", "--target", TARGET, "--profile", profile]);
    ensure!(cargo.status()?.success(), "the browser side did not compile");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target.join(TARGET).join(folder).join("frontend.wasm"))
}
