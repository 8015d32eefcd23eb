//! The fields of a request.

use std::collections::BTreeMap;

use axum::body::Bytes;
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
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            return Form::from_request(request, state)
                .await
                .map(|Form(fields)| Self(fields))
                .map_err(|_| Kind::Invalid.into());
        }
        let body = Bytes::from_request(request, state).await.map_err(|_| Kind::Invalid)?;
        let fields: BTreeMap<String, Value> = serde_json::from_slice(&body).map_err(|_| Kind::Invalid)?;
        let mut texts = Vec::new();
        for (name, value) in fields {
            match value {
                Value::Array(values) => {
                    for value in values {
                        let Value::String(text) = value else { return Err(Kind::Invalid.into()) };
                        texts.push((name.clone(), text));
                    }
                }
                Value::String(text) => texts.push((name, text)),
                // No field of ours: what else a library sends along is its own.
                _ => {}
            }
        }
        Ok(Self(texts))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    async fn names(kind: &str, body: &str) -> Result<Vec<String>, Kind> {
        let request = Request::builder().method("POST").header(CONTENT_TYPE, kind).body(Body::from(body.to_owned()));
        let fields = Fields::from_request(request.unwrap(), &()).await.map_err(|error| error.kind)?;
        Ok(fields.all("channel_name[]").map(str::to_owned).collect())
    }

    #[tokio::test]
    async fn json_is_json_in_whatever_case_it_is_called_so() {
        for kind in ["application/json", "Application/JSON", "application/json; charset=utf-8", "APPLICATION/JSON ;a=b"]
        {
            let body = r#"{"socket_id":"1.2","channel_name[]":["a","b"],"other":{"n":1}}"#;
            assert_eq!(names(kind, body).await, Ok(vec!["a".to_owned(), "b".to_owned()]), "{kind}");
        }
        let form = names("application/x-www-form-urlencoded", "channel_name[]=a&channel_name[]=b").await;
        assert_eq!(form.map(|names| names.len()), Ok(2));
    }

    #[tokio::test]
    async fn a_list_that_holds_something_else_than_texts_is_refused() {
        for list in [r#"[1,"a"]"#, r#"["a",null]"#, r#"[["a"]]"#] {
            assert_eq!(names("application/json", &format!(r#"{{"channel_name[]":{list}}}"#)).await, Err(Kind::Invalid));
        }
    }
}
