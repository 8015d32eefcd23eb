//! Files over HTTP: one request for each upload, its body the bytes; and each download asks again for the right to it.

mod range;
pub mod serve;

use std::time::Duration;

use app::access::Access;
use app::files::blobs::thumbnail_key;
use app::files::{File, picture, store};
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use earshot_live::error::{Error, Kind};
use futures::{Stream, StreamExt, TryStreamExt};
use serde::Deserialize;
use tokio::time::timeout;

use crate::AppState;
use crate::extract::{Id, SignedIn};
use crate::files::serve::{Kept, Label, serve, serve_whole};

/// Where uploads go.
pub const UPLOAD_PATH: &str = "/files";
/// How long an upload may take.
pub const TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// How much of a refused upload is read for nothing, and for how long.
const MAX_DRAINED: usize = 100_000_000;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

pub fn router() -> Router<AppState> {
    Router::new()
        .route(UPLOAD_PATH, post(upload))
        .route("/files/{id}", get(download))
        .route("/files/{id}/thumbnail", get(thumbnail))
}

#[derive(Deserialize)]
struct Upload {
    room: i64,
    name: String,
}

async fn upload(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
    query: Result<Query<Upload>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<File>, Error> {
    let Query(Upload { room, name }) = query.map_err(|_| Kind::Invalid)?;
    let access = Access::room(&state.db, &viewer, room).await?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    // Whoever sends it has gone.
    let mut bytes = body.into_data_stream().map_err(|_| Error::from(Kind::Unreachable));
    let taken = timeout(TIMEOUT, state.intake.take(&access, &name, announced, &mut bytes)).await;
    let taken = taken.unwrap_or(Err(Kind::Unreachable.into()));
    if taken.is_err() {
        drain(bytes).await;
    }
    Ok(Json(taken?))
}

/// A browser that is still sending does not hear why that is of no use, unless what it sends is read.
async fn drain(mut bytes: impl Stream<Item = Result<Bytes, Error>> + Unpin) {
    let rest = async {
        let mut left = MAX_DRAINED;
        while let (1.., Some(Ok(some))) = (left, bytes.next().await) {
            left = left.saturating_sub(some.len());
        }
    };
    // Whoever takes longer hears nothing.
    let _ = timeout(DRAIN_TIMEOUT, rest).await;
}

async fn download(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let file = store::stored(&state.db, &Access::file(&state.db, &viewer, id).await?).await?;
    let label = Label {
        name: &file.file.name,
        tag: format!("\"{}\"", file.file.id),
        // What is not shown is bytes to the browser, whatever it holds.
        shown_as: file.file.picture.map(|_| &*file.media_type),
    };
    let kept = Kept { key: &file.key, size: file.file.size.unsigned_abs(), label };
    serve(&state.blobs, kept, &headers).await
}

async fn thumbnail(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let file = store::stored(&state.db, &Access::file(&state.db, &viewer, id).await?).await?;
    file.file.picture.ok_or(Kind::NotFound)?;
    let bytes = state.blobs.read(&thumbnail_key(&file.key)).await?;
    let tag = format!("\"{}-thumbnail\"", file.file.id);
    let label = Label { name: &file.file.name, tag, shown_as: Some(picture::media_type(&bytes)) };
    Ok(serve_whole(bytes.clone(), &label, &headers))
}
