//! Text as it was typed, with links made clickable. Markup in it stays text.

use leptos::either::Either;
use leptos::prelude::*;
use linkify::{LinkFinder, LinkKind};

/// The finder takes any scheme, also one that runs a program.
const WEB: [&str; 2] = ["https://", "http://"];

#[component]
pub fn Text(text: String) -> impl IntoView {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    finder
        .spans(&text)
        .map(|span| {
            let part = span.as_str().to_owned();
            match span.kind() {
                Some(_) if WEB.iter().any(|scheme| part.to_ascii_lowercase().starts_with(scheme)) => {
                    let href = part.clone();
                    Either::Left(view! { <a href=href rel="noopener noreferrer nofollow" target="_blank">{part}</a> })
                }
                _ => Either::Right(part),
            }
        })
        .collect_view()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        let html = |text: &str| Owner::new().with(|| view! { <Text text=text.into()/> }.to_html());
        assert!(html("see https://example.org/a").contains(r#"href="https://example.org/a""#));
        assert!(html("see HTTP://example.org/a").contains("href"));
        for text in ["javascript://x/%0aalert(1)", "file:///etc/passwd", "ms-word://x", "data://x"] {
            assert!(!html(text).contains("href"), "{text}");
        }
    }
}
