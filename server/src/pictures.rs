//! Pictures of people over HTTP: a plain form sends one, and everyone who is signed in may see it.

use app::access::Access;
use app::profiles::PICTURE_PATH;
use app::profiles::picture::MEDIA_TYPE;
use app::profiles::{MAX_PICTURE, store};
use app::ui::Rejected;
use axum::Router;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use earshot_live::error::Error;

use crate::extract::{Id, SignedIn};
use crate::files::serve::{Label, serve_whole};
use crate::{AppState, fault, forms};

/// The page on which the form stands.
const PAGE: &str = "/me";
/// Bytes that are read of what is sent, so that a browser that sends too many still hears that they are.
const MAX_READ: usize = 100 * 1024 * 1024;

/// `pages` renders the page again when what was sent is refused.
pub fn router(pages: Router) -> Router<AppState> {
    Router::new()
        .route("/people/{id}/picture", get(picture))
        .route(PICTURE_PATH, post(send))
        .layer(DefaultBodyLimit::max(MAX_READ))
        .layer(Extension(pages))
}

async fn send(
    State(state): State<AppState>,
    Extension(pages): Extension<Router>,
    viewer: Result<SignedIn, Error>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let plain_form = fault::is_plain(&headers);
    match take(&state, viewer, form).await {
        Ok(()) => Redirect::to(PAGE).into_response(),
        Err(error) if plain_form => {
            let rejected = Rejected { action: PICTURE_PATH.into(), from: PAGE.into(), error, typed: Vec::new() };
            forms::page_again(pages, headers, rejected).await
        }
        Err(error) => error.into_response(),
    }
}

async fn take(
    state: &AppState,
    viewer: Result<SignedIn, Error>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(), Error> {
    let SignedIn(viewer) = viewer?;
    let broken = || Error::invalid("This is not a form with a picture in it.");
    let mut form = form.map_err(|_| broken())?;
    let mut bytes = Vec::new();
    while let Some(mut field) = form.next_field().await.map_err(|_| broken())? {
        let wanted = field.name() == Some("picture");
        while let Some(some) = field.chunk().await.map_err(|_| broken())? {
            // One byte too many says that it is too large.
            let room = (MAX_PICTURE + 1).saturating_sub(bytes.len());
            if wanted {
                bytes.extend_from_slice(&some[..some.len().min(room)]);
            }
        }
    }
    state.pictures.set(&state.db, &Access::me(&viewer), bytes.into()).await
}

async fn picture(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let version = store::picture(&state.db, &Access::team(&viewer), id).await?;
    let bytes = state.pictures.read(id, version).await?;
    let label = Label { name: "picture.jpg", tag: format!("\"{id}-{version}\""), shown_as: Some(MEDIA_TYPE) };
    let mut response = serve_whole(bytes, &label, &headers);
    // Another picture has another address: this one needs no asking.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, header::HeaderValue::from_static("private, max-age=31536000, immutable"));
    Ok(response)
}
