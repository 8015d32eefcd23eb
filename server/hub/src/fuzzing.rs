//! Handles for the fuzz targets, which stand outside.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::net::UnixStream;
use tokio::task::yield_now;

use crate::Context;
use crate::connection::{ConnectionLimits, answer};
use crate::limits::MAX_FRAME;
use crate::socket::Socket;
use crate::stream::Stream;
use crate::websocket::{Decoder, Fault, Received};

/// Turns in which tasks get done what one conversation has left them.
const TURNS: usize = 4;

/// What became of some bytes.
pub struct Decoded {
    /// What could be read.
    pub messages: Vec<Received>,
    /// Why the rest could not.
    pub fault: Option<Fault>,
    /// Bytes that wait for what belongs to them.
    pub kept: usize,
}

/// What the decoder makes of these pieces, up to its first fault.
pub fn decode(pieces: &[&[u8]]) -> Decoded {
    let mut decoder = Decoder::default();
    let mut messages = Vec::new();
    let mut fault = None;
    for piece in pieces {
        match decoder.read(piece) {
            Ok(more) => messages.extend(more),
            Err(found) => {
                fault = Some(found);
                break;
            }
        }
    }
    Decoded { messages, fault, kept: decoder.kept() }
}

/// A text that has begun, and a frame of which all but the last byte has come.
pub fn most_kept() -> usize {
    const HEADER: usize = 14;
    2 * MAX_FRAME + HEADER
}

/// A client that is connected, and never reads.
pub struct Client {
    context: Arc<Context>,
    socket: Arc<Socket>,
    limits: ConnectionLimits,
    _far: UnixStream,
}

impl Client {
    /// One that is connected.
    ///
    /// # Panics
    /// When the system has no pipe to give, or the hub no place.
    #[expect(clippy::expect_used)]
    pub fn connect(context: &Arc<Context>) -> Self {
        let (near, far) = UnixStream::pair().expect("a pipe");
        let socket = Socket::new(Stream::Pipe(near));
        assert!(context.hub.registry().open(socket.clone(), IpAddr::from([127, 0, 0, 1])), "there is a place");
        Self { context: context.clone(), socket, limits: ConnectionLimits::new(), _far: far }
    }

    /// Sends this, and is answered.
    pub async fn says(&self, text: &str) {
        answer(&self.context, &self.socket, &self.limits, text).await;
    }

    /// Goes, once what was published has been brought.
    pub async fn leaves(self) {
        self.context.hub.change(|registry| registry.close(self.socket.id));
        for _ in 0..TURNS {
            yield_now().await;
        }
    }
}
