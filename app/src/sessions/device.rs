//! What a browser says of itself, in words that its owner knows.

use woothee::parser::Parser;
use woothee::woothee::VALUE_UNKNOWN;

/// Characters of what a browser says that are kept.
pub const MAX_AGENT: usize = 300;

/// `Firefox on Linux`.
pub fn device(agent: &str) -> String {
    let found = Parser::new().parse(agent).unwrap_or_default();
    let system = if found.os == "Mac OSX" { "macOS" } else { found.os };
    match [found.name, system].map(|name| !["", VALUE_UNKNOWN].contains(&name)) {
        [true, true] => format!("{} on {system}", found.name),
        [true, false] => found.name.to_owned(),
        [false, true] => system.to_owned(),
        [false, false] => "Unknown device".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn browsers_are_known_by_what_they_say() {
        let table = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "Chrome on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("", "Unknown device"),
            ("<script>alert(1)</script>", "Unknown device"),
        ];
        for (agent, expected) in table {
            assert_eq!(device(agent), expected, "{agent}");
        }
    }
}
