//! What the line asks of the browser: the three requests, and the WebSocket as a stream of events.

use std::collections::HashMap;

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::{SinkExt, StreamExt};
use gloo_net::http::{Request, Response};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, WebSocketError};
use leptos::prelude::window;
use leptos::task::spawn_local;
use serde::Deserialize;
use web_sys::UrlSearchParams;

use crate::error::{Error, Kind};
use crate::listen::event::{Event, Verdict};
use crate::object::Object;
use crate::pusher::close::ABNORMAL;
use crate::pusher::{PROTOCOL, channel, frame::Frame};

/// Connects to the hub and reports on `events` what comes of it, under the connection's `number`.
pub async fn dial(number: u32, events: UnboundedSender<Event>) {
    let report = |event| drop(events.unbounded_send(event));
    match open().await {
        Ok(socket) => {
            let (sink, mut stream) = socket.split();
            let (outgoing, waiting) = unbounded();
            spawn_local(write(sink, waiting));
            report(Event::Opened(number, outgoing));
            let mut code = ABNORMAL;
            while let Some(message) = stream.next().await {
                match message {
                    Ok(Message::Text(text)) => {
                        if let Ok(frame) = serde_json::from_str(&text) {
                            report(Event::Frame(number, frame));
                        }
                    }
                    Ok(Message::Bytes(_)) => {}
                    Err(WebSocketError::ConnectionClose(close)) => code = close.code,
                    Err(_) => break,
                }
            }
            report(Event::Closed(number, code));
        }
        Err(error) if error.may_pass() => report(Event::Closed(number, ABNORMAL)),
        Err(refused) => report(Event::Refused(number, refused)),
    }
}

async fn write(mut sink: futures::stream::SplitSink<WebSocket, Message>, mut waiting: UnboundedReceiver<Frame>) {
    while let Some(frame) = waiting.next().await {
        if sink.send(Message::Text(frame.to_json())).await.is_err() {
            return;
        }
    }
    // Nobody writes any more: the line has let go of this connection. Closing one that is closed already does nothing.
    let _ = sink.close().await;
}

async fn open() -> Result<WebSocket, Error> {
    #[derive(Deserialize)]
    struct Key {
        key: String,
    }
    let answer = Request::get("/rest/pusher/key").send().await.map_err(|_| Kind::Unreachable)?;
    let Key { key } = accepted(answer).await?.json().await.map_err(|_| Kind::Unreachable)?;
    let location = window().location();
    let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") { "wss" } else { "ws" };
    let host = location.host().map_err(|_| Kind::Unreachable)?;
    let version = env!("CARGO_PKG_VERSION");
    let url = format!("{scheme}://{host}/app/{key}?protocol={PROTOCOL}&client=earshot&version={version}");
    WebSocket::open(&url).map_err(|_| Kind::Unreachable.into())
}

/// Asks for the signatures of many objects' channels in one request.
pub async fn authorise(socket_id: &str, objects: &[Object]) -> Result<HashMap<String, Verdict>, Error> {
    let failed = |_| Kind::Unreachable;
    let form = UrlSearchParams::new().map_err(|_| Kind::Internal)?;
    form.append("socket_id", socket_id);
    for object in objects {
        form.append("channel_name[]", &channel::of(*object));
    }
    let request = Request::post("/rest/pusher/auth").body(form).map_err(failed)?;
    let answer = request.send().await.map_err(failed)?;
    Ok(accepted(answer).await?.json().await.map_err(failed)?)
}

async fn accepted(answer: Response) -> Result<Response, Error> {
    if answer.ok() {
        return Ok(answer);
    }
    Err(answer.json().await.unwrap_or_else(|_| Kind::Unreachable.into()))
}
