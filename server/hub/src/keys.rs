//! The four settings that name an app, of the hub or of a Pusher service, and what is signed with them. In development they
//! are made at random on the first run and kept beside the database, so that two environments never share them.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use earshot_live::error::{Error, Kind};
use earshot_live::pusher::signature;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

const FILE: &str = "earshot-keys.json";
/// The embedded hub is in no cluster, but clients want a name.
const CLUSTER: &str = "local";

/// The keys of an app.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Names the app in the HTTP API.
    pub app_id: String,
    /// Public: browsers connect with it.
    pub key: String,
    /// Signs. Never leaves the server.
    pub secret: String,
    /// The cluster that clients name.
    pub cluster: String,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("app_id", &self.app_id).field("key", &self.key).finish_non_exhaustive()
    }
}

impl Keys {
    fn named(&self) -> [(&'static str, &str); 4] {
        [
            ("PUSHER_APP_ID", &self.app_id),
            ("PUSHER_KEY", &self.key),
            ("PUSHER_SECRET", &self.secret),
            ("PUSHER_CLUSTER", &self.cluster),
        ]
    }

    /// The names of the settings that are empty and that nothing else can stand for.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> {
        let needed = self.named().into_iter().filter(|(name, value)| value.is_empty() && *name != "PUSHER_CLUSTER");
        needed.map(|(name, _)| name).collect::<Vec<_>>().into_iter()
    }

    /// A sentence for each setting that could not stand in a URL.
    pub fn malformed(&self) -> impl Iterator<Item = String> {
        let fits = |value: &str| value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        let wrong = self.named().into_iter().filter(move |(_, value)| !fits(value));
        wrong
            .map(|(name, _)| format!("{name} may hold letters, digits, '-' and '_' only."))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Fills what is empty from the file in `folder`, which is made at random when it is not there.
    ///
    /// # Errors
    /// When the file can be neither read nor written.
    pub fn complete(self, folder: &Path) -> io::Result<Self> {
        let cluster = if self.cluster.is_empty() { CLUSTER.to_owned() } else { self.cluster.clone() };
        if self.missing().next().is_none() {
            return Ok(Self { cluster, ..self });
        }
        let kept = Self::kept_or_made(folder)?;
        let or = |set: String, kept: String| if set.is_empty() { kept } else { set };
        Ok(Self {
            app_id: or(self.app_id, kept.app_id),
            key: or(self.key, kept.key),
            secret: or(self.secret, kept.secret),
            cluster,
        })
    }

    fn kept_or_made(folder: &Path) -> io::Result<Self> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = Self::random();
                fs::create_dir_all(folder)?;
                write_whole(&path, folder, &serde_json::to_vec_pretty(&made)?)?;
                Ok(made)
            }
            Err(error) => Err(error),
        }
    }

    /// What lets a client in for which `text` was signed: the key and the signature.
    pub fn auth(&self, text: &str) -> String {
        format!("{}:{}", self.key, signature::sign(&self.secret, text))
    }

    /// # Errors
    /// `SignedOut` when `auth` is not what [`Keys::auth`] gives for `text`.
    pub fn admit(&self, auth: Option<&str>, text: &str) -> Result<(), Error> {
        match auth.and_then(|auth| auth.split_once(':')) {
            Some((key, signed)) if key == self.key && signature::verify(&self.secret, text, signed) => Ok(()),
            _ => Err(Error { kind: Kind::SignedOut, sentence: "The signature is not valid.".into() }),
        }
    }

    /// Keys that nobody else has.
    pub fn random() -> Self {
        let hex = |bytes: &mut [u8]| {
            rand::fill(bytes);
            hex::encode(bytes)
        };
        Self {
            app_id: rand::random_range(100_000..1_000_000).to_string(),
            key: hex(&mut [0; 10]),
            secret: hex(&mut [0; 32]),
            cluster: CLUSTER.to_owned(),
        }
    }
}

/// Nobody but this user may read a secret. A file that could not be written whole, on a full disk, is none.
fn write_whole(path: &Path, folder: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        // Not every file system can tell whether there is one.
        Err(refused) if refused.error.kind() != io::ErrorKind::AlreadyExists => refused.file.persist(path)?,
        persisted => persisted?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unset() -> Keys {
        Keys { app_id: String::new(), key: String::new(), secret: String::new(), cluster: String::new() }
    }

    #[test]
    fn made_keys_are_kept_and_two_environments_do_not_share_them() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let made = unset().complete(one.path()).unwrap();
        assert!(made.missing().next().is_none());
        assert!(unset().complete(one.path()).unwrap() == made);
        assert!(unset().complete(other.path()).unwrap().secret != made.secret);
    }

    #[test]
    fn a_secret_is_not_shown() {
        let keys = Keys::random();
        assert!(!format!("{keys:?}").contains(&keys.secret));
    }
}
