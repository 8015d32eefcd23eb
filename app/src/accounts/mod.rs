//! People as administrators see them: with addresses, roles, and whether they may come in.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;

use serde::{Deserialize, Serialize};

use crate::people::Person;

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Account {
    pub person: Person,
    pub email: String,
    pub admin: bool,
    /// Whether live updates are admitted.
    pub pusher_user: bool,
    /// May sign in.
    pub active: bool,
}

/// Some of all accounts, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPage {
    pub accounts: Vec<Account>,
    /// How many were found.
    pub count: i64,
    /// The team's seq when this was read.
    pub seq: i64,
}

/// Accounts on a page.
pub const PAGE: usize = 50;
/// Characters of what is searched for.
pub const MAX_SEARCH: usize = 100;
