//! Rules for every text that people write: what a reader sees of it, and how its lines are stored. Its links are in `links`.

pub mod links;

use earshot_live::error::Error;
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// Blank in every font, although Unicode counts them among the visible: the empty Braille pattern and the null notehead.
const BLANK: [char; 2] = ['\u{2800}', '\u{1d159}'];

/// Whether a reader sees anything of `text`.
pub fn shows(text: &str) -> bool {
    text.chars().any(is_visible)
}

/// Whether a reader sees `c`. Joiners, marks of direction and the fillers of Hangul are there and cannot be seen.
pub fn is_visible(c: char) -> bool {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c);
    let annotation = ('\u{fff9}'..='\u{fffb}').contains(&c);
    !(ignorable || annotation || c.is_whitespace() || c.is_control() || BLANK.contains(&c))
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
    Ok(name)
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
    fn every_kind_of_line_break_is_stored_as_one() {
        assert_eq!(with_stored_breaks("a\r\nb\rc\nd\r\r\n"), "a\nb\nc\nd\n\n");
    }
}
