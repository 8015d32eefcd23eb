//! What the people of a large demo world are called and what they say: always the same for the same seed.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const FIRST: [&str; 32] = [
    "Ada", "Bob", "Cleo", "Dan", "Eva", "Finn", "Grace", "Hugo", "Ida", "Jon", "Kaya", "Leo", "Mia", "Nils", "Olga",
    "Paul", "Quinn", "Rosa", "Sam", "Tara", "Umar", "Vera", "Willa", "Xenia", "Yuri", "Zoë", "Amir", "Bea", "Chloé",
    "Dario", "Elif", "Femi",
];
const LAST: [&str; 32] = [
    "Abel", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Huber", "Ito", "Jansen", "Kowalski",
    "Larsen", "Moreau", "Novák", "Okafor", "Peters", "Quist", "Rossi", "Schmidt", "Tanaka", "Ulrich", "Vogel", "Weber",
    "Xu", "Yilmaz", "Zhang", "Adler", "Berg", "Castro", "Dahl", "Engel", "Frank",
];
const TOPICS: [&str; 32] = [
    "Accounts",
    "Archive",
    "Billing",
    "Bridge",
    "Canteen",
    "Cargo",
    "Customers",
    "Design",
    "Docs",
    "Events",
    "Field",
    "Garden",
    "Harbour",
    "Hiring",
    "Kitchen",
    "Lab",
    "Legal",
    "Library",
    "Market",
    "Mobile",
    "Network",
    "Office",
    "Orders",
    "Press",
    "Quality",
    "Research",
    "Sales",
    "Security",
    "Server",
    "Storage",
    "Travel",
    "Website",
];
const MATTERS: [&str; 32] = [
    "",
    "budget",
    "news",
    "plans",
    "help",
    "ideas",
    "team",
    "review",
    "weekly",
    "alerts",
    "north",
    "south",
    "east",
    "west",
    "2024",
    "2025",
    "2026",
    "archive",
    "questions",
    "releases",
    "incidents",
    "visits",
    "contracts",
    "numbers",
    "photos",
    "partners",
    "training",
    "tools",
    "tests",
    "drafts",
    "travel",
    "social",
];
/// The commonest words, by how common they are.
const COMMON: [&str; 96] = [
    "the", "to", "and", "a", "of", "in", "is", "it", "we", "for", "that", "you", "on", "i", "with", "this", "be",
    "have", "are", "not", "but", "at", "can", "if", "as", "will", "or", "from", "all", "do", "so", "just", "what",
    "there", "now", "when", "up", "they", "one", "out", "about", "has", "should", "get", "by", "today", "some", "need",
    "like", "see", "them", "new", "time", "would", "then", "how", "me", "our", "meeting", "was", "think", "more",
    "work", "team", "no", "here", "which", "also", "know", "only", "because", "please", "tomorrow", "thanks", "could",
    "after", "make", "who", "good", "yes", "release", "before", "week", "customer", "still", "test", "does", "server",
    "plan", "change", "into", "first", "send", "report", "message", "done",
];
const SYLLABLES: [&str; 40] = [
    "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "su", "ta", "ve", "wi", "xo",
    "zu", "bra", "cle", "dri", "flo", "gru", "sta", "tre", "spi", "sho", "plu", "ar", "en", "il", "on", "ur", "ant",
    "est", "ing", "orn", "ump",
];
const VOCABULARY: usize = 20_000;

/// A source of sentences in which words are about as common as in any language: the second half as often as the first.
pub struct Words {
    pub dice: StdRng,
    vocabulary: Vec<String>,
    /// The sum of the weights up to each word.
    weights: Vec<f64>,
}

impl Words {
    pub fn new(seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut vocabulary: Vec<String> = COMMON.into_iter().map(str::to_owned).collect();
        vocabulary.extend((COMMON.len()..VOCABULARY).map(|_| word(&mut dice)));
        let mut sum = 0.0;
        let weights = (0..VOCABULARY).map(|rank| {
            sum += 1.0 / (rank as f64 + 2.7);
            sum
        });
        Self { dice, vocabulary, weights: weights.collect() }
    }

    /// Three to twenty words and a full stop.
    pub fn sentence(&mut self) -> String {
        let words = 3 + self.dice.random_range(0..6) + self.dice.random_range(0..13);
        let mut sentence = String::new();
        for number in 0..words {
            if number > 0 {
                sentence.push(' ');
            }
            sentence.push_str(self.word());
        }
        sentence.push(if self.dice.random_ratio(1, 6) { '?' } else { '.' });
        sentence[..1].make_ascii_uppercase();
        sentence
    }

    fn word(&mut self) -> &str {
        let all = self.weights.last().copied().unwrap_or_default();
        let at = self.dice.random_range(0.0..all);
        &self.vocabulary[self.weights.partition_point(|weight| *weight <= at)]
    }
}

fn word(dice: &mut StdRng) -> String {
    (0..dice.random_range(2..=4)).map(|_| SYLLABLES[dice.random_range(0..SYLLABLES.len())]).collect()
}

pub fn person(number: usize) -> String {
    let name = format!("{} {}", FIRST[number % FIRST.len()], LAST[number / FIRST.len() % LAST.len()]);
    numbered(name, number / (FIRST.len() * LAST.len()))
}

pub fn room(number: usize) -> String {
    let name = format!("{} {}", TOPICS[number % TOPICS.len()], MATTERS[number / TOPICS.len() % MATTERS.len()]);
    numbered(name.trim_end().to_owned(), number / (TOPICS.len() * MATTERS.len()))
}

/// The names after all combinations bear a number.
fn numbered(name: String, round: usize) -> String {
    if round == 0 { name } else { format!("{name} {}", round + 1) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_says_the_same() {
        let said = |seed| (0..10).map(|_| Words::new(seed).sentence()).collect::<Vec<_>>();
        assert_eq!(said(1), said(1));
        assert_ne!(said(1), said(2));
    }

    #[test]
    fn no_two_people_or_rooms_share_a_name() {
        assert_eq!((0..3_000).map(person).collect::<HashSet<_>>().len(), 3_000);
        assert_eq!((0..3_000).map(room).collect::<HashSet<_>>().len(), 3_000);
    }
}
