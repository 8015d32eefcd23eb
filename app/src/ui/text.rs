//! Text as it was typed, with links made clickable. Markup in it stays text.

use leptos::prelude::*;

use crate::text::links;

#[component]
pub fn Text(text: String) -> impl IntoView {
    let mut done = 0;
    let mut parts = Vec::new();
    for place in links::find(&text) {
        let (before, address) = (text[done..place.start].to_owned(), text[place.clone()].to_owned());
        done = place.end;
        let href = address.clone();
        parts.push(view! {
            {before}
            <a href=href rel="noopener noreferrer nofollow" target="_blank">{address}</a>
        });
    }
    view! { {parts} {text[done..].to_owned()} }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        let html = |text: &str| Owner::new().with(|| view! { <Text text=text.into()/> }.to_html());
        assert!(html("see https://example.org/a。").contains(r#"href="https://example.org/a""#));
        assert!(html("see HTTP://example.org/a").contains("href"));
        for text in ["javascript://x/%0aalert(1)", "file:///etc/passwd", "ms-word://x", "data://x"] {
            assert!(!html(text).contains("href"), "{text}");
        }
    }
}
