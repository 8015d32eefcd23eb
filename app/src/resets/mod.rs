//! Links with which somebody who has forgotten their password chooses another: by mail, or made by an administrator.

pub mod api;
#[cfg(feature = "ssr")]
mod mail;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;

use std::time::Duration;

/// How long a link is good for.
pub const LIFETIME: Duration = Duration::from_secs(60 * 60);
