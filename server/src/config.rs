//! Every setting, read from the environment once, checked at start. Nothing else reads the environment.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use app::store::Dialect;
use axum::http::Uri;

use crate::keys::Keys;

const DATABASE_URL: &str = "sqlite://data/earshot.db";
const ADDR: &str = "127.0.0.1:3000";
const CACHE: &str = "20000";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    Development,
    Production,
}

#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub addr: SocketAddr,
    pub database_url: String,
    pub environment: Environment,
    /// The address by which browsers know this server: scheme and authority.
    pub url: Uri,
    /// Rows to keep in memory. With 0 every question goes to the database.
    pub cache: usize,
    /// Empty parts are found or made by [`Keys::complete`].
    pub keys: Keys,
}

/// Every wrong setting, each in one sentence.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong(Vec<String>);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Wrong {}

impl Config {
    /// # Errors
    /// When a setting is wrong; all of them are named.
    pub fn from_env() -> Result<Self, Wrong> {
        Self::from(std::env::vars().collect())
    }

    fn from(vars: HashMap<String, String>) -> Result<Self, Wrong> {
        let mut wrong = Vec::new();
        let set = |name: &str| vars.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());

        let addr = set("EARSHOT_ADDR").unwrap_or(ADDR);
        let parsed_addr = addr.parse().ok();
        if parsed_addr.is_none() {
            wrong.push(format!("EARSHOT_ADDR is '{addr}' and has to be an address with a port, like {ADDR}."));
        }

        let database_url = set("DATABASE_URL").unwrap_or(DATABASE_URL);
        if Dialect::of(database_url).is_none() {
            // The value may hold a password.
            wrong.push(format!("DATABASE_URL has to begin with sqlite:// or postgres://, like {DATABASE_URL}."));
        }

        let cache = set("EARSHOT_CACHE").unwrap_or(CACHE);
        let parsed_cache = cache.parse().unwrap_or_else(|_| {
            wrong.push(format!("EARSHOT_CACHE is '{cache}' and has to be a number of rows, like {CACHE}."));
            0
        });

        let environment = match set("EARSHOT_ENV") {
            None | Some("development") => Environment::Development,
            Some("production") => Environment::Production,
            Some(other) => {
                wrong.push(format!("EARSHOT_ENV is '{other}' and has to be development or production."));
                Environment::Development
            }
        };

        let url =
            set("EARSHOT_URL").map_or_else(|| format!("http://{addr}"), |url| url.trim_end_matches('/').to_owned());
        let parsed_url = url.parse::<Uri>().ok().filter(is_origin);
        if parsed_url.is_none() && (set("EARSHOT_URL").is_some() || parsed_addr.is_some()) {
            wrong.push(format!("EARSHOT_URL is '{url}' and has to be like https://chat.example.org."));
        }

        let key = |name: &str| set(name).unwrap_or_default().to_owned();
        let keys = Keys {
            app_id: key("PUSHER_APP_ID"),
            key: key("PUSHER_KEY"),
            secret: key("PUSHER_SECRET"),
            cluster: key("PUSHER_CLUSTER"),
        };
        wrong.extend(keys.malformed());
        if environment == Environment::Production {
            wrong.extend(
                keys.missing().map(|name| format!("{name} is not set, and production does without made-up keys.")),
            );
        }

        match (parsed_addr, parsed_url) {
            (Some(addr), Some(url)) if wrong.is_empty() => {
                Ok(Self { addr, database_url: database_url.to_owned(), environment, url, cache: parsed_cache, keys })
            }
            _ => Err(Wrong(wrong)),
        }
    }

    /// Whether browsers reach this server by https: then cookies are for https alone.
    pub fn https(&self) -> bool {
        self.url.scheme_str() == Some("https")
    }

    /// The folder for what belongs to this environment alone: beside a SQLite file, else `data`.
    pub fn data_dir(&self) -> PathBuf {
        let file = self.database_url.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
        let file = file.map(|file| file.split('?').next().unwrap_or(file));
        match file.and_then(|file| Path::new(file).parent()) {
            Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
            Some(folder) => folder.to_owned(),
            None => PathBuf::from("data"),
        }
    }
}

fn is_origin(url: &Uri) -> bool {
    matches!(url.scheme_str(), Some("http" | "https"))
        && url.authority().is_some()
        && url.path() == "/"
        && url.query().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(vars: &[(&str, &str)]) -> Result<Config, Wrong> {
        Config::from(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn without_any_setting_it_is_a_development_server_on_this_machine() {
        let config = config(&[]).unwrap();
        assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
        assert_eq!(config.database_url, "sqlite://data/earshot.db");
        assert_eq!(config.data_dir(), Path::new("data"));
        assert!(!config.https());
    }

    #[test]
    fn each_wrong_setting_is_named_in_one_sentence() {
        let wrong = config(&[
            ("EARSHOT_ADDR", "localhost"),
            ("DATABASE_URL", "mysql://root:hunter2@localhost"),
            ("EARSHOT_ENV", "staging"),
            ("EARSHOT_URL", "chat.example.org"),
            ("EARSHOT_CACHE", "-1"),
            ("PUSHER_KEY", "a b"),
        ]);
        let sentences = wrong.unwrap_err().to_string();
        assert_eq!(sentences.lines().count(), 6, "{sentences}");
        for name in ["EARSHOT_ADDR", "DATABASE_URL", "EARSHOT_ENV", "EARSHOT_URL", "EARSHOT_CACHE", "PUSHER_KEY"] {
            assert!(sentences.contains(name), "{sentences}");
        }
        assert!(!sentences.contains("hunter2"));
    }

    #[test]
    fn production_wants_its_own_keys() {
        let sentences = config(&[("EARSHOT_ENV", "production"), ("PUSHER_KEY", "k")]).unwrap_err().to_string();
        assert!(sentences.contains("PUSHER_APP_ID") && sentences.contains("PUSHER_SECRET"), "{sentences}");
        assert!(!sentences.contains("PUSHER_KEY "));
    }
}
