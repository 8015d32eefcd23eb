//! How stored bytes are given out: pictures to be shown, everything else to be saved, and nothing of it to be run.

use app::files::blobs::Blobs;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use earshot_live::error::Error;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::files::range::{NotThere, asked};

/// What a name in a header may have as it is: RFC 8187, `attr-char`.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is given out, and as what.
pub struct Kept<'a> {
    pub key: &'a str,
    pub size: u64,
    pub label: Label<'a>,
}

pub struct Label<'a> {
    pub name: &'a str,
    /// Another one for other bytes.
    pub tag: String,
    /// The media type of what browsers show. Without one they save it.
    pub shown_as: Option<&'a str>,
}

/// Answers with the bytes, or with the piece of them that `request` asks for.
pub async fn serve(blobs: &Blobs, kept: Kept<'_>, request: &HeaderMap) -> Result<Response, Error> {
    let headers = kept.label.headers();
    if kept.label.is_known(request) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let range = match asked(request, &kept.label.tag, kept.size) {
        Ok(range) => range,
        Err(NotThere) => {
            let all = [(header::CONTENT_RANGE, format!("bytes */{}", kept.size))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, all).into_response());
        }
    };
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let found = blobs.get(kept.key, range).await?;
    let mut response = (status, headers, Body::from_stream(found.bytes)).into_response();
    let length = (found.range.end - found.range.start).into();
    response.headers_mut().insert(header::CONTENT_LENGTH, length);
    response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {}-{}/{}", found.range.start, found.range.end.saturating_sub(1), found.size);
        response.headers_mut().insert(header::CONTENT_RANGE, value(&range));
    }
    Ok(response)
}

/// Answers with all of `bytes`.
pub fn serve_whole(bytes: Bytes, label: &Label<'_>, request: &HeaderMap) -> Response {
    if label.is_known(request) {
        return (StatusCode::NOT_MODIFIED, label.headers()).into_response();
    }
    (label.headers(), bytes).into_response()
}

impl Label<'_> {
    fn headers(&self) -> HeaderMap {
        let disposition = if self.shown_as.is_some() { "inline" } else { "attachment" };
        let name = utf8_percent_encode(self.name, &ESCAPED);
        HeaderMap::from_iter([
            (header::CONTENT_TYPE, value(self.shown_as.unwrap_or("application/octet-stream"))),
            (header::CONTENT_DISPOSITION, value(&format!("{disposition}; filename*=UTF-8''{name}"))),
            // Kept by this person's browser, which asks each time whether the right to it still holds.
            (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
            (header::ETAG, value(&self.tag)),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox")),
            (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        ])
    }

    /// Whether the browser has these bytes already.
    fn is_known(&self, request: &HeaderMap) -> bool {
        let known = request.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok()).unwrap_or_default();
        known.split(',').any(|known| known.trim().trim_start_matches("W/") == self.tag)
    }
}

/// What holds no control characters, as all of this.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
