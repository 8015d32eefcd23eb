//! What can happen to the client of a page, and what it asks for in return.

use std::collections::HashMap;
use std::time::Duration;

use futures::channel::mpsc::UnboundedSender;

use crate::error::Error;
use crate::listen::channels::{Listener, ListenerId};
use crate::listen::client::Status;
use crate::listen::presence::{self, Attendee};
use crate::object::Object;
use crate::pusher::frame::Frame;
use crate::pusher::rest::{Missed, Verdict};

/// Connections are numbered: what an earlier one still reports is of no interest.
pub enum Event {
    Listen(Listener),
    Unlisten(ListenerId),
    /// The page is looked at again, or the device is online again.
    Wake,
    /// The pause after a lost connection is over.
    Dial(u32),
    Opened(u32, UnboundedSender<Frame>),
    Frame(u32, Frame),
    /// To be sent.
    Say(u32, Frame),
    Closed(u32, u16),
    /// The server admits nobody like this person.
    Refused(u32, Error),
    /// Ask for signatures, in one request for all who came in the same moment.
    Authorise,
    Authorised(u32, Vec<String>, Result<HashMap<String, Verdict>, Error>),
    /// Ask for what was missed, in one request for all who did.
    CatchUp,
    CaughtUp(Vec<Object>, Result<Missed, Error>),
    /// What waited for its moment is heard now.
    Hear(Object),
    /// Somebody comes, goes, or types.
    Presence(presence::Change),
    /// A subscription was ended. Whoever listens all the same has the right to it again, or still.
    Reconsider(String),
    /// Time to see whether the connection still lives.
    Check(u32),
    /// By now there should have been an answer: to a ping, or to the dialling.
    Overdue(u32, u32),
}

/// What is to be done outside.
pub enum Command {
    /// Find the hub and connect. The connection reports `Opened`, `Frame`, `Closed`, or `Refused`, under this number.
    Dial(u32),
    /// Ask for the signatures of these channels, and report `Authorised`.
    Authorise { number: u32, socket_id: String, channels: Vec<String> },
    /// Ask for what was said on these objects after these numbers, and report `CaughtUp`.
    CatchUp(Vec<(Object, i64)>),
    /// Report this event after this time; without any, behind the events that wait already.
    Later(Duration, Event),
    /// Say who is at the object.
    Present(Object, Vec<Attendee>),
    /// Say how the client is doing.
    Show(Status),
    /// Say why this object cannot be listened to, or that nothing stands in the way any more.
    Refuse(Object, Option<String>),
}
