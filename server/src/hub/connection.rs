//! One connection: the handshake of protocol 7, then frames in either direction until one side ends it.

use std::net::IpAddr;

use app::context::ClientAddress;
use app::pusher::frame::{Established, Frame, Subscription};
use app::pusher::{PROTOCOL, close};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use governor::{Quota, RateLimiter};
use serde::Deserialize;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use crate::AppState;
use crate::hub::limits::{
    ACTIVITY_TIMEOUT, FRAMES_AT_ONCE, FRAMES_PER_SECOND, MAX_FRAME, PONG_TIMEOUT, READ_BUFFER, WRITE_TIMEOUT,
};
use crate::hub::registry::{Outgoing, SocketId};
use crate::hub::subscribe;

pub fn router() -> Router<AppState> {
    Router::new().route("/app/{*path}", get(connect))
}

#[derive(Deserialize)]
struct Client {
    protocol: Option<String>,
}

async fn connect(
    State(state): State<AppState>,
    Path(path): Path<String>,
    Query(client): Query<Client>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade = upgrade.read_buffer_size(READ_BUFFER).max_message_size(MAX_FRAME).max_frame_size(MAX_FRAME);
    let refusal = refusal(&state, &path, client.protocol.as_deref());
    upgrade.on_upgrade(async move |socket| match refusal {
        Some((code, sentence)) => refuse(socket, code, sentence).await,
        None => serve(socket, state, from).await,
    })
}

/// Why this client cannot be served, with its close code.
fn refusal(state: &AppState, path: &str, protocol: Option<&str>) -> Option<(u16, &'static str)> {
    if path.contains('/') {
        return Some((close::NO_SUCH_PATH, "There is nothing at this path."));
    }
    if path != state.config.keys.key {
        return Some((close::NO_SUCH_APP, "There is no app with this key."));
    }
    match protocol {
        None => Some((close::NO_PROTOCOL, "The protocol version is missing.")),
        Some(version) if version.parse::<u32>().is_err() => {
            Some((close::BAD_VERSION, "The protocol version is not a number."))
        }
        Some(version) if version != PROTOCOL => Some((close::UNSUPPORTED_PROTOCOL, "This server speaks protocol 7.")),
        Some(_) => None,
    }
}

async fn refuse(mut socket: WebSocket, code: u16, sentence: &str) {
    let error = Message::text(Frame::error(Some(code), sentence).to_json());
    let _ = timeout(WRITE_TIMEOUT, async {
        socket.send(error).await?;
        socket.send(closing(code)).await
    })
    .await;
}

async fn serve(socket: WebSocket, state: AppState, from: IpAddr) {
    let Some((id, waiting)) = state.hub.open(from) else {
        return refuse(socket, close::OVER_CAPACITY, "This server has as many connections as it can take.").await;
    };
    let established = Established { socket_id: id.to_string(), activity_timeout: ACTIVITY_TIMEOUT.as_secs() };
    state.send(id, Frame::new("pusher:connection_established", established));
    let (mut sink, stream) = socket.split();
    // Whichever side ends first ends the other: a socket that does not accept what is written is not read from either.
    let code = tokio::select! {
        code = write(&mut sink, waiting) => code,
        code = read(stream, &state, id) => code,
    };
    state.hub.registry().close(id);
    if let Some(code) = code {
        let _ = timeout(WRITE_TIMEOUT, sink.send(closing(code))).await;
    }
}

/// Sends what waits until there is nothing more to come, and returns the code to close with.
async fn write(sink: &mut SplitSink<WebSocket, Message>, mut waiting: Receiver<Outgoing>) -> Option<u16> {
    while let Some(outgoing) = waiting.recv().await {
        let text = match outgoing {
            Outgoing::Text(text) => text,
            Outgoing::Close(code) => return Some(code),
        };
        match timeout(WRITE_TIMEOUT, sink.send(Message::Text(text))).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return None,
        }
    }
    // Dropped for reading too slowly: it is told to come back, if it hears that.
    Some(close::RECONNECT)
}

/// Answers frames until the socket ends or falls silent, and returns the code to close it with.
async fn read(mut stream: SplitStream<WebSocket>, state: &AppState, id: SocketId) -> Option<u16> {
    let frames = RateLimiter::direct(Quota::per_second(FRAMES_PER_SECOND).allow_burst(FRAMES_AT_ONCE));
    let mut pinged = false;
    loop {
        let patience = if pinged { PONG_TIMEOUT } else { ACTIVITY_TIMEOUT + PONG_TIMEOUT };
        match timeout(patience, stream.next()).await {
            Ok(Some(Ok(_))) if frames.check().is_err() => return Some(close::OVER_CAPACITY),
            Ok(Some(Ok(message))) => {
                pinged = false;
                if let Message::Text(text) = message {
                    answer(state, id, &text).await;
                }
            }
            Ok(Some(Err(_))) => return Some(close::TOO_BIG),
            Ok(None) => return None,
            Err(_) if pinged => return Some(close::NO_PONG),
            Err(_) => {
                pinged = true;
                state.send(id, Frame::new("pusher:ping", serde_json::json!({})));
            }
        }
    }
}

async fn answer(state: &AppState, id: SocketId, text: &str) {
    let Ok(frame) = serde_json::from_str::<Frame>(text) else {
        return state.send(id, Frame::error(None, "This frame is not JSON with an event."));
    };
    match (frame.event.as_str(), frame.payload::<Subscription>()) {
        ("pusher:ping", _) => state.send(id, Frame::new("pusher:pong", serde_json::json!({}))),
        ("pusher:pong", _) => {}
        ("pusher:subscribe", Ok(wanted)) => subscribe::subscribe(state, id, wanted).await,
        ("pusher:unsubscribe", Ok(wanted)) => state.hub.registry().unsubscribe(id, &wanted.channel),
        ("pusher:subscribe" | "pusher:unsubscribe", Err(_)) => {
            state.send(id, Frame::error(None, "The data names no channel."))
        }
        _ => state.send(id, Frame::error(None, "This event is not known.")),
    }
}

fn closing(code: u16) -> Message {
    Message::Close(Some(CloseFrame { code, reason: "".into() }))
}

impl AppState {
    pub(super) fn send(&self, id: SocketId, frame: Frame) {
        self.hub.registry().send(id, Outgoing::Text(frame.to_json().into()));
    }
}
