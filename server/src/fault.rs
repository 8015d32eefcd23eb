//! What is answered when a request ends in an error or a panic outside of any page: a page for people, JSON for scripts.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use earshot_live::error::{Error, Kind};
use futures::FutureExt;

/// Makes the page that stands where no other can.
#[derive(Clone)]
pub struct FaultPage {
    /// The path of the stylesheet.
    pub style: String,
}

impl FaultPage {
    /// The answer to a request with these headers.
    pub fn answer(&self, error: Error, headers: &HeaderMap) -> Response {
        if !is_plain(headers) {
            return error.into_response();
        }
        let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let policy = [(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'self'")];
        (status, policy, Html(self.page(&error.sentence))).into_response()
    }

    /// `sentence` is one of our own: nothing that was typed stands in it.
    fn page(&self, sentence: &str) -> String {
        let style = &self.style;
        format!(
            r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>This did not work · Earshot</title>
<link rel="stylesheet" href="{style}">
</head>
<body>
<main class="door"><section class="fault"><h1>This did not work</h1><p>{sentence}</p><p><a href="/">To the front page</a></p></section></main>
</body>
</html>
"#
        )
    }
}

/// Whether a browser sends a form without JavaScript, and shows what comes back as the next page.
pub fn is_plain(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/html"))
}

/// Answers a request that panics with 500. The log names the address; the place in the code is in the line of the panic itself.
pub async fn catch_panic(State(fault_page): State<FaultPage>, request: Request, next: Next) -> Response {
    let (method, path, headers) =
        (request.method().clone(), shown(request.uri().path()).to_owned(), request.headers().clone());
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            tracing::error!(%method, path, panic = message(&*panic), "a request panicked");
            fault_page.answer(Kind::Internal.into(), &headers)
        }
    }
}

/// An address as it may stand in the log. Whoever reads a link of these there could use it: only what it is for is shown.
pub fn shown(path: &str) -> &str {
    let is_for = |start: &&str| path.strip_prefix(start).is_some_and(|rest| rest.starts_with('/'));
    ["/join", "/reset"].into_iter().find(is_for).unwrap_or(path)
}

pub fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::testing;

    async fn boom() -> &'static str {
        panic!("boom")
    }

    async fn ask(accept: &str) -> (StatusCode, String) {
        let fault_page = FaultPage { style: "/style.css".into() };
        let router = Router::new().route("/boom", get(boom)).layer(from_fn_with_state(fault_page, catch_panic));
        let request = Request::get("/boom").header("accept", accept).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        (status, String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_answered_with_a_page_or_with_json() {
        let (status, page) = ask("text/html,*/*").await;
        assert_eq!(status, 500);
        assert!(page.contains("<h1>This did not work</h1>") && page.contains("Please try again."), "{page}");
        let (status, json) = ask("application/json").await;
        assert_eq!(status, 500);
        assert!(json.starts_with(r#"{"kind":"internal""#), "{json}");
    }

    #[tokio::test]
    async fn the_line_of_a_panic_has_the_address_of_the_request() {
        testing::begin_log();
        ask("application/json").await;
        let log = testing::logged_so_far();
        assert!(log.lines().any(|line| line.contains("a request panicked") && line.contains("/boom")), "{log}");
    }
}
