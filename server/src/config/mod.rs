//! Every setting, read from the environment once, checked at start. Nothing else reads the environment.

#[cfg(test)]
mod tests;
mod vars;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use app::files::storage::Storage;
use app::mail::Mailer;
use axum::http::Uri;
use earshot_hub::Keys;
use earshot_live::store::Dialect;
use sqlx::sqlite::SqliteConnectOptions;
use vars::Vars;

use crate::proxies::Proxies;
use crate::service::Address;

const DATABASE_URL: &str = "sqlite://data/earshot.db";
const ADDR: &str = "127.0.0.1:3000";
const CACHE: &str = "20000";
/// Megabytes.
const MAX_FILE: &str = "25";
const MEGABYTE: u64 = 1_000_000;
const MEGABYTES: u64 = 10_000;
/// Seconds.
const DRAIN: &str = "0";
const MAX_DRAIN: u64 = 300;
/// This machine.
pub const PROXIES: &str = "127.0.0.0/8, ::1";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    Development,
    Production,
}

#[derive(Clone)]
pub struct Config {
    /// Where to listen.
    pub addr: SocketAddr,
    pub database_url: String,
    pub environment: Environment,
    /// The address by which browsers know this server: scheme and authority.
    pub url: Uri,
    /// Who is believed about whom they speak for.
    pub proxies: Proxies,
    /// Rows to keep in memory. With 0 every question goes to the database.
    pub cache: usize,
    /// Where the bytes of files are kept.
    pub files: Storage,
    /// Bytes that a file may have.
    pub max_file: u64,
    /// How long sockets are told to come back, once this server is to end. With nothing all are told at once.
    pub drain: Duration,
    /// Empty parts are found or made by [`Keys::complete`].
    pub keys: Keys,
    /// The outside service that carries notices. Without one the hub does.
    pub service: Option<Address>,
    pub mail: Mailer,
}

impl fmt::Debug for Config {
    /// Without what lets anybody in: the database's address holds a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { addr, environment, url, keys, .. } = self;
        let mut shown = f.debug_struct("Config");
        shown.field("addr", addr).field("environment", environment).field("url", url).field("keys", keys);
        shown.finish_non_exhaustive()
    }
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
        Self::from(&std::env::vars_os().collect())
    }

    fn from(vars: &Vars) -> Result<Self, Wrong> {
        // The value may hold a password.
        let mut wrong: Vec<_> = vars.no_texts.iter().map(|name| format!("{name} has to be text in UTF-8.")).collect();
        let set = |name: &str| vars.get(name);

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

        let max_file = set("EARSHOT_MAX_FILE").unwrap_or(MAX_FILE);
        let parsed_max_file = max_file.parse().ok().filter(|megabytes| (1..=MEGABYTES).contains(megabytes));
        if parsed_max_file.is_none() {
            wrong.push(format!(
                "EARSHOT_MAX_FILE is '{max_file}' and has to be a number of megabytes, like {MAX_FILE}."
            ));
        }

        let drain = set("EARSHOT_DRAIN").unwrap_or(DRAIN);
        let parsed_drain = drain.parse().ok().filter(|seconds| *seconds <= MAX_DRAIN);
        if parsed_drain.is_none() {
            wrong.push(format!("EARSHOT_DRAIN is '{drain}' and has to be a number of seconds, {MAX_DRAIN} at most."));
        }

        let proxies = set("EARSHOT_PROXIES").unwrap_or(PROXIES);
        let parsed_proxies = Proxies::read(proxies);
        if parsed_proxies.is_none() {
            wrong.push(format!("EARSHOT_PROXIES is '{proxies}' and has to be addresses or networks, like {PROXIES}."));
        }

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
        let outside = match set("EARSHOT_NOTIFIER") {
            None | Some("hub") => false,
            Some("pusher") => true,
            Some(other) => {
                wrong.push(format!("EARSHOT_NOTIFIER is '{other}' and has to be hub or pusher."));
                false
            }
        };
        let service = outside.then(|| Address::read(set)).transpose().unwrap_or_else(|sentences| {
            wrong.extend(sentences);
            None
        });
        let mail = match (set("SMTP_URL"), environment) {
            (Some(url), _) => Mailer::smtp(url, set("MAIL_FROM").unwrap_or_default()),
            (None, Environment::Development) => Ok(Mailer::log()),
            (None, Environment::Production) => Ok(Mailer::nowhere()),
        };
        let mail = mail.unwrap_or_else(|sentences| {
            wrong.extend(sentences);
            Mailer::nowhere()
        });
        if outside {
            wrong.extend(keys.missing().map(|name| format!("{name} is not set: the service has given you one.")));
        } else if environment == Environment::Production {
            wrong.extend(
                keys.missing().map(|name| format!("{name} is not set, and production does without made-up keys.")),
            );
        }

        match (parsed_addr, parsed_url, parsed_proxies) {
            (Some(addr), Some(url), Some(proxies)) if wrong.is_empty() => {
                let folder = || Storage::Folder(data_dir(database_url).join("files"));
                let files = set("EARSHOT_FILES").map_or_else(folder, |files| Storage::read(files, set));
                let max_file = parsed_max_file.unwrap_or_default() * MEGABYTE;
                let database_url = database_url.to_owned();
                let cache = parsed_cache;
                let drain = Duration::from_secs(parsed_drain.unwrap_or_default());
                Ok(Self {
                    addr,
                    database_url,
                    environment,
                    url,
                    proxies,
                    cache,
                    files,
                    max_file,
                    drain,
                    keys,
                    service,
                    mail,
                })
            }
            _ => Err(Wrong(wrong)),
        }
    }

    /// The address by which browsers know this server, as links begin.
    pub fn origin(&self) -> String {
        self.url.to_string().trim_end_matches('/').to_owned()
    }

    /// Whether browsers reach this server by https: then cookies are for https alone.
    pub fn https(&self) -> bool {
        self.url.scheme_str() == Some("https")
    }

    /// The folder for what belongs to this environment alone: beside a SQLite file, else `data`.
    pub fn data_dir(&self) -> PathBuf {
        data_dir(&self.database_url)
    }
}

fn data_dir(database_url: &str) -> PathBuf {
    match sqlite_file(database_url).as_deref().and_then(Path::parent) {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => PathBuf::from("data"),
    }
}

/// The file of a SQLite database.
pub fn sqlite_file(database_url: &str) -> Option<PathBuf> {
    let options = || database_url.parse::<SqliteConnectOptions>().ok();
    (Dialect::of(database_url) == Some(Dialect::Sqlite)).then(options)?.map(|options| options.get_filename().to_owned())
}

fn is_origin(url: &Uri) -> bool {
    matches!(url.scheme_str(), Some("http" | "https"))
        && url.authority().is_some()
        && url.path() == "/"
        && url.query().is_none()
}
