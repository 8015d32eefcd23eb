//! People: accounts, signing in, roles.

pub mod api;
mod avatar;
#[cfg(feature = "ssr")]
pub mod limits;
#[cfg(feature = "ssr")]
pub mod passwords;
#[cfg(feature = "ssr")]
pub mod store;
pub mod view;

use serde::{Deserialize, Serialize};

pub use avatar::Avatar;

/// What everyone may know of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: i64,
    pub name: String,
}

/// The person at this browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub person: Person,
    pub admin: bool,
    /// Whether live updates are admitted.
    pub pusher_user: bool,
    /// The seq of what concerns this person alone.
    pub seq: i64,
}

/// A person with roles, as administrators see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub person: Person,
    pub email: String,
    pub admin: bool,
    pub pusher_user: bool,
    /// May sign in.
    pub active: bool,
}

/// Characters.
pub const MAX_NAME: usize = 60;
/// Characters: the longest address that mail can carry (RFC 5321, section 4.5.3.1.3).
pub const MAX_EMAIL: usize = 254;
/// Characters. The shortest that NIST SP 800-63B admits.
pub const MIN_PASSWORD: usize = 8;
/// Characters: hashing a longer one would only cost time.
pub const MAX_PASSWORD: usize = 200;
