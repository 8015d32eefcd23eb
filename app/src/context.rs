//! What a server function may ask of the request it answers, server only.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, HeaderName, USER_AGENT};
use axum::http::request::Parts;
use earshot_live::error::{Error, Kind};
use earshot_live::store::Db;
use earshot_live::timestamp::Timestamp;
use leptos::prelude::use_context;
use tower_sessions::Session;

use crate::access::{Viewer, session_key};
use crate::exports::worker::Worker;
use crate::mail::Mailer;
use crate::people::limits::Limits;
use crate::people::passwords::Passwords;
use crate::profiles::picture::Pictures;
use crate::sessions::USE_NOTED_EVERY;
use crate::sessions::store::{MAX_AGENT, proof};
use crate::ui::ASKED_AS;

/// What the server hands to every page and server function.
#[derive(Clone)]
pub struct Services {
    pub db: Db,
    pub passwords: Passwords,
    pub limits: Limits,
    pub exports: Worker,
    pub mail: Mailer,
    pub pictures: Pictures,
    /// The address by which browsers know this server, as links in mails begin.
    pub origin: String,
}

/// The address that a request came from.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub std::net::IpAddr);

/// The key under which a session holds its person's id.
pub const USER_ID: &str = "user_id";
/// The keys under which it holds what it was begun with: the browser's own words, and the address.
pub const AGENT: &str = "agent";
pub const ADDRESS: &str = "address";
/// The key under which it holds what its password is known by.
pub const PROOF: &str = "proof";

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
    let (services, session, address) = (services()?, session()?, client_address()?);
    let id = session.id().ok_or(Kind::SignedOut)?;
    let asked = use_context::<Parts>().map(|parts| parts.headers).unwrap_or_default();
    let viewer = Viewer::of_key(&services.db, &session_key(&id.to_string())).await?;
    is_asked_as(&viewer, &asked)?;
    let noted = Timestamp::now().0 - viewer.used.0 <= USE_NOTED_EVERY.as_micros() as i64;
    if !noted && services.limits.may_note_use(viewer.session) {
        prolong(&session, address).await?;
    }
    Ok((services.db, viewer))
}

/// A page goes on being its person's when somebody else signs in at the same browser: nothing is done in another name.
///
/// # Errors
/// `SignedOut` when the request comes from a page of somebody else.
pub fn is_asked_as(viewer: &Viewer, request: &HeaderMap) -> Result<(), Error> {
    match request.get(ASKED_AS) {
        Some(me) if *me != *viewer.id.to_string() => Err(Kind::SignedOut.into()),
        _ => Ok(()),
    }
}

/// Begins the session's time anew, here and in the browser: it ends when it is not used.
async fn prolong(session: &Session, address: ClientAddress) -> Result<(), Error> {
    session.insert(ADDRESS, address.0.to_string()).await.map_err(failed)?;
    // Saved, with its cookie, is what was changed.
    session.set_expiry(session.expiry());
    Ok(())
}

/// From here on this session is the user's who has this password, under a new id: one that was planted before is worth nothing.
/// With the answer it begins, unless the account or its password has changed by then.
///
/// # Errors
/// When the session cannot be stored.
pub async fn sign_in(user: i64, password_hash: &str) -> Result<(), Error> {
    let (session, address) = (session()?, client_address()?.0.to_string());
    let agent: String = header(&USER_AGENT).unwrap_or_default().chars().take(MAX_AGENT).collect();
    session.cycle_id().await.map_err(failed)?;
    session.insert(AGENT, agent).await.map_err(failed)?;
    session.insert(ADDRESS, address).await.map_err(failed)?;
    session.insert(PROOF, proof(password_hash)).await.map_err(failed)?;
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
    if header(&ACCEPT).is_some_and(|accepted| accepted.contains("text/html")) {
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

fn header(name: &HeaderName) -> Option<String> {
    use_context::<Parts>()?.headers.get(name)?.to_str().ok().map(str::to_owned)
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
