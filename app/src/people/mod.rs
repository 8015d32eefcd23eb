//! People: who they are, signing in, signing up. What they say of themselves is in `profiles`, what administrators do about
//! them in `accounts`, where they are signed in in `sessions`.

pub mod api;
mod avatar;
mod book;
#[cfg(feature = "ssr")]
pub mod limits;
#[cfg(feature = "ssr")]
pub mod passwords;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;

use earshot_live::listen::HasId;
use serde::{Deserialize, Serialize};

pub use avatar::{Avatar, PersonName};
pub use book::{KeepBook, current, names, provide_book};

/// What everyone may know of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    pub id: i64,
    pub name: String,
    /// The version of their picture, if they have one.
    pub picture: Option<i64>,
}

impl Person {
    /// Where the picture is. Another picture has another address.
    pub fn picture_url(&self) -> Option<String> {
        self.picture.map(|version| format!("/people/{}/picture?v={version}", self.id))
    }
}

impl HasId for Person {
    fn id(&self) -> i64 {
        self.id
    }
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

/// Characters.
pub const MAX_NAME: usize = 60;
/// Characters: the longest address that mail can carry (RFC 5321, section 4.5.3.1.3).
pub const MAX_EMAIL: usize = 254;
/// Characters. The shortest that NIST SP 800-63B admits.
pub const MIN_PASSWORD: usize = 8;
/// Pixels of a picture, each way.
pub const PICTURE_SIDE: u32 = 256;
/// Characters: hashing a longer one would only cost time.
pub const MAX_PASSWORD: usize = 200;
