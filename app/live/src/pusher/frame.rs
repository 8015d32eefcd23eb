//! One text frame in either direction: `{"event":..,"channel":..,"data":..}`.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::object::Notice;
use crate::pusher::channel;

/// One text frame, in either direction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The name of the event.
    pub event: String,
    /// The channel that it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Servers send JSON inside a string, pusher-js sends JSON as it is; [`Frame::payload`] reads both.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
    /// Milliseconds over which the listeners are to spread their reloads: the server has too much to do at once. Clients other
    /// than ours ignore it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub jitter: u32,
    /// Whom a client event on a presence channel comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// What the events begin with that clients send each other.
pub const CLIENT: &str = "client-";

impl Frame {
    /// An event whose data is JSON in a string, as servers send it.
    pub fn new(event: impl Into<String>, data: impl Serialize) -> Self {
        Self { event: event.into(), data: in_string(data), ..Self::default() }
    }

    /// The same, on a channel.
    pub fn on_channel(channel: impl Into<String>, event: impl Into<String>, data: impl Serialize) -> Self {
        Self { channel: Some(channel.into()), ..Self::new(event, data) }
    }

    /// One whose data is JSON as it is and not in a string, as Pusher's own clients send it.
    pub fn plain(event: impl Into<String>, data: impl Serialize) -> Self {
        Self { event: event.into(), data: serde_json::to_value(data).unwrap_or_default(), ..Self::default() }
    }

    /// `pusher:error`, whose data is an object and not a string. It does not close the connection.
    pub fn error(code: Option<u16>, message: &str) -> Self {
        Self::plain("pusher:error", serde_json::json!({ "code": code, "message": message }))
    }

    /// `pusher:subscription_error`: the channel cannot be heard, or no longer.
    pub fn subscription_error(channel: &str, status: u16, error: impl Into<String>) -> Self {
        let refusal = SubscriptionError { kind: "AuthError".into(), error: error.into(), status };
        Self::on_channel(channel, "pusher:subscription_error", refusal)
    }

    /// What stands in `data`, whether it came as JSON or as JSON in a string.
    ///
    /// # Errors
    /// When it is no JSON, or not that of a `T`.
    pub fn payload<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        match &self.data {
            Value::String(text) => serde_json::from_str(text),
            value => T::deserialize(value),
        }
    }

    /// The notice that this frame carries, if it is one of ours. What another client has sent never is.
    pub fn notice(&self) -> Option<Notice> {
        let object = channel::object(self.channel.as_deref()?)?;
        let action = self.event.parse().ok()?;
        Some(Notice { object, action, reference: self.payload().ok()? })
    }

    /// The frame as it goes over the wire.
    pub fn to_json(&self) -> String {
        // A frame is strings and numbers: there is nothing in it that cannot be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<&Notice> for Frame {
    fn from(notice: &Notice) -> Self {
        Frame::on_channel(channel::of(notice.object), notice.action.to_string(), &notice.reference)
    }
}

// As serde asks for it.
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn in_string(data: impl Serialize) -> Value {
    Value::String(serde_json::to_string(&data).unwrap_or_default())
}

/// The event that opens a conversation, with [`Established`].
pub const ESTABLISHED: &str = "pusher:connection_established";

/// `pusher:connection_established`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Established {
    /// Two numbers with a point between, by which others name this connection.
    pub socket_id: String,
    /// Seconds of silence after which the client pings.
    pub activity_timeout: u64,
}

/// `pusher:subscribe` and `pusher:unsubscribe`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Subscribe {
    /// The name of the channel.
    pub channel: String,
    /// The key and the signature, `key:signature`, for a channel that takes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// On a presence channel: a [`Member`], as it was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_data: Option<String>,
}

/// Somebody who is present on a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// By which the program knows them.
    #[serde(deserialize_with = "text_or_number")]
    pub user_id: String,
    /// What the program tells of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_info: Option<Value>,
}

/// `pusher_internal:subscription_succeeded` on a presence channel.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Presences {
    /// Everyone who is there.
    pub presence: Hash,
}

/// Those who are present: what is told of each, by user id.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Hash {
    /// What is told of each, by user id.
    #[serde(default)]
    pub hash: BTreeMap<String, Value>,
}

/// `pusher:signin`, and what answers it.
#[derive(Debug, Serialize, Deserialize)]
pub struct SignIn {
    /// The key and the signature, `key:signature`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// A [`UserData`], as it was signed.
    pub user_data: String,
}

/// Who signs in. Whatever else is told of them is for their own program.
#[derive(Debug, Deserialize)]
pub struct UserData {
    /// By which the program knows them.
    #[serde(deserialize_with = "text_or_number")]
    pub id: String,
}

/// An id. PHP and others write numbers where Pusher's own libraries write strings, and the other way round.
///
/// # Errors
/// When it is neither.
pub fn text_or_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("an id is a text or a number")),
    }
}

/// `pusher_internal:subscription_succeeded` on the channel of an object. Clients other than ours ignore it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Succeeded {
    /// The object's seq when the subscription had begun: a listener that is not there yet has something to catch up on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
}

/// `pusher:subscription_error`.
#[derive(Debug, Serialize, Deserialize)]
pub struct SubscriptionError {
    /// Always `AuthError`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Why, as a sentence.
    pub error: String,
    /// The HTTP status that says the same.
    pub status: u16,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::object::Reference;
    use crate::testing::{MESSAGE, RENAMED, ROOM};
    use crate::timestamp::Timestamp;

    /// What pages, other servers and other people's clients read: a change here breaks them.
    #[test]
    fn what_goes_over_the_wire_stays_as_it_is() {
        let reference = Reference { entity: MESSAGE, id: 981, seq: 41, changed: Timestamp(5), by: "Ada".into() };
        let notice = Notice { object: ROOM.object(7), action: RENAMED, reference };
        let changed = r#"{"entity":"Message","id":981,"seq":41,"changed":5,"by":"Ada"}"#;
        let established = Established { socket_id: "1.2".into(), activity_timeout: 60 };
        let subscribe = |channel_data: Option<&str>| {
            let (channel, channel_data) = ("private-Room.7".to_owned(), channel_data.map(str::to_owned));
            Frame::plain("pusher:subscribe", Subscribe { channel, auth: Some("k:s".into()), channel_data })
        };
        let member = Member { user_id: "3".into(), user_info: Some(json!({ "name": "Bob" })) };
        for (frame, wire) in [
            (Frame::from(&notice), json!({ "event": "renamed", "channel": "private-Room.7", "data": changed })),
            (
                Frame { jitter: 90, ..Frame::from(&notice) },
                json!({ "event": "renamed", "channel": "private-Room.7", "data": changed, "jitter": 90 }),
            ),
            (
                Frame::new(ESTABLISHED, established),
                json!({ "event": ESTABLISHED, "data": r#"{"socket_id":"1.2","activity_timeout":60}"# }),
            ),
            (
                subscribe(None),
                json!({ "event": "pusher:subscribe", "data": { "channel": "private-Room.7", "auth": "k:s" } }),
            ),
            (
                subscribe(Some("{}")),
                json!({
                    "event": "pusher:subscribe",
                    "data": { "channel": "private-Room.7", "auth": "k:s", "channel_data": "{}" },
                }),
            ),
            (
                Frame::on_channel(
                    "private-Room.7",
                    "pusher_internal:subscription_succeeded",
                    Succeeded { seq: Some(41) },
                ),
                json!({
                    "event": "pusher_internal:subscription_succeeded",
                    "channel": "private-Room.7",
                    "data": r#"{"seq":41}"#,
                }),
            ),
            (
                Frame::on_channel("presence-Room.7", "pusher_internal:member_added", member),
                json!({
                    "event": "pusher_internal:member_added",
                    "channel": "presence-Room.7",
                    "data": r#"{"user_id":"3","user_info":{"name":"Bob"}}"#,
                }),
            ),
            (
                Frame::subscription_error("private-Room.7", 403, "Not yours."),
                json!({
                    "event": "pusher:subscription_error",
                    "channel": "private-Room.7",
                    "data": r#"{"type":"AuthError","error":"Not yours.","status":403}"#,
                }),
            ),
            (
                Frame::error(Some(4009), "Closed."),
                json!({ "event": "pusher:error", "data": { "code": 4009, "message": "Closed." } }),
            ),
        ] {
            assert_eq!(serde_json::from_str::<Value>(&frame.to_json()).unwrap(), wire);
        }
        assert_eq!(Frame::from(&notice).notice(), Some(notice));
    }
}
