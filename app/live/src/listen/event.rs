//! What can happen to the client of a page, and what it asks for in return.

use std::collections::HashMap;
use std::time::Duration;

use futures::channel::mpsc::UnboundedSender;
use serde_json::Value;

use crate::error::Error;
use crate::listen::channels::{Listener, ListenerId};
use crate::object::Object;
use crate::pusher::frame::Frame;
use crate::pusher::rest::{Missed, Verdict};

/// Connections are numbered: what an earlier one still reports is of no interest.
pub enum Event {
    /// A page listens to an object, too.
    Listen(Listener),
    /// It does no longer.
    Unlisten(ListenerId),
    /// The page is looked at again, or the device is online again.
    Wake,
    /// The pause after a lost connection is over.
    Dial(u32),
    /// A connection is there, and takes frames.
    Opened(u32, UnboundedSender<Frame>),
    /// A frame has come.
    Frame(u32, Frame),
    /// To be sent.
    Say(u32, Frame),
    /// A connection has ended, with this close code.
    Closed(u32, u16),
    /// The server admits nobody like this person.
    Refused(u32, Error),
    /// Ask for signatures, in one request for all who came in the same moment.
    Authorise,
    /// What was answered about these channels.
    Authorised(u32, Vec<String>, Result<HashMap<String, Verdict>, Error>),
    /// Ask for what was missed, in one request for all who did.
    CatchUp,
    /// What was answered about these objects.
    CaughtUp(Vec<Object>, Result<Missed, Error>),
    /// What waited for its moment is heard now.
    Hear(Object),
    /// Somebody comes, goes, or types.
    Presence(Change),
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
    Authorise {
        /// The connection's.
        number: u32,
        /// By which the server knows it.
        socket_id: String,
        /// Their names.
        channels: Vec<String>,
    },
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

/// How the client is doing, for those who look at the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody listens, or the first connection is being made.
    Idle,
    /// Connected: what is committed is heard.
    Live,
    /// The connection was lost; the client tries to get it back by itself.
    Lost,
    /// The server does not admit this person to live updates, and says why.
    Refused(String),
    /// The session is over: nothing of the inside is to be seen any more.
    SignedOut,
}

/// Somebody who is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    /// The user's id, as the program has signed for it.
    pub user: String,
    /// What the program tells of the user.
    pub info: Value,
    /// Whether they type at this moment.
    pub typing: bool,
}

/// What a page does at an object, and what follows from it.
pub enum Change {
    /// This page shows the object.
    Attend(Object),
    /// It shows it no longer.
    Depart(Object),
    /// `me`, who is at this page, types there, or has ceased to.
    Type {
        /// Where.
        object: Object,
        /// By which the program knows who is at this page.
        me: String,
        /// Whether they do so now.
        typing: bool,
    },
    /// Others may be told again.
    TellAgain(Object),
    /// Nothing was heard of somebody's typing since this number.
    TypingEnds(Object, String, u32),
}
