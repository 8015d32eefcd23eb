//! Where addresses of the web stand in a text.

use std::ops::Range;

use crate::text::is_visible;

/// No other scheme becomes a link by being written down: some run programs.
const SCHEMES: [&str; 2] = ["https", "http"];
/// Signs that end an address wherever they stand: quotes, brackets, and the punctuation of languages that write no spaces.
const END: &str = "<>\"`{}|\\^…“”„«»‹›。．，、；：！？「」『』【】〈〉《》（）｡､｢｣";
/// Signs that belong to the sentence when an address ends with them.
const BEHIND: &str = "?!.,:;*_~'‘’";

/// The addresses in `text`, first to last.
pub fn find(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (colon, separator) in text.match_indices("://") {
        let begin = begin(&text[..colon]).filter(|begin| found.last().is_none_or(|last| last.end <= *begin));
        let Some(begin) = begin else { continue };
        let host = colon + separator.len();
        if text[host..].starts_with(|c: char| c.is_alphanumeric() || c == '[') {
            let end = begin + length(&text[begin..]);
            found.extend((end > host).then_some(begin..end));
        }
    }
    found
}

/// Bytes that the address at the beginning of `text` has.
pub fn length(text: &str) -> usize {
    let end = text.find(|c: char| !is_visible(c) || END.contains(c)).unwrap_or(text.len());
    let mut address = &text[..end];
    let count = |bracket: char| address.matches(bracket).count();
    // Brackets that were opened before the address.
    let mut open = [('(', ')'), ('[', ']')].map(|(open, close)| (close, count(close).saturating_sub(count(open))));
    loop {
        address = address.trim_end_matches(|c: char| BEHIND.contains(c));
        match open.iter_mut().find(|(close, left)| *left > 0 && address.ends_with(*close)) {
            Some((_, left)) => {
                *left -= 1;
                address = &address[..address.len() - 1];
            }
            None => return address.len(),
        }
    }
}

/// Where the scheme begins with which `before` ends, if it does, and is a word of its own.
fn begin(before: &str) -> Option<usize> {
    let begin = SCHEMES.iter().find_map(|scheme| {
        let at = before.len().checked_sub(scheme.len())?;
        before.get(at..)?.eq_ignore_ascii_case(scheme).then_some(at)
    })?;
    (!before[..begin].ends_with(|c: char| c.is_ascii_alphanumeric() || "+-.".contains(c))).then_some(begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<&str> {
        find(text).into_iter().map(|place| &text[place]).collect()
    }

    #[test]
    fn an_address_ends_where_its_sentence_goes_on() {
        for (text, link) in [
            ("see https://example.org/a, please", "https://example.org/a"),
            ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
            ("((https://example.org/a_(b).)!).", "https://example.org/a_(b)"),
            ("[(https://example.org/a)]", "https://example.org/a"),
            ("[https://example.org/a]", "https://example.org/a"),
            ("https://example.org/a?b=c&d#e.", "https://example.org/a?b=c&d#e"),
            ("https://example.org/日本。そして", "https://example.org/日本"),
            ("https://example.org/a…", "https://example.org/a"),
            ("https://example.org/a\u{3000}b", "https://example.org/a"),
            ("https://example.org/a\u{202e}gpj.exe", "https://example.org/a"),
            ("“https://example.org/a”", "https://example.org/a"),
            ("見てhttps://example.org/a", "https://example.org/a"),
            ("HTTP://example.org", "HTTP://example.org"),
        ] {
            assert_eq!(links(text), [link], "{text}");
        }
    }

    #[test]
    fn hosts_of_every_kind_can_be_reached() {
        for text in [
            "http://localhost:3000/x",
            "http://[::1]:3000/x",
            "https://build_host.example.org/x",
            "https://build_host/x",
            "http://192.0.2.1/",
            "https://bücher.example",
        ] {
            assert_eq!(links(text), [text]);
        }
        assert_eq!(links("http://a.example and http://b.example"), ["http://a.example", "http://b.example"]);
    }

    #[test]
    fn nothing_else_is_an_address() {
        for text in [
            "javascript://x/%0aalert(1)",
            "file:///etc/passwd",
            "ms-word://x",
            "data://x",
            "xhttp://x",
            "http://",
            "https://…",
            "https://\u{3164}",
        ] {
            assert!(find(text).is_empty(), "{text}");
        }
    }
}
