//! Whether a request comes from somebody who has the app's secret.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use earshot_live::pusher::signature;
use earshot_live::timestamp::Timestamp;
use md5::{Digest, Md5};

use crate::Context;
use crate::http::{MAX_BODY, Refusal};
use crate::keys::Keys;

/// Seconds by which the clocks of both sides may differ.
const MAX_AGE: i64 = 600;

pub async fn authenticate(
    State(context): State<Arc<Context>>,
    Path(path): Path<Vec<(String, String)>>,
    request: Request,
    next: Next,
) -> Response {
    if path.iter().any(|(name, value)| name == "app" && *value != context.keys.app_id) {
        return Refusal(StatusCode::NOT_FOUND, "There is no app with this id.".into()).into_response();
    }
    match check(&context.keys, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// The request, if it is signed right. The signature holds the body's hash: the body of whoever has not signed is not read.
async fn check(keys: &Keys, request: Request) -> Result<Request, Refusal> {
    let (parts, body) = request.into_parts();
    let hash = check_signature(keys, &parts)?;
    let body = to_bytes(body, MAX_BODY).await.map_err(|_| {
        let sentence = format!("The body is larger than {MAX_BODY} bytes, or it ended early.");
        Refusal(StatusCode::PAYLOAD_TOO_LARGE, sentence)
    })?;
    if !body.is_empty() && hash.ok_or_else(|| missing("body_md5"))? != hex::encode(Md5::digest(&body)) {
        return Err(refused("The body_md5 is not that of the body."));
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// The `body_md5` that was signed, if there is one.
fn check_signature(keys: &Keys, parts: &Parts) -> Result<Option<String>, Refusal> {
    let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let parameters: Vec<(String, String)> = query.map(|(name, value)| (name.to_lowercase(), value.into())).collect();
    let find = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let value = |name: &str| find(name).ok_or_else(|| missing(name));
    if value("auth_key")? != keys.key {
        return Err(refused("There is no app with this key."));
    }
    if value("auth_version")? != "1.0" {
        return Err(refused("The auth_version has to be 1.0."));
    }
    let now = Timestamp::now().0 / 1_000_000;
    if !is_fresh(value("auth_timestamp")?, now) {
        return Err(refused(format!("The auth_timestamp is no number of seconds within {MAX_AGE} s of {now}.")));
    }
    let text = signature::request_text(parts.method.as_str(), parts.uri.path(), &parameters);
    if !signature::verify(&keys.secret, &text, value("auth_signature")?) {
        let sentence =
            "The auth_signature is not valid for this request, of which body_md5 is a part if there is a body.";
        return Err(refused(sentence));
    }
    Ok(find("body_md5").map(str::to_owned))
}

fn missing(name: &str) -> Refusal {
    refused(format!("The parameter {name} is missing."))
}

fn refused(sentence: impl Into<String>) -> Refusal {
    Refusal(StatusCode::UNAUTHORIZED, sentence.into())
}

/// Whether that is a number of seconds which `now` is near to.
fn is_fresh(timestamp: &str, now: i64) -> bool {
    timestamp.parse().is_ok_and(|then: i64| now.abs_diff(then) <= MAX_AGE.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_differ_by_ten_minutes_either_way_and_no_more() {
        for (age, fresh) in [(0, true), (600, true), (-600, true), (601, false), (-601, false)] {
            assert_eq!(is_fresh(&(1_353_088_179_i64 - age).to_string(), 1_353_088_179), fresh, "{age}");
        }
        for no in ["", "1353088179.5", "now", "9223372036854775808", "-9223372036854775808"] {
            assert!(!is_fresh(no, 1_353_088_179), "{no}");
        }
    }

    #[test]
    fn the_documented_request_has_the_documented_signature() {
        let body = r#"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#;
        let query = [
            ("body_md5", hex::encode(Md5::digest(body))),
            ("auth_version", "1.0".into()),
            ("auth_key", "278d425bdf160c739803".into()),
            ("auth_timestamp", "1353088179".into()),
            ("auth_signature", "of all but itself".into()),
        ];
        let parameters: Vec<(String, String)> = query.map(|(name, value)| (name.into(), value)).into();
        let signed =
            signature::sign("7ad3773142a6692b25b8", &signature::request_text("POST", "/apps/3/events", &parameters));
        assert_eq!(signed, "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c");
    }
}
