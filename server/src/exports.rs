//! The download of an export. Each asks again for the right to it.

use app::access::Access;
use app::exports::store;
use app::files::names;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use earshot_live::error::Error;

use crate::AppState;
use crate::extract::{Id, SignedIn};
use crate::files::serve::{Kept, Label, serve};

pub fn router() -> Router<AppState> {
    Router::new().route("/exports/{id}/download", get(download))
}

async fn download(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let access = Access::export(&state.db, &viewer, id).await?;
    let archive = store::archived(&state.db, &access).await?;
    let name = names::clean(&format!("{}.zip", archive.room_name.replace(['/', '\\'], "-")));
    let label = Label { name: &name, tag: format!("\"export-{}\"", access.id()), shown_as: None };
    let kept = Kept { key: &archive.key, size: archive.size.unsigned_abs(), label };
    serve(&state.blobs, kept, &headers).await
}
