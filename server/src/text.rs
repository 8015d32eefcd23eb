//! What every text from outside has to be before anything is done with it: UTF-8 without the NUL character, which PostgreSQL
//! does not store. Nothing behind this looks at it again.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use earshot_live::error::Error;
use percent_encoding::percent_decode;
use serde_json::Value;

use crate::fault::FaultPage;

/// For all routes: refuses addresses that hold the NUL character.
pub async fn refuse_nul(State(fault_page): State<FaultPage>, request: Request, next: Next) -> Response {
    let uri = request.uri();
    if has_nul(uri.path()) || uri.query().is_some_and(has_nul) {
        return fault_page.answer(nul(), request.headers());
    }
    next.run(request).await
}

/// Whether a part of an address holds the NUL character.
pub fn has_nul(part: &str) -> bool {
    percent_decode(part.as_bytes()).any(|byte| byte == 0)
}

/// Checks a body: a form, or JSON.
///
/// # Errors
/// `Invalid`, with what is wrong.
pub fn check(body: &[u8]) -> Result<(), Error> {
    let text = percent_decode(body).decode_utf8().map_err(|_| Error::invalid("This is not text in UTF-8."))?;
    if text.contains('\0') || (is_json(body) && holds_escaped_nul(body)) { Err(nul()) } else { Ok(()) }
}

/// A form begins with the name of a field, and none of ours with such a sign.
fn is_json(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

fn holds_escaped_nul(json: &[u8]) -> bool {
    let escape = b"\\u0000";
    json.windows(escape.len()).any(|bytes| bytes == escape)
        && serde_json::from_slice(json).is_ok_and(|json| holds_nul(&json))
}

fn holds_nul(json: &Value) -> bool {
    match json {
        Value::String(text) => text.contains('\0'),
        Value::Array(all) => all.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn nul() -> Error {
    Error::invalid("The NUL character is not accepted.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_found_in_forms_and_in_json_however_it_is_written() {
        for body in ["a=b%00", "a%00=b", "a=\0", "{\"a\":\"\\u0000\"}", " {\"a\":[{\"\\u0000\":1}]}", "{\"a\":\"\0\"}"]
        {
            assert!(check(body.as_bytes()).is_err(), "{body}");
        }
        for body in ["", "a=%5Cu0000", "a=\\u0000", "{\"a\":\"\\\\u0000\"}", "{\"a\":1}", "a=%e2%82%ac", "a=%2500"] {
            assert!(check(body.as_bytes()).is_ok(), "{body}");
        }
        assert!(check(b"a=%ff").is_err());
    }
}
