//! How well a name answers to what was typed.

use crate::text::fold;

/// Lower is better; nothing when it does not. The beginning of the name is the best answer, then the beginning of one of its
/// words, then a part of it, then its letters with others between them.
pub fn rank(name: &str, typed: &str) -> Option<u8> {
    let (name, typed) = (fold(name), fold(typed.trim()));
    if name.starts_with(&typed) {
        Some(0)
    } else if name.split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(&typed)) {
        Some(1)
    } else if name.contains(&typed) {
        Some(2)
    } else {
        let mut letters = name.chars();
        let all = typed.chars().filter(|c| !c.is_whitespace()).all(|wanted| letters.any(|letter| letter == wanted));
        all.then_some(3)
    }
}

/// The best `most` of `items`, those that rank alike in the order in which they came.
pub fn best<T>(items: impl IntoIterator<Item = T>, name: impl Fn(&T) -> &str, typed: &str, most: usize) -> Vec<T> {
    let ranked = items.into_iter().filter_map(|item| Some((rank(name(&item), typed)?, item)));
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(most).map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_name_comes_before_its_middle_and_its_letters() {
        let names = ["Small plans", "Shopping", "Plans", "Deployment", "Plain", "Party lane"];
        assert_eq!(best(names, |name| name, "pla", 5), ["Plans", "Plain", "Small plans", "Party lane"]);
        assert_eq!(best(names, |name| name, "pla", 2), ["Plans", "Plain"]);
        assert_eq!(best(names, |name| name, "xyz", 5), Vec::<&str>::new());
        assert_eq!(best(["Zoe", "Emil", "Émile", "E\u{301}mile"], |name| name, "ém", 5).len(), 3);
        assert_eq!(best(names, |name| name, " ", 2), ["Small plans", "Shopping"]);
    }
}
