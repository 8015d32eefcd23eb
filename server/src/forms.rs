//! What server functions leave to HTTP: the right status for each error and, for forms sent without JavaScript, the page
//! again with what was typed and what was wrong.

use app::context::is_local;
use app::ui::Rejected;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, REFERER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use earshot_live::error::{Error, Kind};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use tower::ServiceExt;

use crate::fault::{FaultPage, is_plain};
use crate::text;

/// Bytes of a request body. A message of the greatest length, each character escaped in twelve, fits.
pub const MAX_BODY: usize = 256 * 1024;

/// Answers for the server functions behind it; `pages` renders the page on which a refused form stands.
/// Where a body cannot be read there is no page to go back to either.
pub async fn answer(State((pages, fault_page)): State<(Router, FaultPage)>, request: Request, next: Next) -> Response {
    let plain_form = is_plain(request.headers());
    let (mut parts, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => body,
        Err(error) => return fault_page.answer(error, &parts.headers),
    };
    let fields = if plain_form { fields(&parts.headers, &body) } else { Vec::new() };
    let from = field(&fields, "from").filter(|from| is_page(from)).unwrap_or("/").to_owned();
    if let Ok(page) = HeaderValue::from_str(&from) {
        // Where server functions send a plain form when all went well.
        parts.headers.insert(REFERER, page);
    }
    let (path, headers) = (parts.uri.path().to_owned(), parts.headers.clone());
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    match refusal(response).await {
        Ok(response) => response,
        Err(error) if plain_form => {
            let typed = fields.into_iter().filter(|(name, _)| !name.ends_with("password")).collect();
            let from = if error.kind == Kind::SignedOut { sign_in_page(&from) } else { from };
            page_again(pages, headers, Rejected { action: path, from, error, typed }).await
        }
        Err(error) => error.into_response(),
    }
}

fn is_page(from: &str) -> bool {
    is_local(from) && !from.starts_with("/api/") && !text::has_nul(from)
}

/// The body, within its bounds, and without what no text may hold.
async fn read(body: Body) -> Result<Bytes, Error> {
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Error::too_large(format!("This is too large: {} KiB is the most.", MAX_BODY / 1024))
        } else {
            Error::invalid("This has not arrived as a whole. Please send it again.")
        }
    })?;
    let body = body.to_bytes();
    text::check(&body)?;
    Ok(body)
}

/// The response, or the error that a server function gave.
async fn refusal(response: Response) -> Result<Response, Error> {
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return Ok(response);
    }
    let body = response.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let error: Error = serde_json::from_slice(&body).unwrap_or_else(|_| Kind::Internal.into());
    // What a browser takes for a broken answer is, seen from here, a request that cannot be read.
    Err(if error.kind == Kind::Unreachable { Kind::Invalid.into() } else { error })
}

/// The page from which the form came, with what was wrong.
pub async fn page_again(pages: Router, headers: HeaderMap, rejected: Rejected) -> Response {
    let status = rejected.error.kind.status();
    let mut parts = request::Request::new(()).into_parts().0;
    parts.method = Method::GET;
    parts.uri = rejected.from.parse().unwrap_or_default();
    parts.headers = headers;
    parts.headers.remove(CONTENT_TYPE);
    parts.extensions.insert(rejected);
    let Ok(mut page) = pages.oneshot(Request::from_parts(parts, Body::empty())).await;
    // A page that sends elsewhere, because nobody is signed in any more, does so.
    if let (StatusCode::OK, Ok(status)) = (page.status(), StatusCode::from_u16(status)) {
        *page.status_mut() = status;
    }
    page
}

/// Where somebody signs in who was signed out meanwhile, to go on at `from`.
fn sign_in_page(from: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", from).finish();
    format!("/sign-in?{query}")
}

fn fields(headers: &HeaderMap, body: &Bytes) -> Vec<(String, String)> {
    let form = headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    if form { form_urlencoded::parse(body).into_owned().collect() } else { Vec::new() }
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}
