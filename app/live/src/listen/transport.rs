//! What the client asks of the browser: its requests, and the WebSocket as a stream of events.

use std::collections::HashMap;
use std::iter;

use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::future::{Either, select};
use futures::{SinkExt, StreamExt};
use gloo_net::http::{Request, Response};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State, WebSocketError};
use leptos::prelude::window;
use serde::de::DeserializeOwned;
use web_sys::UrlSearchParams;

use crate::error::{Error, Kind};
use crate::listen::event::Event;
use crate::object::Object;
use crate::pusher::PROTOCOL;
use crate::pusher::close::ABNORMAL;
use crate::pusher::frame::{ESTABLISHED, Established, Frame, SignIn};
use crate::pusher::rest::{Behind, Key, Missed, Verdict, scheme};

/// Connects, and reports on `events` what comes of it, under the connection's `number`.
pub async fn dial(number: u32, events: UnboundedSender<Event>) {
    let report = |event| drop(events.unbounded_send(event));
    let ended = match open().await {
        Ok(line) => converse(line, number, report).await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(code) => report(Event::Closed(number, code)),
        Err(error) if error.may_pass() => report(Event::Closed(number, ABNORMAL)),
        Err(refused) => report(Event::Refused(number, refused)),
    }
}

/// Carries frames both ways until the connection ends, and returns with which code; or until nobody writes any more: then the
/// client has let go of it, and it is closed.
async fn converse(Opened { mut socket, outside }: Opened, number: u32, report: impl Fn(Event)) -> Result<u16, Error> {
    let (outgoing, mut waiting) = unbounded::<Frame>();
    report(Event::Opened(number, outgoing));
    loop {
        let message = match select(socket.next(), waiting.next()).await {
            Either::Left((message, _)) => message,
            Either::Right((None, _)) => return Ok(ABNORMAL),
            Either::Right((Some(frame), _)) => {
                // What closes takes nothing more, and says so in the console. Why it closes is read next.
                if matches!(socket.state(), State::Open) && socket.send(Message::Text(frame.to_json())).await.is_err() {
                    return Ok(ABNORMAL);
                }
                continue;
            }
        };
        match message {
            Some(Ok(Message::Text(text))) => {
                let Ok(frame) = serde_json::from_str::<Frame>(&text) else { continue };
                let signed = if outside && frame.event == ESTABLISHED { Some(sign_in(&frame).await?) } else { None };
                report(Event::Frame(number, frame));
                // By this the service knows whose connections to end when a right is lost.
                if let Some(signed) = signed {
                    report(Event::Say(number, Frame::plain("pusher:signin", signed)));
                }
            }
            Some(Ok(Message::Bytes(_))) => {}
            Some(Err(WebSocketError::ConnectionClose(close))) => return Ok(close.code),
            Some(Err(_)) | None => return Ok(ABNORMAL),
        }
    }
}

struct Opened {
    socket: WebSocket,
    /// It leads to a service that does not know our people.
    outside: bool,
}

async fn open() -> Result<Opened, Error> {
    let answer = Request::get("/rest/pusher/key").send().await.map_err(|_| Kind::Unreachable)?;
    let Key { key, service, .. } = accepted(answer).await?.json().await.map_err(|_| Kind::Unreachable)?;
    let origin = match &service {
        Some(place) => place.origin(),
        None => {
            let location = window().location();
            let tls = location.protocol().is_ok_and(|protocol| protocol == "https:");
            format!("{}://{}", scheme(tls), location.host().map_err(|_| Kind::Unreachable)?)
        }
    };
    let version = env!("CARGO_PKG_VERSION");
    let url = format!("{origin}/app/{key}?protocol={PROTOCOL}&client=earshot&version={version}");
    let socket = WebSocket::open(&url).map_err(|_| Kind::Unreachable)?;
    Ok(Opened { socket, outside: service.is_some() })
}

/// Asks for the signature by which this page's person signs in at the service.
async fn sign_in(established: &Frame) -> Result<SignIn, Error> {
    let Established { socket_id, .. } = established.payload().map_err(|_| Kind::Unreachable)?;
    ask("/rest/pusher/user-auth", [("socket_id", socket_id.as_str())]).await
}

/// Asks for the signatures of many channels in one request.
pub async fn authorise(socket_id: &str, channels: &[String]) -> Result<HashMap<String, Verdict>, Error> {
    let channels = channels.iter().map(|channel| ("channel_name[]", channel.as_str()));
    ask("/rest/pusher/auth", iter::once(("socket_id", socket_id)).chain(channels)).await
}

/// Asks for what was said on each of the objects after the number beside it.
pub async fn notices_after(numbers: Vec<(Object, i64)>) -> Result<Missed, Error> {
    let failed = |_| Kind::Unreachable;
    let request = Request::post("/rest/pusher/notices").json(&Behind { numbers }).map_err(failed)?;
    Ok(accepted(request.send().await.map_err(failed)?).await?.json().await.map_err(failed)?)
}

/// Posts a form, and reads the answer.
async fn ask<T: DeserializeOwned>(path: &str, fields: impl IntoIterator<Item = (&str, &str)>) -> Result<T, Error> {
    let failed = |_| Kind::Unreachable;
    let form = UrlSearchParams::new().map_err(|_| Kind::Internal)?;
    for (name, value) in fields {
        form.append(name, value);
    }
    let answer = Request::post(path).body(form).map_err(failed)?.send().await.map_err(failed)?;
    Ok(accepted(answer).await?.json().await.map_err(failed)?)
}

async fn accepted(answer: Response) -> Result<Response, Error> {
    if answer.ok() {
        return Ok(answer);
    }
    Err(answer.json().await.unwrap_or_else(|_| Kind::Unreachable.into()))
}
