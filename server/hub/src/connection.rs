//! One connection: a greeting, then an answer to each frame until one side ends it.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use earshot_live::pusher::close;
use earshot_live::pusher::frame::{CLIENT, ESTABLISHED, Established, Frame, Subscribe};
use governor::clock::MonotonicClock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;

use crate::Context;
use crate::limits::{ACTIVITY_TIMEOUT, CLIENT_EVENTS_PER_SECOND, FRAMES_AT_ONCE, FRAMES_PER_SECOND};
use crate::socket::Socket;
use crate::websocket::{self, Decoder, Received};
use crate::{client_event, say, sign_in, subscribe};

/// A close code with a sentence.
pub type Why = (u16, &'static str);

/// Says why this client is not served.
pub async fn refuse(socket: &Arc<Socket>, (code, sentence): Why, place: OwnedSemaphorePermit) {
    say(socket, &Frame::error(Some(code), sentence));
    part(socket, code, Some(place)).await;
}

/// `early`: what the client has sent behind its handshake.
pub async fn serve(socket: Arc<Socket>, early: Bytes, context: Arc<Context>) {
    let established = Established { socket_id: socket.id.to_string(), activity_timeout: ACTIVITY_TIMEOUT.as_secs() };
    say(&socket, &Frame::new(ESTABLISHED, established));
    let why = read(&socket, early, &context).await;
    context.hub.change(|registry| registry.close(socket.id));
    if let Some(code) = why {
        part(&socket, code, context.hub.parting()).await;
    }
}

/// Ends the connection with this code, and waits until the client has gone, as long as there is a place for that.
async fn part(socket: &Arc<Socket>, code: u16, place: Option<OwnedSemaphorePermit>) {
    socket.close(code);
    while place.is_some() && socket.receive(&mut Decoder::default()).await.is_some() {}
}

// The clock of governor's own choice asks the processor what it can, which takes longer than all else of a connection.
type Limiter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<Instant>>;

/// What a client may send in a second.
pub struct ConnectionLimits {
    frames: Limiter,
    client_events: Limiter,
}

impl ConnectionLimits {
    pub fn new() -> Self {
        let limiter = |quota| Limiter::direct_with_clock(quota, MonotonicClock);
        Self {
            frames: limiter(Quota::per_second(FRAMES_PER_SECOND).allow_burst(FRAMES_AT_ONCE)),
            client_events: limiter(Quota::per_second(CLIENT_EVENTS_PER_SECOND)),
        }
    }
}

/// Answers until the client has gone, or is to go: then with the code that says why.
// Thousands of these wait at any time: what is large is held only while there is something to answer.
async fn read(socket: &Arc<Socket>, early: Bytes, context: &Arc<Context>) -> Option<u16> {
    let limits = ConnectionLimits::new();
    let mut decoder = Decoder::default();
    let mut came = decoder.read(&early);
    drop(early);
    loop {
        let messages = match came {
            Ok(messages) => messages,
            Err(fault) => return Some(fault.close_code()),
        };
        for message in messages {
            if limits.frames.check().is_err() {
                return Some(close::OVER_CAPACITY);
            }
            match message {
                Received::Text(text) => {
                    if let Some(code) = Box::pin(answer(context, socket, &limits, &text)).await {
                        return Some(code);
                    }
                }
                Received::Ping(payload) => socket.send(&websocket::pong(&payload)),
                Received::Close => return Some(close::NORMAL),
                Received::Part | Received::Pong => {}
            }
        }
        came = socket.receive(&mut decoder).await?;
    }
}

/// Answers one frame. A client that is to go for it does so with the code that is returned.
pub async fn answer(context: &Context, socket: &Arc<Socket>, limits: &ConnectionLimits, text: &str) -> Option<u16> {
    let Ok(frame) = serde_json::from_str::<Frame>(text) else {
        say(socket, &Frame::error(None, "This frame is not JSON with an event."));
        return None;
    };
    match (frame.event.as_str(), frame.payload::<Subscribe>()) {
        ("pusher:ping", _) => say(socket, &Frame::new("pusher:pong", json!({}))),
        ("pusher:pong", _) => {}
        ("pusher:signin", _) => return sign_in::sign_in(context, socket, &frame),
        ("pusher:subscribe", Ok(wanted)) => subscribe::subscribe(context, socket, wanted).await,
        ("pusher:unsubscribe", Ok(wanted)) => {
            context.hub.change(|registry| registry.unsubscribe(socket.id, &wanted.channel));
        }
        ("pusher:subscribe" | "pusher:unsubscribe", Err(_)) => {
            say(socket, &Frame::error(None, "The data names no channel."));
        }
        (event, _) if event.starts_with(CLIENT) => {
            let too_often = limits.client_events.check().is_err();
            client_event::send(&context.hub, socket, frame, too_often);
        }
        _ => say(socket, &Frame::error(None, "This event is not known.")),
    }
    None
}
