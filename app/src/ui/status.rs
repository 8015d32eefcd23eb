//! What stands where a page could not be shown, and the status that goes with it.

use earshot_live::error::{Error, Kind};
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::location::Url;

use crate::ui::here;

/// What stands in place of what could not be read. Who is not signed in is led there; for everything else the server sets the
/// answer's status.
#[component]
pub fn Fault(error: Error) -> impl IntoView {
    let heading = match error.kind {
        Kind::SignedOut => {
            let path = format!("/sign-in?next={}", Url::escape(&untrack(here())));
            return Either::Left(view! { <Redirect path/> });
        }
        Kind::NotFound => "Not found",
        Kind::Forbidden => "Not allowed",
        Kind::Invalid
        | Kind::TooOften
        | Kind::TooLarge
        | Kind::Busy
        | Kind::Internal
        | Kind::Unreachable
        | Kind::Other => "This did not work",
    };
    set_status(error.kind);
    let again = error.may_pass().then(|| untrack(here()));
    Either::Right(view! {
        <Title text=heading/>
        <section class="fault">
            <h1>{heading}</h1>
            <p>{error.sentence}</p>
            {again.map(|page| view! { <p><a href=page rel="external">"Try again"</a></p> })}
            <p><a href="/">"To the front page"</a></p>
        </section>
    })
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
