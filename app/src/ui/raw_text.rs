//! Text for `<title>` and `<textarea>`. Leptos writes what stands in them into the page as it is: on the server it has to be
//! escaped before, or a room's name could end the title and begin markup of its own.

#[cfg(feature = "ssr")]
pub fn raw_text(text: &str) -> String {
    html_escape::encode_text(text).into_owned()
}

/// In the browser it becomes a text node, which needs no escaping.
#[cfg(not(feature = "ssr"))]
pub fn raw_text(text: &str) -> String {
    text.to_owned()
}
