//! What stands where a page could not be shown, and the status that goes with it.

use leptos::prelude::*;

use crate::error::{Error, Kind};

/// What stands in place of what could not be read. On the server it also sets the answer's status.
#[component]
pub fn Fault(error: Error) -> impl IntoView {
    set_status(error.kind);
    let heading = match error.kind {
        Kind::NotFound => "Not found",
        Kind::Forbidden | Kind::SignedOut => "Not allowed",
        Kind::Invalid | Kind::TooOften | Kind::Busy | Kind::Internal | Kind::Unreachable => "This did not work",
    };
    view! {
        <section class="fault">
            <h1>{heading}</h1>
            <p>{error.sentence}</p>
            <p><a href="/">"To the front page"</a></p>
        </section>
    }
}

/// For `ErrorBoundary`, `Result` and other places that want a view at once.
pub fn fault(error: Error) -> AnyView {
    view! { <Fault error/> }.into_any()
}

#[cfg(feature = "ssr")]
fn set_status(kind: Kind) {
    if let (Some(response), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), axum::http::StatusCode::from_u16(kind.status()))
    {
        response.set_status(status);
    }
}

#[cfg(not(feature = "ssr"))]
fn set_status(_: Kind) {}
