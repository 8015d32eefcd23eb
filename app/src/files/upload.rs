//! One file's way to the server: a request of its own, because only that tells how far it has come.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use earshot_live::error::{Error, Kind};
use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_timers::future::sleep;
use js_sys::encode_uri_component;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ProgressEvent, XmlHttpRequest};

use crate::files::File;

/// An upload that gets no further for so long is given up.
const SILENCE: Duration = Duration::from_secs(60);
/// How long the answer may take when everything is sent: pictures wait for each other.
const ANSWER: Duration = Duration::from_secs(600);

/// Sends `file` with `request`, which can be aborted meanwhile. `progress` is told which part of it is there.
///
/// # Errors
/// What the server says; `Unreachable` when the file or its answer does not get through.
pub async fn send(
    room: i64,
    file: &web_sys::File,
    request: &XmlHttpRequest,
    progress: impl Fn(f64) + 'static,
) -> Result<File, Error> {
    let (ended, end) = oneshot::channel::<()>();
    let on_end = Closure::once(move || {
        // Nobody waits any more for what belongs to a page that was left.
        let _ = ended.send(());
    });
    let (moves, sent) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let (moved, all) = (moves.clone(), sent.clone());
    let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        moved.set(true);
        all.set(event.loaded() >= event.total());
        if event.length_computable() && event.total() > 0.0 {
            progress(event.loaded() / event.total());
        }
    });
    request.set_onloadend(Some(on_end.as_ref().unchecked_ref()));
    begin(room, file, request, &on_progress).map_err(|_| Kind::Unreachable)?;
    let stands_still = async {
        loop {
            sleep(if sent.get() { ANSWER } else { SILENCE }).await;
            if !moves.take() {
                break;
            }
        }
    };
    if let Either::Right(_) = select(end, pin!(stands_still)).await {
        // What was aborted has no status.
        let _ = request.abort();
    }
    let answer = request.response_text().ok().flatten().unwrap_or_default();
    match request.status() {
        Ok(200) => serde_json::from_str(&answer).map_err(|_| Kind::Unreachable.into()),
        _ => Err(serde_json::from_str(&answer).unwrap_or_else(|_| Kind::Unreachable.into())),
    }
}

fn begin(
    room: i64,
    file: &web_sys::File,
    request: &XmlHttpRequest,
    on_progress: &Closure<dyn Fn(ProgressEvent)>,
) -> Result<(), JsValue> {
    request.open_with_async(
        "POST",
        &format!("/files?room={room}&name={}", encode_uri_component(&file.name())),
        true,
    )?;
    request.set_request_header("content-type", "application/octet-stream")?;
    request.upload()?.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    request.send_with_opt_blob(Some(file))
}
