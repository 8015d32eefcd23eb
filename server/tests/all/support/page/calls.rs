//! Requests as a page's script makes them.

use earshot_live::error::{Error, Kind};
use earshot_live::timeout::TIMEOUT;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;

use crate::support::person::Person;

pub fn form(person: &Person, function: &str, fields: &[(&str, i64)]) -> RequestBuilder {
    person.request(Method::POST, &format!("/api/{function}")).form(fields)
}

pub fn json(person: &Person, function: &str, body: serde_json::Value) -> RequestBuilder {
    person.request(Method::POST, &format!("/api/{function}")).json(&body)
}

/// The answer as a page's script reads it, if it comes in the time that a page waits for it.
pub async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Error> {
    let unreachable = |_| Error::from(Kind::Unreachable);
    let answer = request.timeout(TIMEOUT).send().await.map_err(unreachable)?;
    let ok = answer.status().is_success();
    let body = answer.bytes().await.map_err(unreachable)?;
    if ok {
        Ok(serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&body))))
    } else {
        Err(serde_json::from_slice(&body).unwrap_or_else(|_| Kind::Unreachable.into()))
    }
}
