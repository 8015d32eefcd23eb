//! What tells one form, or one message, from the next: sent a second time, it does nothing a second time.

use earshot_live::error::{Error, Kind};

/// Bytes.
const MAX: usize = 64;

/// One that nobody else makes.
pub fn new() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Whether a client may use it.
///
/// # Errors
/// `Invalid` when it is empty or too long.
pub fn check(client_id: &str) -> Result<(), Error> {
    if client_id.is_empty() || client_id.len() > MAX { Err(Kind::Invalid.into()) } else { Ok(()) }
}
