//! The files that every page names: embedded in a release build, read from disk in a development build.

use app::shell::{Assets, GROUNDS, MANIFEST};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

/// The routes of these files, and what pages call them. Stylesheet and icon have their content's hash in their names.
pub fn router() -> (Router, Assets) {
    let files = memory_serve::load!("static").index_file(None).enable_hashed_routes(true);
    let manifest = files.manifest();
    let name = |route: &str| manifest.get(route).unwrap_or(route).to_owned();
    let assets = Assets { style: name("/style.css"), icon: name("/icon.svg"), touch_icon: name("/icon.png") };
    let of_manifest = assets.clone();
    let manifest = Router::new().route(MANIFEST, get(async move || web_app_manifest(&of_manifest)));
    (pkg(files.into_router()).merge(manifest), assets)
}

/// What a browser needs to put Earshot among its apps. <https://www.w3.org/TR/appmanifest/>
fn web_app_manifest(assets: &Assets) -> impl IntoResponse + use<> {
    let [(_, ground), _] = GROUNDS;
    let manifest = json!({
        "name": "Earshot",
        "short_name": "Earshot",
        "description": "A chat for a small team.",
        "id": "/",
        "start_url": "/",
        "display": "standalone",
        "background_color": ground,
        "theme_color": ground,
        "icons": [
            { "src": assets.icon, "type": "image/svg+xml", "sizes": "any" },
            { "src": assets.touch_icon, "type": "image/png", "sizes": "512x512", "purpose": "any maskable" },
        ],
    });
    ([(CONTENT_TYPE, "application/manifest+json")], Json(manifest))
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
