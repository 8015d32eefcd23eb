//! What can happen to the line of a page.

use std::collections::HashMap;

use futures::channel::mpsc::UnboundedSender;
use serde::Deserialize;

use crate::error::Error;
use crate::listen::channels::{Listener, ListenerId};
use crate::object::{Notice, Object};
use crate::pusher::frame::Frame;

/// Connections are numbered: what an earlier one still reports is of no interest.
pub enum Event {
    Listen(Listener),
    Unlisten(ListenerId),
    /// The pause after a lost connection is over.
    Dial(u32),
    Opened(u32, UnboundedSender<Frame>),
    Frame(u32, Frame),
    Closed(u32, u16),
    /// The server admits nobody like this person.
    Refused(String),
    /// Ask for signatures, in one request for all who came in the same moment.
    Authorise,
    Authorised(u32, Result<HashMap<String, Verdict>, Error>),
    CaughtUp(Object, Result<Vec<Notice>, Error>),
    /// Time to see whether the connection still lives.
    Check(u32),
}

/// What the server says of one channel: a signature, or why not.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Verdict {
    Granted { auth: String },
    Denied { error: String },
}
