//! What `/rest/pusher` answers, shared by the server that does and the page that asks.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::object::{After, Object};

/// How to reach what carries notices: `/rest/pusher/key`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Key {
    /// Names the app: part of the address to connect to.
    pub key: String,
    /// The cluster that clients name; `local` for the hub.
    pub cluster: String,
    /// Where an outside service is. Without it the hub is where this answer comes from.
    #[serde(flatten)]
    pub service: Option<Endpoint>,
}

/// Where WebSockets are taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// A name or an address.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

impl Endpoint {
    /// What a page connects to, and may connect to by its Content-Security-Policy.
    pub fn origin(&self) -> String {
        format!("{}://{}:{}", scheme(self.tls), self.host, self.port)
    }
}

/// The scheme of WebSockets, by TLS or without.
pub fn scheme(tls: bool) -> &'static str {
    if tls { "wss" } else { "ws" }
}

/// What is said of one channel: a signature, or why not.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Verdict {
    /// They may subscribe.
    Granted {
        /// The key and the signature.
        auth: String,
        /// Who is present, on a presence channel.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel_data: Option<String>,
    },
    /// They may not.
    Denied {
        /// Why, as a sentence.
        error: String,
    },
}

/// What `/rest/pusher/notices` is asked: for each object the number up to which its notices are known.
#[derive(Debug, Serialize, Deserialize)]
pub struct Behind {
    /// Each object with its number.
    pub numbers: Vec<(Object, i64)>,
}

/// What it answers: what was said on each object after that number, or why that is not told.
pub type Missed = HashMap<Object, Result<After, Error>>;
