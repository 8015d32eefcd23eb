//! The part of a message in which it was found.

use std::ops::Range;

use crate::messages::markdown;
use crate::search::Piece;
use crate::search::query::{Query, of_word};

/// Bytes of text before the first word that was found, and from there on. A word or two more or less, at most.
const BEFORE: usize = 60;
const FROM: usize = 180;

/// A line of text around the first of the words, each of them a piece of its own.
pub fn snippet(body: &str, query: &Query) -> Vec<Piece> {
    let plain = markdown::plain(body);
    let text = plain.trim();
    match found(text, query) {
        // It is in the marks alone, as in the address of a link.
        none if none.is_empty() => around(body, found(body, query)),
        some => around(text, some),
    }
}

/// Where the words are that were looked for.
fn found(text: &str, query: &Query) -> Vec<Range<usize>> {
    words(text).filter(|word| query.finds(&text[word.clone()])).collect()
}

fn around(text: &str, found: Vec<Range<usize>>) -> Vec<Piece> {
    let first = found.first().map_or(0, |word| word.start);
    let start = word_start(text, first.saturating_sub(BEFORE));
    let end = word_start(text, first + FROM);
    let mut pieces = Vec::new();
    let mut add = |text: String, found: bool| {
        if !text.is_empty() {
            pieces.push(Piece { text, found });
        }
    };
    let mut at = start;
    for word in found.into_iter().filter(|word| word.end <= end) {
        let gap = line(&text[at..word.start]);
        add(if at == start && start > 0 { format!("… {}", gap.trim_start()) } else { gap }, false);
        add(text[word.clone()].to_owned(), true);
        at = word.end;
    }
    let rest = line(&text[at..end]);
    add(if end < text.len() { format!("{} …", rest.trim_end()) } else { rest }, false);
    pieces
}

/// Where the words of `text` are.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(of_word)?;
        at = text[start..].find(|c| !of_word(c)).map_or(text.len(), |length| start + length);
        Some(start..at)
    })
}

/// The beginning of a word, not long after byte `index`; where there is none, the next character.
fn word_start(text: &str, index: usize) -> usize {
    if index == 0 || index >= text.len() {
        return index.min(text.len());
    }
    let index = text.ceil_char_boundary(index);
    let near = text.ceil_char_boundary(index + BEFORE / 2);
    let space = text[index..near].find(char::is_whitespace);
    space.map_or(index, |space| index + space)
}

/// Line breaks and other space become one space.
fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_whitespace() {
            true if line.ends_with(' ') => {}
            true => line.push(' '),
            false => line.push(c),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(body: &str, query: &str) -> String {
        let pieces = snippet(body, &Query::parse(query).unwrap());
        pieces.iter().map(|piece| if piece.found { format!("[{}]", piece.text) } else { piece.text.clone() }).collect()
    }

    #[test]
    fn every_word_that_was_found_is_marked() {
        assert_eq!(marked("The café\n\nand the Cafés", "cafe"), "The [café] and the [Cafés]");
        assert_eq!(marked("one, two; three", "three one "), "[one], two; [three]");
    }

    #[test]
    fn marks_are_left_out_unless_it_was_in_them_that_something_was_found() {
        assert_eq!(marked("So **far**: [a\nmap](https://example.org)", "far map "), "So [far]: a [map]");
        assert_eq!(marked("[map](https://example.org)", "example "), "[map](https://[example].org)");
    }

    #[test]
    fn markup_is_text_like_any_other() {
        assert_eq!(marked("<b>bold</b> & <img src=x>", "bold "), "<b>[bold]</b> & <img src=x>");
    }

    #[test]
    fn a_long_message_is_cut_around_the_first_of_them() {
        let body = format!("{}needle {}", "hay ".repeat(500), "straw ".repeat(500));
        let text = marked(&body, "needle");
        assert!(text.starts_with("… hay ") && text.contains(" [needle] straw ") && text.ends_with("straw …"), "{text}");
        assert!(text.len() < BEFORE + FROM + 80, "{text}");
    }

    #[test]
    fn no_character_is_cut_in_two() {
        for body in ["ä".repeat(400), format!("{}x{}", "😀".repeat(100), "é".repeat(300))] {
            assert!(!marked(&body, "x").is_empty());
        }
    }
}
