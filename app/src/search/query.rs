//! What somebody looks for: words, and nothing but words. Whatever operators and quotes mean to a database, none gets there.

use std::collections::BTreeSet;

use earshot_live::error::Error;
use earshot_live::store::Dialect;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::search::MAX_QUERY;
use crate::text::{fold, is_accent};

/// A word shorter than this is not taken for the beginning of others: there would be too many.
const MIN_PREFIX: usize = 2;

/// At least one word. All have to occur; the last one may be the beginning of one that does.
#[derive(Debug)]
pub struct Query {
    words: Vec<Word>,
    prefix: bool,
}

/// A word as it is compared with others, and as it was typed.
#[derive(Debug)]
struct Word {
    folded: String,
    typed: String,
}

impl Query {
    /// # Errors
    /// `Invalid` when there is no word in it, or it is too long.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.chars().count() > MAX_QUERY {
            return Err(Error::invalid(format!("Please search for at most {MAX_QUERY} characters.")));
        }
        let word = |typed: &str| Word { folded: fold(typed), typed: typed.nfc().collect() };
        let mut words: Vec<Word> = text.split(|c| !of_word(c)).map(word).collect();
        // Who has typed something behind the last word is done with it.
        let prefix = words.last().is_some_and(|last| last.is_one() && last.typed.chars().count() >= MIN_PREFIX);
        // Of some nothing is left without accents.
        words.retain(Word::is_one);
        if words.is_empty() {
            return Err(Error::invalid("Please enter a word to search for: signs alone are not found."));
        }
        Ok(Self { words, prefix })
    }

    /// The same for the database. Words hold neither quotes nor backslashes.
    pub fn to_sql(&self, dialect: Dialect) -> String {
        let (quote, or, and, beginning) = match dialect {
            Dialect::Sqlite => ('"', " OR ", " AND ", "*"),
            Dialect::Postgres => ('\'', " | ", " & ", ":*"),
        };
        let last = self.words.len() - 1;
        let word = |(at, word): (usize, &Word)| {
            let behind = if self.prefix && at == last { beginning } else { "" };
            let forms: Vec<String> =
                word.forms(dialect).iter().map(|form| format!("{quote}{form}{quote}{behind}")).collect();
            if forms.len() == 1 { forms.concat() } else { format!("({})", forms.join(or)) }
        };
        self.words.iter().enumerate().map(word).collect::<Vec<_>>().join(and)
    }

    /// Whether this word of a message is one of those that are looked for.
    pub fn finds(&self, word: &str) -> bool {
        let word = fold(word);
        let prefix = self.words.last().filter(|_| self.prefix);
        self.words.iter().any(|wanted| wanted.folded == word)
            || prefix.is_some_and(|prefix| word.starts_with(prefix.folded.as_str()))
    }
}

impl Word {
    fn is_one(&self) -> bool {
        self.folded.contains(char::is_alphanumeric)
    }

    /// As it may stand in the database's index.
    fn forms(&self, dialect: Dialect) -> BTreeSet<String> {
        match dialect {
            // It takes the accents from Latin letters itself, and leaves all others as they were written.
            Dialect::Sqlite => [self.typed.to_lowercase(), self.typed.nfd().collect::<String>().to_lowercase()].into(),
            // `words_of` in its migrations, which knows one sigma from the other.
            Dialect::Postgres => {
                let plain: String = self.typed.nfd().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase).collect();
                [
                    plain.replace('ς', "σ"),
                    plain.strip_suffix(['σ', 'ς']).map_or(plain.clone(), |stem| format!("{stem}ς")),
                ]
                .into()
            }
        }
    }
}

/// Whether words are made of it.
pub fn of_word(c: char) -> bool {
    (c.is_alphanumeric() && !is_framed(c)) || is_combining_mark(c)
}

/// Letters in circles and squares, which SQLite takes for signs.
fn is_framed(c: char) -> bool {
    matches!(c, '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(text: &str) -> String {
        Query::parse(text).unwrap().to_sql(Dialect::Sqlite)
    }

    #[test]
    fn every_word_has_to_occur_and_the_last_may_be_a_beginning() {
        assert_eq!(sql("Hello wor"), r#""hello" AND "wor"*"#);
        assert_eq!(sql("hello world "), r#""hello" AND "world""#);
        assert_eq!(sql("x"), r#""x""#);
        assert_eq!(sql("hello \u{345}"), r#""hello""#);
        assert_eq!(Query::parse("Hello wor").unwrap().to_sql(Dialect::Postgres), "'hello' & 'wor':*");
    }

    #[test]
    fn accents_and_capitals_make_no_difference() {
        let query = Query::parse("Ärger CAFE\u{301} ").unwrap();
        assert_eq!(query.to_sql(Dialect::Postgres), "'arger' & 'cafe'");
        // It looks after the accents itself.
        assert_eq!(query.to_sql(Dialect::Sqlite), "(\"a\u{308}rger\" OR \"ärger\") AND (\"cafe\u{301}\" OR \"café\")");
        assert_eq!(Query::parse("ΝΙΚΟΣ").unwrap().to_sql(Dialect::Postgres), "('νικος':* | 'νικοσ':*)");
        assert!(Query::parse("uber").unwrap().finds("Übermut"));
        assert!(!Query::parse("uber ").unwrap().finds("Übermut"));
    }

    #[test]
    fn operators_and_quotes_are_no_words() {
        assert_eq!(
            sql(r#"a" OR body:* NEAR(b) ^c -d'; DROP --"#),
            r#""a" AND "or" AND "body" AND "near" AND "b" AND "c" AND "d" AND "drop""#
        );
        assert_eq!(sql("blood 🅰 Ⓐ"), r#""blood""#);
        assert_eq!(sql("a\0b\\c%d_e\n"), r#""a" AND "b" AND "c" AND "d" AND "e""#);
    }

    #[test]
    fn what_holds_no_word_is_refused_with_a_sentence() {
        for text in ["", " ", "\"", "***", "-- ' ; %_", "😀", "\u{301}"] {
            assert!(Query::parse(text).unwrap_err().sentence.contains("enter a word"), "{text}");
        }
        let longest = "é".repeat(MAX_QUERY);
        assert!(Query::parse(&longest).is_ok());
        assert!(Query::parse(&(longest + "x")).unwrap_err().sentence.contains("200 characters"));
    }
}
