//! Requests to the HTTP API of a service, signed.
//! <https://pusher.com/docs/channels/library_auth_reference/rest-api/>

use std::time::Duration;

use earshot_hub::Keys;
use earshot_live::pusher::frame::Frame;
use earshot_live::pusher::signature;
use earshot_live::timestamp::Timestamp;
use md5::{Digest, Md5};
use reqwest::{Client, ClientBuilder, Method, StatusCode, Url};
use serde_json::{Value, json};

use crate::service::Address;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why the service has not taken what was to be sent.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("it cannot be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
    #[error("it does not accept the keys: {0}")]
    Keys(String),
    #[error("it answered {0}: {1}")]
    Refused(StatusCode, String),
    #[error("the database does not answer: {0}")]
    Database(#[from] sqlx::Error),
}

impl Failure {
    /// Whether the same request would be refused again.
    fn is_final(&self) -> bool {
        match self {
            Failure::Keys(_) => true,
            Failure::Refused(status, _) => match *status {
                StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => false,
                status => status.is_client_error() || status == StatusCode::NOT_IMPLEMENTED,
            },
            Failure::Unreachable(_) | Failure::Database(_) => false,
        }
    }
}

/// A client that can also speak TLS.
pub fn client() -> ClientBuilder {
    // Fails only when there is one already, and that is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
}

pub struct Api {
    client: Client,
    address: Address,
    keys: Keys,
}

impl Api {
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new(address: Address, keys: Keys) -> Result<Self, reqwest::Error> {
        let client = client().timeout(TIMEOUT).build()?;
        Ok(Self { client, address, keys })
    }

    /// Whether the service is there and accepts the keys.
    ///
    /// # Errors
    /// When it is not, or does not.
    pub async fn check(&self) -> Result<(), Failure> {
        self.request(Method::GET, "channels", None).await
    }

    /// Sends each frame to its channel.
    ///
    /// # Errors
    /// When the service does not take them. Some may have been sent.
    pub async fn publish(&self, frames: &[Frame]) -> Result<(), Failure> {
        let event = |frame: &Frame| json!({ "name": frame.event, "channel": frame.channel, "data": frame.data });
        let batch: Vec<Value> = frames.iter().map(event).collect();
        self.request(Method::POST, "batch_events", Some(json!({ "batch": batch }))).await
    }

    /// Ends every connection on which the user has signed in.
    ///
    /// # Errors
    /// When the service does not answer, or not now. One that answers that it cannot is not asked again.
    pub async fn terminate(&self, user: i64) -> Result<(), Failure> {
        let path = format!("users/{user}/terminate_connections");
        match self.request(Method::POST, &path, Some(json!({}))).await {
            Err(error) if error.is_final() => {
                tracing::warn!(%error, "the Pusher service ends no connections: who lost a right hears of ids until they leave");
                Ok(())
            }
            other => other,
        }
    }

    async fn request(&self, method: Method, path: &str, body: Option<Value>) -> Result<(), Failure> {
        let path = format!("/apps/{}/{path}", self.keys.app_id);
        let body = body.map(|body| body.to_string());
        let url = self.signed(&method, &path, body.as_deref());
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        // What stands in the URL is no secret, but it is long.
        let answer = request.send().await.map_err(reqwest::Error::without_url)?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let sentence = answer.text().await.unwrap_or_default().trim().to_owned();
        Err(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Failure::Keys(sentence),
            _ => Failure::Refused(status, sentence),
        })
    }

    fn signed(&self, method: &Method, path: &str, body: Option<&str>) -> Url {
        let mut query = vec![
            ("auth_key".to_owned(), self.keys.key.clone()),
            ("auth_timestamp".to_owned(), (Timestamp::now().0 / 1_000_000).to_string()),
            ("auth_version".to_owned(), "1.0".to_owned()),
        ];
        query.extend(body.map(|body| ("body_md5".to_owned(), hex::encode(Md5::digest(body)))));
        let text = signature::request_text(method.as_str(), path, &query);
        query.push(("auth_signature".to_owned(), signature::sign(&self.keys.secret, &text)));
        let mut url = self.address.api.clone();
        url.set_path(path);
        url.query_pairs_mut().extend_pairs(query);
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_cannot_do_is_not_asked_of_it_again_and_again() {
        let refused = |status: u16| Failure::Refused(StatusCode::from_u16(status).unwrap(), String::new());
        assert!(Failure::Keys(String::new()).is_final());
        assert!([400, 404, 405, 501].into_iter().all(|status| refused(status).is_final()));
        assert!(![408, 429, 500, 502, 503].into_iter().any(|status| refused(status).is_final()));
    }
}
