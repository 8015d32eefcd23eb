//! Whoever closes a page is asked before something is lost.

use leptos::prelude::*;

use crate::ui::storage;

/// Has the browser ask whoever closes the page while something is `unsent`.
pub fn ask_before_closing(unsent: impl Fn() -> bool + Clone + 'static) {
    // An effect, because only a browser has a window.
    Effect::new(move |_| {
        let unsent = unsent.clone();
        let closing = window_event_listener_untyped("beforeunload", move |event| {
            if unsent() && !storage::forgets() {
                event.prevent_default();
            }
        });
        on_cleanup(move || closing.remove());
    });
}
