//! How mentions are found in a text.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::mentions::{Mention, everyone};
use crate::text::{self, fold};

/// Signs `@` that are looked at in one text.
const MAX_SIGNS: usize = 50;

/// Whom of `people` a text mentions, and [`everyone`] if it does, each once.
pub fn mentioned(text: &str, people: &[Mention]) -> Vec<Mention> {
    let mut known = vec![everyone()];
    known.extend_from_slice(people);
    let names: Vec<String> = find(text, &known).into_iter().map(|(_, one)| fold(&one.name)).collect();
    // Of several who share a name all are meant.
    known.retain(|person| names.contains(&fold(&person.name)));
    known
}

/// The places in `text` that mention one of `people`, first to last, each from its `@` to the end of the name. Of several names
/// that fit the longest counts.
pub fn find<'p>(text: &str, people: &'p [Mention]) -> Vec<(Range<usize>, &'p Mention)> {
    let names: Vec<(Vec<char>, &Mention)> = people.iter().map(|person| (letters(&person.name), person)).collect();
    let longest = names.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut found: Vec<(Range<usize>, &Mention)> = Vec::new();
    for (at, _) in text.match_indices('@').take(MAX_SIGNS) {
        let begins_a_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '@');
        let follows = found.last().is_none_or(|(before, _)| before.end <= at);
        if begins_a_word && follows {
            let rest = Rest::of(&text[at + 1..], longest);
            let fits = names.iter().filter_map(|(name, person)| Some((rest.length_of(name)?, *person)));
            // From behind: of equals the first.
            let longest = fits.rev().max_by_key(|(length, _)| *length);
            found.extend(longest.map(|(length, person)| (at..at + 1 + length, person)));
        }
    }
    found
}

fn letters(name: &str) -> Vec<char> {
    fold(name).chars().collect()
}

/// The letters of one character of a text that stands at this byte, each with the byte behind it.
fn letters_at((at, one): (usize, &str)) -> Vec<(char, usize)> {
    // What joins the next word to a name is no part of the name.
    let alone = one.trim_end_matches(text::joins);
    let parts = [(alone, at + alone.len()), (&one[alone.len()..], at + one.len())];
    parts.iter().flat_map(|(part, end)| letters(part).into_iter().map(|letter| (letter, *end))).collect()
}

/// What stands behind a sign.
struct Rest<'t> {
    text: &'t str,
    /// Its first letters, as names are compared, and the byte behind the character to which each belongs.
    letters: Vec<(char, usize)>,
}

impl<'t> Rest<'t> {
    fn of(text: &'t str, longest: usize) -> Self {
        // One more tells whether the character of the last is at its end.
        Self { text, letters: text.grapheme_indices(true).flat_map(letters_at).take(longest + 1).collect() }
    }

    /// How many bytes the name takes at the beginning, if the word ends there.
    fn length_of(&self, name: &[char]) -> Option<usize> {
        let begins = self.letters.get(..name.len())?.iter().map(|(letter, _)| letter).eq(name);
        let (_, end) = *self.letters[..name.len()].last().filter(|_| begins)?;
        let is_whole = self.letters.get(name.len()).is_none_or(|(_, next)| *next != end);
        let behind = self.text[end..].trim_start_matches(text::COLOURED);
        (is_whole && !behind.starts_with(char::is_alphanumeric)).then_some(self.text.len() - behind.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(names: &[&str]) -> Vec<Mention> {
        (1..).zip(names).map(|(id, name)| Mention { id, name: (*name).to_owned() }).collect()
    }

    fn names(body: &str) -> Vec<String> {
        let people = people(&["Ada", "Ada Lovelace", "Bob", "Éloïse", "O'Neil", "İrem", "ada"]);
        mentioned(body, &people).into_iter().map(|person| format!("{} {}", person.id, person.name)).collect()
    }

    #[test]
    fn a_name_behind_the_sign_mentions_whatever_its_case() {
        assert_eq!(names("Hello @bob, and @ÉLOÏSE!"), ["3 Bob", "4 Éloïse"]);
        assert_eq!(names("@O'Neil (@İrem)"), ["5 O'Neil", "6 İrem"]);
        assert_eq!(names("nobody here, Bob"), [""; 0]);
    }

    #[test]
    fn the_longest_name_counts_and_names_may_hold_spaces() {
        assert_eq!(names("@Ada Lovelace"), ["2 Ada Lovelace"]);
        assert_eq!(names("@ada lovelaces"), ["1 Ada", "7 ada"]);
    }

    #[test]
    fn who_shares_a_name_is_mentioned_with_it() {
        assert_eq!(names("@Ada"), ["1 Ada", "7 ada"]);
    }

    #[test]
    fn a_name_is_the_same_however_it_is_encoded_and_with_or_without_its_accents() {
        for body in ["@Éloïse", "@E\u{301}loi\u{308}se", "@eloise", "@Éloïse\u{301}!"] {
            assert_eq!(names(body), ["4 Éloïse"], "{body}");
        }
        let decomposed = people(&["E\u{301}loi\u{308}se", "\u{301}"]);
        assert_eq!(find("@Éloïse", &decomposed)[0].0, 0..9);
        assert!(find("@ @\u{301} @é", &decomposed).is_empty());
        assert_eq!(names("@bobe\u{301} @Bob\u{301}e"), [""; 0]);
    }

    #[test]
    fn a_name_ends_where_a_character_does_in_every_script() {
        for names in [["이수", "이순"], ["이순", "이수"], ["か", "が"], ["Νίκο", "Νίκος"]] {
            let people = people(&names);
            for person in &people {
                let found = mentioned(&format!("@{}, hello", person.name), &people);
                assert_eq!(found, std::slice::from_ref(person), "{names:?}");
            }
        }
        for (name, body) in [("علی", "@علی\u{200c}جان"), ("Ada", "@Ada\u{fe0f}"), ("Ada ❤\u{fe0f}", "@Ada ❤")]
        {
            assert_eq!(mentioned(body, &people(&[name])).len(), 1, "{body}");
        }
        let coloured = people(&["Ada ❤\u{fe0f}"]);
        assert_eq!(find("@Ada ❤\u{fe0f}!", &coloured)[0].0, 0..11);
        // Marks in the order in which they are typed, which is not that of Unicode.
        for name in ["م\u{64f}ح\u{651}\u{64e}د", "ש\u{5c1}\u{5b8}ב\u{5bc}\u{5b7}"] {
            assert_eq!(mentioned(&format!("@{name}"), &people(&[name])).len(), 1, "{name}");
        }
    }

    #[test]
    fn everyone_is_a_name_too() {
        assert_eq!(names("@Everyone: lunch"), ["0 everyone"]);
        assert_eq!(names("@everyones"), [""; 0]);
    }

    #[test]
    fn an_address_or_a_longer_word_is_none() {
        for body in ["bob@bob.example", "@bobby", "@@bob", "@ bob", "@", "Bob@", "@bob2", ""] {
            assert_eq!(names(body), [""; 0], "{body}");
        }
        assert_eq!(names("@bob_ *@bob* \"@bob\" /@bob"), ["3 Bob"]);
    }

    #[test]
    fn places_are_told_in_bytes_and_never_overlap() {
        let people = people(&["Éloïse", "Bob @Ada", "Ada"]);
        let found = find("é @éloïse @bob @ada", &people);
        let places: Vec<_> = found.iter().map(|(place, person)| (place.clone(), person.id)).collect();
        assert_eq!(places, [(3..12, 1), (13..22, 2)]);
    }

    #[test]
    fn a_text_full_of_signs_is_not_searched_to_its_end() {
        let body = format!("{}@Bob", "@ ".repeat(MAX_SIGNS));
        assert_eq!(names(&body), [""; 0]);
    }
}
