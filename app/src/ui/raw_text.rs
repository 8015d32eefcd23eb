//! Text for `<title>` and `<textarea>`. Leptos writes what stands in them into the page as it is: on the server it has to be
//! escaped before, or a room's name could end the title and begin markup of its own.

#[cfg(feature = "ssr")]
pub fn raw_text(text: &str) -> String {
    // A browser drops the line break with which a textarea begins.
    let dropped = if text.starts_with('\n') { "\n" } else { "" };
    format!("{dropped}{}", html_escape::encode_text(text))
}

/// In the browser it becomes a text node, which needs no escaping.
#[cfg(not(feature = "ssr"))]
pub fn raw_text(text: &str) -> String {
    text.to_owned()
}
