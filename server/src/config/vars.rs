//! The environment, as far as it is text.

use std::collections::HashMap;
use std::ffi::OsString;

/// How the names of our settings begin.
const OURS: [&str; 6] = ["EARSHOT_", "PUSHER_", "AWS_", "DATABASE_URL", "SMTP_URL", "MAIL_FROM"];

pub struct Vars {
    texts: HashMap<String, String>,
    /// The names of ours that hold something else.
    pub no_texts: Vec<String>,
}

impl FromIterator<(OsString, OsString)> for Vars {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(all: I) -> Self {
        let (mut texts, mut no_texts) = (HashMap::new(), Vec::new());
        for (name, value) in all {
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => drop(texts.insert(name, value)),
                (Ok(name), Err(_)) if OURS.iter().any(|ours| name.starts_with(ours)) => no_texts.push(name),
                _ => {}
            }
        }
        Self { texts, no_texts }
    }
}

impl Vars {
    /// What the setting is, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}
