//! What a server function may ask of the request it answers, server only.

use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use leptos::prelude::use_context;
use tower_sessions::Session;

use crate::error::{Error, Kind};
use crate::people::limits::Limits;
use crate::people::passwords::Passwords;
use crate::store::{Db, Viewer, session_key};

/// What the server hands to every page and server function.
#[derive(Clone)]
pub struct Services {
    pub db: Db,
    pub passwords: Passwords,
    pub limits: Limits,
}

/// The address that a request came from.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub std::net::IpAddr);

/// The key under which a session holds its person's id.
pub const USER_ID: &str = "user_id";

/// # Errors
/// `Internal` when the page that asks is not wanted any more.
pub fn services() -> Result<Services, Error> {
    use_context().ok_or(Kind::Internal.into())
}

/// The database, and who asks. To be called before anything is waited for: what surrounds a page may be gone later.
///
/// # Errors
/// `SignedOut` when nobody is signed in.
pub async fn db_and_viewer() -> Result<(Db, Viewer), Error> {
    let (db, session) = (services()?.db, session()?);
    let id = session.id().ok_or(Kind::SignedOut)?;
    let viewer = Viewer::of_key(&db, &session_key(&id.to_string())).await?;
    Ok((db, viewer))
}

/// From here on this session is `user`'s, under a new id: one that was planted before is worth nothing.
///
/// # Errors
/// When the session cannot be stored.
pub async fn sign_in(user: i64) -> Result<(), Error> {
    let session = session()?;
    session.cycle_id().await.map_err(failed)?;
    session.insert(USER_ID, user).await.map_err(failed)
}

/// Ends the session.
///
/// # Errors
/// When the session cannot be deleted.
pub async fn sign_out() -> Result<(), Error> {
    session()?.flush().await.map_err(failed)
}

pub fn client_address() -> Result<ClientAddress, Error> {
    extension()
}

/// Sends a form that was posted without JavaScript on to `path`; scripts stay where they are.
pub fn land_on(path: &str) {
    let accepts_html =
        |parts: Parts| parts.headers.get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/html"));
    if use_context::<Parts>().is_some_and(accepts_html) {
        leptos_axum::redirect(path);
    }
}

/// `next` when it is a path on this server, else the front page: nobody is sent elsewhere after signing in.
pub fn local_path(next: Option<String>) -> String {
    next.filter(|path| is_local(path)).unwrap_or_else(|| "/".to_owned())
}

/// Whether `path` stays on this server. Browsers read `//` and `/\` as the beginning of another host.
pub fn is_local(path: &str) -> bool {
    path.starts_with('/') && !path[1..].starts_with(['/', '\\']) && !path.contains(char::is_control)
}

fn session() -> Result<Session, Error> {
    extension()
}

fn extension<T: Clone + Send + Sync + 'static>() -> Result<T, Error> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<T>().cloned()).ok_or(Kind::Internal.into())
}

fn failed(error: tower_sessions::session::Error) -> Error {
    tracing::error!(%error, "the session could not be kept");
    Kind::Internal.into()
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_paths_on_this_server_are_local() {
        assert!(is_local("/rooms/7?edit=9"));
        for path in ["", "rooms", "//evil.example", "/\\evil.example", "https://evil.example", "/\nLocation: x"] {
            assert!(!is_local(path), "{path}");
        }
    }
}
