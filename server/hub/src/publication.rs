//! What is brought to listeners.

use std::sync::Arc;

use bytes::Bytes;
use earshot_live::pusher::frame::Frame;

use crate::bytes;
use crate::socket::SocketId;

/// A frame for everyone on a channel.
pub struct Publication {
    pub channel: Arc<str>,
    pub frame: Bytes,
    /// Who has sent it, and does not want it back.
    pub except: Option<SocketId>,
    /// The number of a piece of news about who is present: of old news a newcomer, who was told who is, hears nothing.
    pub news: u64,
}

impl Publication {
    pub fn new(channel: impl Into<Arc<str>>, frame: &Frame, except: Option<SocketId>) -> Self {
        Self::of_bytes(channel.into(), bytes(frame), except)
    }

    pub fn of_bytes(channel: Arc<str>, frame: Bytes, except: Option<SocketId>) -> Self {
        Self { channel, frame, except, news: u64::MAX }
    }
}
