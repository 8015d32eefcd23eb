//! Says when live updates do not come, and why.

use earshot_live::listen::{Client, Status};
use leptos::prelude::*;

/// One sentence, as long as there is something to say.
#[component]
pub fn LiveStatus() -> impl IntoView {
    let Client { status, refused, .. } = expect_context();
    let said = move || match status.get() {
        Status::Lost => Some(("live-status lost", "Connection lost. Trying to get it back.".to_owned())),
        Status::Refused(why) => {
            Some(("live-status", format!("Live updates are off: reload the page to see what is new. {why}")))
        }
        Status::Idle | Status::Live | Status::SignedOut => refused
            .with(|refused| refused.values().next().cloned())
            .map(|why| ("live-status", format!("Not all of this page is updated: {why}"))),
    };
    move || said().map(|(class, sentence)| view! { <p class=class role="status">{sentence}</p> })
}
