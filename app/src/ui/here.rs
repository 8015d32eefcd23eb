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

#[cfg(test)]
mod tests {
    use std::hint::spin_loop;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::sync::{Arc, OnceLock};
    use std::thread;

    use leptos_router::components::Router;
    use leptos_router::location::RequestUrl;

    use super::*;

    #[test]
    fn all_who_ask_first_at_the_same_moment_are_told() {
        for round in 0..300 {
            let (owner, asked) = (Owner::new(), Arc::new(OnceLock::new()));
            let within = asked.clone();
            owner.with(|| {
                provide_context(RequestUrl::new("/rooms/7?before=6"));
                drop(view! { <Router>{let _ = within.set(here());}</Router> });
            });
            let ready = AtomicUsize::new(0);
            let ask = || {
                owner.with(|| {
                    ready.fetch_add(1, SeqCst);
                    while ready.load(SeqCst) < 3 {
                        spin_loop();
                    }
                    asked.get().map(|here| here())
                })
            };
            let told = thread::scope(|scope| [0; 3].map(|_| scope.spawn(ask)).map(|asks| asks.join().ok().flatten()));
            assert!(told.iter().all(|told| told.as_deref() == Some("/rooms/7?before=6")), "{round}: {told:?}");
        }
    }
}
