//! What nearly every request to a route of ours is asked for.

use app::access::Viewer;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use earshot_live::error::{Error, Kind};
use tower_sessions::Session;

use crate::{AppState, sessions};

/// Whoever is signed in at the browser that asks; nobody is refused as `SignedOut`.
pub struct SignedIn(pub Viewer);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
        let session = Session::from_request_parts(parts, state).await.map_err(|_| Kind::Internal)?;
        sessions::viewer(&state.db, &session, &parts.headers).await.map(Self)
    }
}

/// The id in the path. What is no number is the number of nothing.
pub struct Id(pub i64);

impl FromRequestParts<AppState> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
        let id = Path::<i64>::from_request_parts(parts, state).await;
        Ok(Self(id.map_or(0, |Path(id)| id)))
    }
}
