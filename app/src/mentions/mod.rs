//! Mentions: `@Name` and `@everyone` in what is written. Here is how they are found in a text, and nothing else.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
mod view;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use view::{Completion, MentionList};

/// Somebody who is mentioned, under the name by which it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The person's, or [`EVERYONE`].
    pub id: i64,
    pub name: String,
}

/// What `@everyone` mentions: an id that nobody has.
pub const EVERYONE: i64 = 0;
pub const NAME_OF_EVERYONE: &str = "everyone";
/// Signs `@` that are looked at in one text.
const MAX_SIGNS: usize = 50;

/// The name behind `@` that means all.
pub fn everyone() -> Mention {
    Mention { id: EVERYONE, name: NAME_OF_EVERYONE.to_owned() }
}

/// Whom of `people` a text mentions, and [`everyone`] if it does, each once.
pub fn mentioned(text: &str, people: &[Mention]) -> Vec<Mention> {
    let mut known = vec![everyone()];
    known.extend_from_slice(people);
    let names: Vec<String> = find(text, &known).into_iter().map(|(_, one)| folded(&one.name)).collect();
    // Of several who share a name all are meant.
    known.retain(|person| names.contains(&folded(&person.name)));
    known
}

/// The places in `text` that mention one of `people`, first to last, each from its `@` to the end of the name. Of several names
/// that fit the longest counts.
pub fn find<'p>(text: &str, people: &'p [Mention]) -> Vec<(Range<usize>, &'p Mention)> {
    let mut found: Vec<(Range<usize>, &Mention)> = Vec::new();
    for (at, _) in text.match_indices('@').take(MAX_SIGNS) {
        let begins_a_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '@');
        let follows = found.last().is_none_or(|(before, _)| before.end <= at);
        if begins_a_word && follows {
            let rest = &text[at + 1..];
            let fits = people.iter().filter_map(|person| Some((length_of(&person.name, rest)?, person)));
            // Of equals the first.
            let longest = fits.fold(None, |best: Option<(usize, &Mention)>, next| match best {
                Some(best) if best.0 >= next.0 => Some(best),
                _ => Some(next),
            });
            found.extend(longest.map(|(length, person)| (at..at + 1 + length, person)));
        }
    }
    found
}

/// How many bytes of `text` the name takes at its beginning, in whatever case it is written, if the word ends there.
fn length_of(name: &str, text: &str) -> Option<usize> {
    let mut wanted = name.chars().flat_map(char::to_lowercase).peekable();
    for (at, c) in text.char_indices() {
        if wanted.peek().is_none() {
            return (!c.is_alphanumeric()).then_some(at);
        }
        if !c.to_lowercase().all(|c| wanted.next() == Some(c)) {
            return None;
        }
    }
    wanted.peek().is_none().then_some(text.len())
}

fn folded(name: &str) -> String {
    name.to_lowercase()
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
