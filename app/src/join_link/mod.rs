//! The link by which people join. Without it nobody does, but for the first visitor of an empty server.

pub mod api;
#[cfg(feature = "ssr")]
mod qr;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod view;

use serde::{Deserialize, Serialize};

/// The link in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinLink {
    pub url: String,
    /// The same as a QR code: an SVG that the server has made.
    pub qr: String,
}

#[cfg(feature = "ssr")]
impl JoinLink {
    /// `origin`: the address by which browsers know this server.
    ///
    /// # Errors
    /// When the address is longer than a QR code holds.
    pub fn new(origin: &str, token: &str) -> Result<Self, earshot_live::error::Error> {
        let url = format!("{origin}/join/{token}");
        Ok(Self { qr: qr::svg(&url)?, url })
    }
}
