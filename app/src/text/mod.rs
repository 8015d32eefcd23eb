//! Rules for every text that people write: what a reader sees of it, and how its lines are stored. Its links are in `links`.

pub mod links;

use std::ops::RangeInclusive;

use earshot_live::error::Error;
use icu_properties::CodePointSetData;
use icu_properties::props::{DefaultIgnorableCodePoint, VariationSelector};

/// Blank in every font, although Unicode counts them among the visible: the empty Braille pattern and the null notehead.
const BLANK: [char; 2] = ['\u{2800}', '\u{1d159}'];

/// Zero width non-joiner and joiner.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
/// Asks for the colours of the sign before it. Some keyboards leave it out.
pub const COLOURED: char = '\u{fe0f}';
/// A black flag, which the signs behind it make that of a country.
const FLAG: char = '\u{1f3f4}';
/// What tells the flag of Wales from that of Scotland.
const TAGS: RangeInclusive<char> = '\u{e0020}'..='\u{e007f}';

/// Whether a reader sees anything of `text`.
pub fn shows(text: &str) -> bool {
    text.chars().any(is_visible)
}

/// Whether a reader sees `c`. Joiners, marks of direction and the fillers of Hangul are there and cannot be seen.
pub fn is_visible(c: char) -> bool {
    !(is_ignorable(c) || c.is_whitespace() || c.is_control() || BLANK.contains(&c))
}

/// Whether `c` takes no place. Some of these turn the text around them.
pub fn is_ignorable(c: char) -> bool {
    let annotation = ('\u{fff9}'..='\u{fffb}').contains(&c);
    annotation || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether `c` takes no place, but belongs to how the signs beside it look: in Persian names, in emoji, in flags.
pub fn joins(c: char) -> bool {
    JOINERS.contains(&c) || TAGS.contains(&c) || CodePointSetData::new::<VariationSelector>().contains(c)
}

/// The name of a person or a room as it is stored. `what` calls it in the sentence: `a name`.
///
/// # Errors
/// `Invalid`, with what to change.
pub fn check_name<'a>(name: &'a str, what: &str, most: usize) -> Result<&'a str, Error> {
    let name = name.trim();
    if !shows(name) || name.chars().count() > most || name.chars().any(char::is_control) {
        return Err(Error::invalid(format!("Please enter {what} of at most {most} characters.")));
    }
    let hides = |c: char| is_ignorable(c) && !joins(c) || TAGS.contains(&c) && !name.contains(FLAG);
    if name.chars().any(hides) {
        return Err(Error::invalid(format!("Please enter {what} without characters that cannot be seen.")));
    }
    Ok(name)
}

/// `text` as names and words are compared: in lower case and without accents, however these are encoded.
pub fn fold(text: &str) -> String {
    let letters = decomposed(text);
    let told_apart = |c: &char| !is_accent(*c) && *c != COLOURED;
    let lower = letters.chars().filter(told_apart).flat_map(char::to_lowercase).filter(told_apart);
    // At the end of a word it is written otherwise in lower case only.
    lower.map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

/// Whether it is an accent that stands behind its letter.
pub fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

#[cfg(feature = "ssr")]
fn decomposed(text: &str) -> String {
    unicode_normalization::UnicodeNormalization::nfd(text).collect()
}

/// The browser has the tables.
#[cfg(not(feature = "ssr"))]
fn decomposed(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFD").into()
}

/// `text` with its line breaks as they are stored. Forms send CR LF, and old programs a CR alone.
pub fn with_stored_breaks(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_see_shows_nothing() {
        let unseen = [
            "",
            " \t\n",
            "\u{a0}\u{3000}",
            "\u{200b}\u{2060}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{2800}",
            "\u{ad}\u{34f}",
            "\u{17b4}\u{180e}",
            "\u{202e}\u{2066}",
            "\u{feff}",
            "\u{fe0f}",
            "\u{e0041}",
            "\u{fff9}",
            "\u{1d159}",
            "\u{7}\0\u{85}",
        ];
        for text in unseen {
            assert!(!shows(text), "{:?}", text.escape_unicode().to_string());
        }
        for text in ["a", "\u{200b}é", "日本", "👩\u{200d}🚀", "❤\u{fe0f}", "\u{301}", "…", "\u{600}"] {
            assert!(shows(text), "{text}");
        }
    }

    #[test]
    fn a_name_is_one_line_that_can_be_read() {
        assert_eq!(check_name(" Ada ", "a name", 3), Ok("Ada"));
        for name in ["", "  ", "\u{200b}\u{2060}", "\u{3164}", "A\nb", "Adas"] {
            let refused = check_name(name, "a name", 3).map_err(|error| error.sentence);
            assert_eq!(refused, Err("Please enter a name of at most 3 characters.".into()), "{name:?}");
        }
    }

    #[test]
    fn nothing_in_a_name_turns_what_stands_around_it_or_hides() {
        for name in [
            "Ada\u{202e}",
            "A\u{2066}b",
            "A\u{200b}da",
            "\u{200f}Ada",
            "A\u{61c}da",
            "A\u{ad}da",
            "A\u{fff9}b",
            "A\u{3164}b",
            "Ada\u{e0041}",
        ] {
            let refused = check_name(name, "a name", 40).map_err(|error| error.sentence);
            assert_eq!(refused, Err("Please enter a name without characters that cannot be seen.".into()), "{name:?}");
        }
        for name in [
            "می\u{200c}خواهم",
            "👩\u{200d}🚀",
            "❤\u{fe0f}",
            "葛\u{e0100}",
            "عادة",
            "🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
        ] {
            assert_eq!(check_name(name, "a name", 40), Ok(name));
        }
    }

    #[test]
    fn accents_and_capitals_make_no_difference_however_they_are_encoded() {
        for name in ["Émile", "E\u{301}mile", "ÉMILE", "emile"] {
            assert_eq!(fold(name), "emile", "{name}");
        }
        assert_eq!(fold("ΝΙΚΟΣ"), fold("Νίκος"));
        assert_eq!((fold("İrem"), fold("が")), ("irem".into(), "か\u{3099}".into()));
    }

    #[test]
    fn every_kind_of_line_break_is_stored_as_one() {
        assert_eq!(with_stored_breaks("a\r\nb\rc\nd\r\r\n"), "a\nb\nc\nd\n\n");
    }
}
