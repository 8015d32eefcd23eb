//! Where on this server one is.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The path of the page that is shown, with its query.
pub fn here() -> Signal<String> {
    let location = use_location();
    Signal::derive(move || {
        let (path, search) = (location.pathname.get(), location.search.get());
        let search = search.trim_start_matches('?');
        if search.is_empty() { path } else { format!("{path}?{search}") }
    })
}
