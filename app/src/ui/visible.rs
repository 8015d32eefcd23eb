//! Whether somebody can look at this page.

use leptos::prelude::*;

/// Not while another tab lies over it or the window is put away. On the server it is.
pub fn visible() -> ReadSignal<bool> {
    let (visible, set_visible) = signal(true);
    Effect::new(move |_| {
        let look = move || set_visible.set(!document().hidden());
        look();
        let handle = window_event_listener_untyped("visibilitychange", move |_| look());
        on_cleanup(move || handle.remove());
    });
    visible
}
