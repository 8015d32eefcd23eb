//! Somebody with a browser's cookies, who asks the server for things.

use std::sync::Arc;

use reqwest::cookie::Jar;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use server::service;
use tokio::time::sleep;

use crate::support::timeout::{PAUSE, TIMEOUT, in_time};
use crate::support::world::{PASSWORD, email};

#[derive(Clone)]
pub struct Person {
    pub id: i64,
    pub name: String,
    pub url: String,
    client: Client,
}

/// An answer, read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub location: Option<String>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// A page without the marks between its parts, which are for the script that takes it over.
    pub fn html(&self) -> String {
        self.body.replace("<!>", "")
    }

    /// What the person is told.
    pub fn sentence(&self) -> String {
        self.json()["sentence"].as_str().unwrap_or_else(|| panic!("no sentence: {self:?}")).to_owned()
    }
}

/// A request that is never answered fails and names itself.
pub fn client(builder: ClientBuilder) -> Client {
    builder.redirect(Policy::none()).timeout(TIMEOUT).build().unwrap()
}

impl Person {
    pub fn anonymous(url: &str) -> Self {
        let client = client(service::client().cookie_store(true));
        Self { id: 0, name: "nobody".into(), url: url.into(), client }
    }

    pub async fn sign_in(url: &str, id: i64, name: &str) -> Self {
        let person = Self { id, name: name.into(), ..Self::anonymous(url) };
        let answer = person.call("people/sign_in", &[("email", &email(name)), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        person
    }

    /// Somebody who is signed in already, with this cookie.
    pub fn with_session(url: &str, id: i64, name: &str, cookie: &str) -> Self {
        let jar = Jar::default();
        jar.add_cookie_str(&format!("earshot={cookie}; Path=/"), &url.parse().unwrap());
        let client = client(service::client().cookie_provider(Arc::new(jar)));
        Self { id, name: name.into(), url: url.into(), client }
    }

    /// The same person, who asks the server at another address.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.into(), ..self.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        Answer { status: response.status(), location, body: response.text().await.unwrap() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Calls a server function as a page's script does.
    pub async fn call(&self, function: &str, form: &[(&str, &str)]) -> Answer {
        self.send(self.request(Method::POST, &format!("/api/{function}")).form(form)).await
    }

    /// The same; nothing when the server does not answer.
    pub async fn try_call(&self, function: &str, form: &[(&str, &str)]) -> Option<Answer> {
        let response = self.request(Method::POST, &format!("/api/{function}")).form(form).send().await.ok()?;
        let status = response.status();
        Some(Answer { status, location: None, body: response.text().await.ok()? })
    }

    /// Asks again until it is acknowledged, as a page does.
    pub async fn until_acknowledged(&self, function: &str, form: &[(&str, &str)]) -> Answer {
        let acknowledged = async {
            loop {
                match self.try_call(function, form).await {
                    Some(answer) if answer.status == StatusCode::OK => return answer,
                    _ => sleep(PAUSE).await,
                }
            }
        };
        in_time(&format!("{function} is acknowledged"), acknowledged).await
    }

    /// Calls a server function that takes JSON.
    pub async fn call_json(&self, function: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, &format!("/api/{function}")).json(&body)).await
    }

    /// Asks what was said on each object after a number: pairs of both.
    pub async fn catch_up(&self, numbers: impl Serialize) -> Answer {
        let request = self.request(Method::POST, "/rest/pusher/notices");
        self.send(request.json(&json!({ "numbers": numbers }))).await
    }

    /// Sends a form as a browser without JavaScript does.
    pub async fn form(&self, function: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, &format!("/api/{function}")).header("accept", "text/html");
        self.send(request.form(form)).await
    }

    pub async fn post(&self, room: i64, body: &str) -> i64 {
        let client_id = uuid::Uuid::new_v4().to_string();
        let form = [("room", &*room.to_string()), ("body", body), ("client_id", &client_id)];
        let answer = self.call("messages/post", &form).await;
        answer.json().as_i64().unwrap_or_else(|| panic!("not posted: {answer:?}"))
    }

    /// Uploads a file, to be posted in the room.
    pub async fn upload(&self, room: i64, name: &str, bytes: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(Method::POST, "/files").query(&[("room", &*room.to_string()), ("name", name)]);
        self.send(request.body(bytes)).await
    }

    /// The form on the person's own page that sends a picture.
    pub fn send_picture(&self, bytes: &[u8]) -> RequestBuilder {
        const HEAD: &str = "--edge\r\ncontent-disposition: form-data; name=\"picture\"; filename=\"me.png\"\r\n\
            content-type: text/html\r\n\r\n";
        let body = [HEAD.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat();
        let request = self.request(Method::POST, "/me/picture");
        request.header("content-type", "multipart/form-data; boundary=edge").body(body)
    }

    /// Posts a message with files that were uploaded.
    pub async fn post_files(&self, room: i64, body: &str, files: &[i64], client_id: &str) -> Answer {
        let mut form = vec![("room".into(), room.to_string()), ("body".into(), body.into())];
        form.push(("client_id".to_owned(), client_id.into()));
        form.extend(files.iter().enumerate().map(|(place, file)| (format!("files[{place}]"), file.to_string())));
        self.send(self.request(Method::POST, "/api/messages/post").form(&form)).await
    }

    /// The bodies of a room's last messages, read anew.
    pub async fn read(&self, room: i64, ids: &[i64]) -> Vec<String> {
        let answer = self.call_json("messages/reload", json!({ "room": room, "ids": ids })).await;
        let messages = answer.json();
        let messages = messages.as_array().unwrap_or_else(|| panic!("not read: {answer:?}")).iter();
        messages.map(|message| message["body"].as_str().unwrap().to_owned()).collect()
    }

    /// Asks for the signature of one channel, as pusher-js does.
    pub async fn authorise(&self, socket_id: &str, channel: &str) -> Answer {
        let form = [("socket_id", socket_id), ("channel_name", channel)];
        self.send(self.request(Method::POST, "/rest/pusher/auth").form(&form)).await
    }
}
