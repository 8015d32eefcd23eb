//! One connection: a greeting, then an answer to each frame until one side ends it.

use std::sync::Arc;

use app::pusher::close;
use app::pusher::frame::{CLIENT, Established, Frame, Subscription};
use bytes::Bytes;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use serde_json::json;

use crate::AppState;
use crate::hub::limits::{ACTIVITY_TIMEOUT, CLIENT_EVENTS_PER_SECOND, FRAMES_AT_ONCE, FRAMES_PER_SECOND};
use crate::hub::socket::Socket;
use crate::hub::websocket::{self, Decoder, Message};
use crate::hub::{client_event, say, sign_in, subscribe};

/// Says why this client is not served, and waits until it has gone.
pub async fn refuse(socket: &Arc<Socket>, code: u16, sentence: &str) {
    say(socket, &Frame::error(Some(code), sentence));
    socket.close(code);
    let mut decoder = Decoder::default();
    while let Some(Ok(_)) = socket.receive(&mut decoder).await {}
}

/// `early`: what the client has sent behind its handshake.
pub async fn serve(socket: Arc<Socket>, early: Bytes, state: Arc<AppState>) {
    let established = Established { socket_id: socket.id.to_string(), activity_timeout: ACTIVITY_TIMEOUT.as_secs() };
    say(&socket, &Frame::new("pusher:connection_established", established));
    read(&socket, early, &state).await;
    state.hub.0.change(|registry| registry.close(socket.id));
}

/// What a client may send in a second.
struct Limits {
    frames: DefaultDirectRateLimiter,
    client_events: DefaultDirectRateLimiter,
}

// Thousands of these wait at any time: what is large is held only while there is something to answer.
async fn read(socket: &Arc<Socket>, early: Bytes, state: &Arc<AppState>) {
    let limits = Limits {
        frames: RateLimiter::direct(Quota::per_second(FRAMES_PER_SECOND).allow_burst(FRAMES_AT_ONCE)),
        client_events: RateLimiter::direct(Quota::per_second(CLIENT_EVENTS_PER_SECOND)),
    };
    let mut decoder = Decoder::default();
    let mut came = decoder.read(&early);
    drop(early);
    loop {
        match came {
            Err(fault) => socket.close(fault.close_code()),
            Ok(messages) => {
                for message in messages {
                    if limits.frames.check().is_err() {
                        socket.close(close::OVER_CAPACITY);
                        break;
                    }
                    match message {
                        Message::Text(text) => Box::pin(answer(state, socket, &limits, &text)).await,
                        Message::Ping(payload) => socket.send(&websocket::pong(&payload)),
                        Message::Close => return socket.send(&websocket::close(close::NORMAL)),
                        Message::Part | Message::Pong => {}
                    }
                }
            }
        }
        match socket.receive(&mut decoder).await {
            Some(next) => came = next,
            None => return,
        }
    }
}

async fn answer(state: &AppState, socket: &Arc<Socket>, limits: &Limits, text: &str) {
    let Ok(frame) = serde_json::from_str::<Frame>(text) else {
        return say(socket, &Frame::error(None, "This frame is not JSON with an event."));
    };
    match (frame.event.as_str(), frame.payload::<Subscription>()) {
        ("pusher:ping", _) => say(socket, &Frame::new("pusher:pong", json!({}))),
        ("pusher:pong", _) => {}
        ("pusher:signin", _) => sign_in::sign_in(state, socket, &frame),
        ("pusher:subscribe", Ok(wanted)) => subscribe::subscribe(state, socket, wanted).await,
        ("pusher:unsubscribe", Ok(wanted)) => {
            state.hub.0.change(|registry| registry.unsubscribe(socket.id, &wanted.channel));
        }
        ("pusher:subscribe" | "pusher:unsubscribe", Err(_)) => {
            say(socket, &Frame::error(None, "The data names no channel."));
        }
        (event, _) if event.starts_with(CLIENT) => {
            let too_often = limits.client_events.check().is_err();
            client_event::send(&state.hub.0, socket, frame, too_often);
        }
        _ => say(socket, &Frame::error(None, "This event is not known.")),
    }
}
