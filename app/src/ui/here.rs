//! Where on this server one is.

use leptos::prelude::*;
use leptos_router::hooks::use_url;
use leptos_router::location::Url;

/// The path of the page that is shown, with its query; tracked.
///
/// The server builds the contents of two `Suspense`s on two threads. A memo that both of them read first is empty for one of
/// them (reactive_graph 0.2.16), and a signal of the arena may be gone: so this is neither.
pub fn here() -> impl Fn() -> String + Clone + Send + Sync {
    let url = ArcReadSignal::from(use_url());
    move || url.with(path_and_query)
}

fn path_and_query(url: &Url) -> String {
    let (path, query) = (url.path(), url.search().trim_start_matches('?'));
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
