//! A program on another server that has the app's secret, and speaks with the hub's HTTP API.

use earshot_hub::Keys;
use earshot_live::pusher::signature;
use earshot_live::timestamp::Timestamp;
use md5::{Digest, Md5};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::support::person::{Answer, client};
use crate::support::server::Server;

#[derive(Clone)]
pub struct Program {
    url: String,
    pub keys: Keys,
    client: Client,
}

impl Program {
    pub fn beside(server: &Server) -> Self {
        Self::at(&server.url, server.keys.clone())
    }

    pub fn at(url: &str, keys: Keys) -> Self {
        Self { url: url.to_owned(), keys, client: client(server::service::client()) }
    }

    /// Sends an event to one channel.
    pub async fn trigger(&self, channel: &str, name: &str, data: &str) -> Answer {
        self.post("events", &json!({ "name": name, "channels": [channel], "data": data })).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, &[], &body.to_string()).await
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, query, "").await
    }

    pub async fn ask(&self, method: Method, path: &str, query: &[(&str, &str)], body: &str) -> Answer {
        let path = format!("/apps/{}/{path}", self.keys.app_id);
        let signed = self.signed(&method, &path, query, body, now());
        self.send(method, &path, &signed, body).await
    }

    /// Whether there is a server, and it is the one that has these keys.
    pub async fn is_answered(&self) -> bool {
        let path = format!("/apps/{}/channels", self.keys.app_id);
        let signed = self.signed(&Method::GET, &path, &[], "", now());
        let request = self.client.get(format!("{}{path}", self.url)).query(&signed);
        request.send().await.is_ok_and(|answer| answer.status() == 200)
    }

    /// The query with what shows that it comes from this program, at the second `now`.
    pub fn signed(
        &self,
        method: &Method,
        path: &str,
        query: &[(&str, &str)],
        body: &str,
        now: i64,
    ) -> Vec<(String, String)> {
        let mut query: Vec<(String, String)> = query.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        query.push(("auth_key".into(), self.keys.key.clone()));
        query.push(("auth_timestamp".into(), now.to_string()));
        query.push(("auth_version".into(), "1.0".into()));
        if !body.is_empty() {
            query.push(("body_md5".into(), hex::encode(Md5::digest(body))));
        }
        query.sort();
        let text: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let text = format!("{method}\n{path}\n{}", text.join("&"));
        query.push(("auth_signature".into(), signature::sign(&self.keys.secret, &text)));
        query
    }

    pub async fn send(&self, method: Method, path: &str, query: &[(String, String)], body: &str) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.url)).query(query);
        let response = request.header("content-type", "application/json").body(body.to_owned()).send().await.unwrap();
        Answer { status: response.status(), location: None, body: response.text().await.unwrap() }
    }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    Timestamp::now().0 / 1_000_000
}
