//! Text as it was typed, with links made clickable. Markup in it stays text.

use leptos::either::Either;
use leptos::prelude::*;
use linkify::{LinkFinder, LinkKind};

#[component]
pub fn Text(text: String) -> impl IntoView {
    let mut finder = LinkFinder::new();
    // Only what begins with a scheme; `javascript:` is none that the finder knows.
    finder.kinds(&[LinkKind::Url]);
    finder
        .spans(&text)
        .map(|span| {
            let part = span.as_str().to_owned();
            match span.kind() {
                Some(_) => {
                    let href = part.clone();
                    Either::Left(view! { <a href=href rel="noopener noreferrer nofollow" target="_blank">{part}</a> })
                }
                None => Either::Right(part),
            }
        })
        .collect_view()
}
