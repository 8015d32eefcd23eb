//! Every setting, read from the environment once, checked at start. Nothing else reads the environment.

mod reader;
#[cfg(test)]
mod tests;
mod vars;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use app::files::storage::Storage;
use app::mail::Mailer;
use axum::http::Uri;
use earshot_hub::Keys;
use earshot_live::store::Dialect;
use reader::Reader;
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

impl Environment {
    fn read(text: &str) -> Option<Self> {
        match text {
            "development" => Some(Self::Development),
            "production" => Some(Self::Production),
            _ => None,
        }
    }
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
        let mut reader = Reader::new(vars);
        let addr = reader.read("EARSHOT_ADDR", ADDR, &format!("an address with a port, like {ADDR}"), parsed);
        let url = match (vars.get("EARSHOT_URL"), addr) {
            (None, Some(addr)) => format!("http://{addr}").parse().ok(),
            (None, None) => None,
            _ => reader.read("EARSHOT_URL", "", "like https://chat.example.org", origin),
        };
        let database_url = vars.get("DATABASE_URL").unwrap_or(DATABASE_URL);
        if Dialect::of(database_url).is_none() {
            // The value may hold a password.
            reader.refuse([format!("DATABASE_URL has to begin with sqlite:// or postgres://, like {DATABASE_URL}.")]);
        }
        let cache = reader.read("EARSHOT_CACHE", CACHE, &format!("a number of rows, like {CACHE}"), parsed);
        let max_file =
            reader.read("EARSHOT_MAX_FILE", MAX_FILE, &format!("a number of megabytes, like {MAX_FILE}"), |text| {
                parsed(text).filter(|megabytes| (1..=MEGABYTES).contains(megabytes))
            });
        let drain = reader.read("EARSHOT_DRAIN", DRAIN, &format!("a number of seconds, {MAX_DRAIN} at most"), |text| {
            parsed(text).filter(|seconds| *seconds <= MAX_DRAIN)
        });
        let proxies =
            reader.read("EARSHOT_PROXIES", PROXIES, &format!("addresses or networks, like {PROXIES}"), Proxies::read);
        let environment = reader.read("EARSHOT_ENV", "development", "development or production", Environment::read);
        let outside = reader.read("EARSHOT_NOTIFIER", "hub", "hub or pusher", is_outside);
        let service = reader.service(outside);
        let mail = reader.mail(environment);
        let keys = reader.keys(outside, environment);
        let config = || {
            let folder = || Storage::Folder(data_dir(database_url).join("files"));
            Some(Self {
                addr: addr?,
                database_url: database_url.to_owned(),
                environment: environment?,
                url: url?,
                proxies: proxies?,
                cache: cache?,
                files: vars
                    .get("EARSHOT_FILES")
                    .map_or_else(folder, |files| Storage::read(files, |name| vars.get(name))),
                max_file: max_file? * MEGABYTE,
                drain: Duration::from_secs(drain?),
                keys,
                service,
                mail: mail?,
            })
        };
        let config = config();
        config.filter(|_| reader.wrong.is_empty()).ok_or(Wrong(reader.wrong))
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

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn origin(text: &str) -> Option<Uri> {
    let url = text.trim_end_matches('/').parse::<Uri>().ok()?;
    let http = matches!(url.scheme_str(), Some("http" | "https"));
    (http && url.authority().is_some() && url.path() == "/" && url.query().is_none()).then_some(url)
}

fn is_outside(text: &str) -> Option<bool> {
    match text {
        "hub" => Some(false),
        "pusher" => Some(true),
        _ => None,
    }
}
