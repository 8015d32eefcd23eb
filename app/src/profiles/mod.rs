//! What people say and show of themselves.

pub mod api;
#[cfg(feature = "ssr")]
pub mod picture;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;

use serde::{Deserialize, Serialize};

use crate::people::Person;

/// What everyone may read of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub person: Person,
    /// Text, never markup.
    pub about: String,
    /// Whether they may still sign in.
    pub active: bool,
}

/// Characters.
pub const MAX_ABOUT: usize = 500;
/// Bytes of a picture as it is sent.
pub const MAX_PICTURE: usize = 5 * 1024 * 1024;

/// Where a picture is sent.
pub const PICTURE_PATH: &str = "/me/picture";
