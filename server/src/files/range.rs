//! Reads the header `Range`, as far as it asks for one piece: by it a download that broke off goes on.

use axum::http::{HeaderMap, header};
use object_store::GetRange;

/// The piece that is asked for. Whatever else stands there is answered with everything, which the protocol allows.
pub fn asked(headers: &HeaderMap, tag: &str, size: u64) -> Result<Option<GetRange>, NotThere> {
    // What the browser has a part of may be something else by now.
    if headers.get(header::IF_RANGE).is_some_and(|known| known != tag) {
        return Ok(None);
    }
    let Some(range) = headers.get(header::RANGE).and_then(|range| range.to_str().ok()) else { return Ok(None) };
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let asked = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => GetRange::Bounded(first..last.saturating_add(1).min(size)),
        (Some(first), None) if last.trim().is_empty() => GetRange::Offset(first),
        (None, Some(length)) if first.trim().is_empty() => GetRange::Suffix(length.min(size)),
        _ => return Ok(None),
    };
    let within = match &asked {
        GetRange::Bounded(range) => range.start < size,
        GetRange::Offset(first) => *first < size,
        GetRange::Suffix(length) => *length > 0,
    };
    if within { Ok(Some(asked)) } else { Err(NotThere) }
}

/// The piece lies beyond the end.
#[derive(Debug, PartialEq, Eq)]
pub struct NotThere;

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(range: &str) -> Result<Option<GetRange>, NotThere> {
        asked(&HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]), "\"7\"", 100)
    }

    #[test]
    fn one_piece_can_be_asked_for() {
        assert_eq!(ask("bytes=0-9"), Ok(Some(GetRange::Bounded(0..10))));
        assert_eq!(ask("bytes=90-200"), Ok(Some(GetRange::Bounded(90..100))));
        assert_eq!(ask("bytes=90-18446744073709551615"), Ok(Some(GetRange::Bounded(90..100))));
        assert_eq!(ask("bytes=90-"), Ok(Some(GetRange::Offset(90))));
        assert_eq!(ask("bytes=-200"), Ok(Some(GetRange::Suffix(100))));
    }

    #[test]
    fn what_is_beyond_the_end_is_not_there() {
        for range in ["bytes=100-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(ask(range), Err(NotThere), "{range}");
        }
    }

    #[test]
    fn what_is_not_understood_is_answered_with_everything() {
        for range in ["bytes=9-0", "bytes=a-b", "bytes=0-1,5-6", "bytes=-", "lines=1-2", "bytes=0-x", "x"] {
            assert_eq!(ask(range), Ok(None), "{range}");
        }
    }

    #[test]
    fn a_piece_of_something_else_is_not_given() {
        let headers = |tag: &str| {
            HeaderMap::from_iter([
                (header::RANGE, "bytes=1-".parse().unwrap()),
                (header::IF_RANGE, tag.parse().unwrap()),
            ])
        };
        assert_eq!(asked(&headers("\"6\""), "\"7\"", 100), Ok(None));
        assert_eq!(asked(&headers("\"7\""), "\"7\"", 100), Ok(Some(GetRange::Offset(1))));
    }
}
