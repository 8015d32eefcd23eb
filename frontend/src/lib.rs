//! The wasm entry: takes over the page that the server rendered.

mod turns;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
pub fn hydrate() {
    turns::run(|| leptos::mount::hydrate_body(app::App));
}
