//! The fields of a request.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Form, FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use earshot_live::error::{Error, Kind};
use serde_json::Value;

/// The fields of a form, or of JSON with the same names: there a field that stands in a form many times is a list.
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// All values of the field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// # Errors
    /// `Invalid` when the field is missing.
    pub fn one<'a>(&'a self, name: &'a str) -> Result<&'a str, Error> {
        self.all(name).next().ok_or(Kind::Invalid.into())
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Form::from_request(request, state)
                .await
                .map(|Form(fields)| Self(fields))
                .map_err(|_| Kind::Invalid.into());
        }
        let read = Json::<BTreeMap<String, Value>>::from_request(request, state).await;
        let Json(fields) = read.map_err(|_| Kind::Invalid)?;
        let texts = |(name, value): (String, Value)| {
            let values = if let Value::Array(values) = value { values } else { vec![value] };
            values.into_iter().filter_map(move |value| Some((name.clone(), value.as_str()?.to_owned())))
        };
        Ok(Self(fields.into_iter().flat_map(texts).collect()))
    }
}
