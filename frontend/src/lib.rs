//! The wasm entry: takes over the page that the server rendered.

mod turns;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
pub fn hydrate() {
    // Without it the console says `unreachable`, and nothing else.
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    turns::run(|| leptos::mount::hydrate_body(app::App));
}
