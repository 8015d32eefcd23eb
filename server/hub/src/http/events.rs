//! Sending events. One that names an action, on the channel of an object of ours, is a Notify: it becomes a notice, numbered
//! and kept like all others, so that nobody misses it. Any other is passed on as it is.

use std::slice;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use earshot_live::error::{Error, Kind};
use earshot_live::object::{Action, Entity, Object, Reference};
use earshot_live::pusher::channel;
use earshot_live::pusher::frame::{Frame, text_or_number};
use earshot_live::store::APPLICATION;
use indexmap::IndexSet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Context;
use crate::http::{Answer, Refusal, about, may_be_asked};
use crate::limits::{MAX_DATA, MAX_EVENT};
use crate::socket::SocketId;
use crate::subscribe::NO_CACHE;

/// Channels of one event, and events of one request (protocol 7).
const MAX_CHANNELS: usize = 100;
const MAX_BATCH: usize = 10;

#[derive(Deserialize)]
pub struct EventBody {
    name: String,
    data: String,
    // What is absent some libraries leave out, some send as null, some as an empty text.
    channels: Option<Vec<String>>,
    channel: Option<String>,
    socket_id: Option<String>,
    info: Option<String>,
}

#[derive(Deserialize)]
struct Batch {
    batch: Vec<EventBody>,
}

/// An event that may be sent.
struct CheckedEvent {
    name: String,
    data: String,
    channels: IndexSet<String>,
    except: Option<SocketId>,
    info: String,
}

/// What the data of a Notify says. Without data the notice is about the object itself.
#[derive(Deserialize)]
struct About {
    entity: Entity,
    #[serde(deserialize_with = "text_or_number")]
    id: String,
}

struct Notify {
    object: Object,
    action: Action,
    changed: Object,
}

pub async fn one(State(context): State<Arc<Context>>, body: Bytes) -> Answer {
    let event = check(read(&body)?)?;
    send(&context, slice::from_ref(&event)).await?;
    if event.info.is_empty() {
        return Ok(Json(json!({})));
    }
    let channels = &context.hub.registry().channels;
    let told: Value = event.channels.iter().map(|name| (name.clone(), about(channels, name, &event.info))).collect();
    Ok(Json(json!({ "channels": told })))
}

pub async fn batch(State(context): State<Arc<Context>>, body: Bytes) -> Answer {
    let Batch { batch } = read(&body)?;
    if batch.len() > MAX_BATCH {
        return Err(Refusal::bad(format!("A batch has at most {MAX_BATCH} events.")));
    }
    let batch = batch.into_iter().map(check).collect::<Result<Vec<_>, _>>()?;
    send(&context, &batch).await?;
    if batch.iter().all(|event| event.info.is_empty()) {
        return Ok(Json(json!({})));
    }
    let channels = &context.hub.registry().channels;
    let told = |event: &CheckedEvent| about(channels, event.channels.first().map_or("", String::as_str), &event.info);
    Ok(Json(json!({ "batch": batch.iter().map(told).collect::<Vec<_>>() })))
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::bad(format!("The body is not what was expected: {error}.")))
}

fn check(event: EventBody) -> Result<CheckedEvent, Refusal> {
    let EventBody { name, data, channels, channel, socket_id, info } = event;
    // A channel that is named twice is sent the event once.
    let channels: IndexSet<String> = channels.unwrap_or_default().into_iter().chain(channel).collect();
    let info = info.unwrap_or_default();
    if name.is_empty() || name.chars().count() > MAX_EVENT {
        return Err(Refusal::bad(format!("An event has a name of at most {MAX_EVENT} characters.")));
    }
    if data.len() > MAX_DATA {
        let sentence = format!("The data of an event has at most {MAX_DATA} bytes.");
        return Err(Refusal(StatusCode::PAYLOAD_TOO_LARGE, sentence));
    }
    if channels.is_empty() || channels.len() > MAX_CHANNELS {
        return Err(Refusal::bad(format!("An event has 1 to {MAX_CHANNELS} channels.")));
    }
    if let Some(wrong) = channels.iter().find(|name| channel::kind(name).is_none()) {
        return Err(Refusal::bad(format!("'{wrong}' is not a channel name.")));
    }
    if channels.iter().any(|name| channel::is_cache(name)) {
        return Err(Refusal::bad(NO_CACHE));
    }
    for name in &channels {
        may_be_asked(name, &info)?;
    }
    let except = socket_id.filter(|id| !id.is_empty()).map(|id| id.parse()).transpose();
    let except = except.map_err(|_| Refusal::bad("The socket_id is not a socket id."))?;
    Ok(CheckedEvent { name, data, channels, except, info })
}

async fn send(context: &Context, events: &[CheckedEvent]) -> Result<(), Refusal> {
    if context.hub.is_busy() {
        return Err(Error::from(Kind::Busy).into());
    }
    let mut publications = Vec::new();
    let mut notifies = Vec::new();
    for event in events {
        for name in &event.channels {
            match notify(context, event, name)? {
                Some(notify) => notifies.push(notify),
                None => publications.push((name, event)),
            }
        }
    }
    if !notifies.is_empty() {
        let mut tx = context.db.begin(APPLICATION).await?;
        for Notify { object, action, changed } in notifies {
            tx.notice(object, action, changed);
        }
        tx.commit().await?;
    }
    for (name, event) in publications {
        let frame = Frame { channel: Some(name.clone()), ..Frame::plain(&event.name, &event.data) };
        context.hub.publish_everywhere(&frame, event.except);
    }
    Ok(())
}

/// What the event notifies of, if it does. A notice of another server, which has its number already, is passed on, if it is whole.
///
/// # Errors
/// 400 when the data says neither nothing nor what has changed: a guess would move the wrong pages.
fn notify(context: &Context, event: &CheckedEvent, name: &str) -> Result<Option<Notify>, Refusal> {
    let action = event.name.parse().ok().filter(|action| context.backend.actions().contains(action));
    let (Some(object), Some(action)) = (context.known(channel::object(name)), action) else { return Ok(None) };
    let wrong = || {
        let example = r#"{"entity":"Message","id":981}"#;
        Refusal::bad(format!("The data of '{}' on '{name}' has to be empty, or like {example}.", event.name))
    };
    let data = if event.data.is_empty() { Ok(Value::Null) } else { serde_json::from_str(&event.data) };
    let data: Value = data.map_err(|_| wrong())?;
    if data.get("seq").is_some() {
        return Reference::deserialize(data).map(|_| None).map_err(|_| wrong());
    }
    if is_nothing(&data) {
        return Ok(Some(Notify { object, action, changed: object }));
    }
    let About { entity, id } = About::deserialize(data).map_err(|_| wrong())?;
    let id = id.parse().ok().filter(|id| *id > 0).ok_or_else(wrong)?;
    let changed = context.known(Some(entity.object(id))).ok_or_else(wrong)?;
    Ok(Some(Notify { object, action, changed }))
}

/// Nothing, as libraries write it that have to send something.
fn is_nothing(data: &Value) -> bool {
    match data {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, client, events, fill, heard_until, listen, publish};

    #[tokio::test]
    async fn a_channel_that_is_named_twice_is_sent_the_event_once() {
        let (context, _, _folder) = testing::context().await;
        let hub = context.hub.clone();
        let (id, far) = client(&hub);
        listen(&hub, id, "news", None);
        let event = json!({ "name": "moved", "channels": ["news", "news"], "channel": "news", "data": "" });
        assert!(one(State(Arc::new(context)), event.to_string().into()).await.is_ok());
        publish(&hub, "news", "mark");
        assert_eq!(events(&heard_until("mark", &far).await), ["moved", "mark"]);
    }

    #[tokio::test]
    async fn while_too_much_waits_programs_are_told_to_come_back() {
        let (context, _, _folder) = testing::context().await;
        let (hub, context) = (context.hub.clone(), Arc::new(context));
        let event = json!({ "name": "moved", "channel": "news", "data": "" });
        let batch = json!({ "batch": [event] }).to_string();
        fill(&hub);
        for answer in [
            one(State(context.clone()), event.to_string().into()).await,
            super::batch(State(context.clone()), batch.into()).await,
        ] {
            assert_eq!(answer.err().map(|refusal| refusal.0), Some(StatusCode::SERVICE_UNAVAILABLE));
        }
    }
}
