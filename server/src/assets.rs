//! The files that every page names: embedded in a release build, read from disk in a development build.

use app::shell::Assets;
use axum::Router;

/// The routes of these files, and what pages call them. Stylesheet and icon have their content's hash in their names.
pub fn router() -> (Router, Assets) {
    let files = memory_serve::load!("static").index_file(None).enable_hashed_routes(true);
    let manifest = files.manifest();
    let name = |route: &str| manifest.get(route).unwrap_or(route).to_owned();
    let assets = Assets { style: name("/style.css"), icon: name("/icon.svg") };
    (pkg(files.into_router()), assets)
}

#[cfg(debug_assertions)]
fn pkg(router: Router) -> Router {
    const PKG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/site/pkg");
    router.nest_service("/pkg", tower_http::services::ServeDir::new(PKG))
}

/// The browser asks each time whether these have changed: their names are fixed.
#[cfg(not(debug_assertions))]
fn pkg(router: Router) -> Router {
    let files = memory_serve::load!("pkg").index_file(None).cache_control(memory_serve::CacheControl::NoCache);
    router.nest("/pkg", files.into_router())
}
