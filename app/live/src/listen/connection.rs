//! The latest connection, made or lost, and what is known of it.

use std::time::Duration;

use futures::channel::mpsc::UnboundedSender;

use crate::pusher::frame::{Established, Frame};

/// How long to wait for a pong (protocol 7).
const PONG_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait for one when the page wakes up: somebody is looking.
pub const WAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Seconds of silence after which to ask, whatever the server has named.
const MAX_ACTIVITY_TIMEOUT: u64 = 3_600;
/// What is overdue is no answer to a ping.
pub const NO_PING: u32 = 0;
/// In this time a connection has to be made.
pub const DIAL_TIMEOUT: Duration = Duration::from_secs(15);

/// The latest connection of a page.
#[derive(Default)]
pub struct Connection {
    /// Connections are numbered: what an earlier one still reports is of no interest.
    pub number: u32,
    phase: Phase,
    /// The silence after which to ask whether the server is still there.
    activity_timeout: Duration,
    /// Frames were heard since the last check.
    heard: bool,
    /// Counts the pings.
    pings: u32,
    /// The first ping since which nothing was heard.
    unanswered: Option<u32>,
    /// The ping that the last check has sent.
    asked: Option<u32>,
    /// Tries in a row that have led to nothing.
    pub failures: u32,
}

#[derive(Default)]
enum Phase {
    /// Nobody has listened yet.
    #[default]
    Idle,
    /// The next try waits for its time.
    Waiting,
    Dialling,
    Opened(UnboundedSender<Frame>),
    Established {
        outgoing: UnboundedSender<Frame>,
        socket_id: String,
    },
    /// Whoever is at this page is not admitted.
    Refused,
}

/// What a look at the connection asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It lives: look again after this time.
    Alive(Duration),
    /// It was silent and is asked with a ping: look again after this time.
    Asked(Duration),
    /// The ping was not answered.
    Dead,
}

impl Connection {
    pub fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Idle)
    }

    pub fn is_waiting(&self) -> bool {
        matches!(self.phase, Phase::Waiting)
    }

    pub fn is_dialling(&self) -> bool {
        matches!(self.phase, Phase::Dialling | Phase::Opened(_))
    }

    pub fn is_established(&self) -> bool {
        matches!(self.phase, Phase::Established { .. })
    }

    /// Whether an answer to this ping is still awaited, or to the dialling. A later ping has its own time.
    pub fn is_overdue(&self, ping: u32) -> bool {
        if self.is_dialling() { ping == NO_PING } else { self.unanswered.is_some_and(|first| first <= ping) }
    }

    pub fn socket_id(&self) -> Option<&str> {
        match &self.phase {
            Phase::Established { socket_id, .. } => Some(socket_id),
            Phase::Idle | Phase::Waiting | Phase::Dialling | Phase::Opened(_) | Phase::Refused => None,
        }
    }

    /// Lets go of what was before; the new number tells its reports from those of the next.
    pub fn dial(&mut self) -> u32 {
        self.begin(Phase::Dialling)
    }

    /// Lets go of what was before, until it is time to dial.
    pub fn wait(&mut self) -> u32 {
        self.begin(Phase::Waiting)
    }

    /// Lets go of what was before, for good.
    pub fn refused(&mut self) {
        self.begin(Phase::Refused);
    }

    fn begin(&mut self, phase: Phase) -> u32 {
        self.number += 1;
        self.phase = phase;
        (self.heard, self.unanswered, self.asked) = (false, None, None);
        self.number
    }

    pub fn opened(&mut self, outgoing: UnboundedSender<Frame>) {
        self.phase = Phase::Opened(outgoing);
    }

    pub fn established(&mut self, Established { socket_id, activity_timeout }: Established) {
        match std::mem::take(&mut self.phase) {
            Phase::Opened(outgoing) => {
                self.phase = Phase::Established { outgoing, socket_id };
                self.activity_timeout = Duration::from_secs(activity_timeout.min(MAX_ACTIVITY_TIMEOUT));
            }
            other => self.phase = other,
        }
    }

    pub fn heard(&mut self) {
        self.heard = true;
        self.unanswered = None;
    }

    pub fn send(&self, frame: Frame) {
        if let Phase::Opened(outgoing) | Phase::Established { outgoing, .. } = &self.phase {
            // A connection that has closed reports it by itself.
            let _ = outgoing.unbounded_send(frame);
        }
    }

    /// Looks after the silence that the server has named.
    pub fn check(&mut self) -> Checked {
        if std::mem::take(&mut self.heard) {
            Checked::Alive(self.activity_timeout)
        } else if self.asked.take().is_some_and(|ping| self.is_overdue(ping)) {
            Checked::Dead
        } else {
            self.asked = Some(self.ping());
            Checked::Asked(PONG_TIMEOUT)
        }
    }

    /// Returns the ping's number.
    pub fn ping(&mut self) -> u32 {
        self.pings += 1;
        self.unanswered.get_or_insert(self.pings);
        self.send(Frame::plain("pusher:ping", serde_json::json!({})));
        self.pings
    }
}

#[cfg(test)]
mod tests {
    use futures::channel::mpsc::{UnboundedReceiver, unbounded};

    use super::*;

    fn established() -> (Connection, UnboundedReceiver<Frame>) {
        let (outgoing, sent) = unbounded();
        let mut connection = Connection::default();
        connection.dial();
        connection.opened(outgoing);
        connection.established(Established { socket_id: "1.2".into(), activity_timeout: 120 });
        connection.heard();
        (connection, sent)
    }

    #[test]
    fn each_ping_has_its_own_time_for_an_answer() {
        let (mut connection, _sent) = established();
        assert!(!connection.is_overdue(NO_PING), "the dialling was answered");
        let first = connection.ping();
        assert!(connection.is_overdue(first));
        connection.heard();
        let second = connection.ping();
        assert!(!connection.is_overdue(first));
        assert!(connection.is_overdue(second));
        // Others who ask meanwhile make no silence shorter.
        connection.heard();
        connection.check();
        connection.ping();
        assert_eq!(connection.check(), Checked::Asked(PONG_TIMEOUT));
        connection.ping();
        assert_eq!(connection.check(), Checked::Dead);
    }

    #[test]
    fn a_silent_connection_is_asked_once_and_then_given_up() {
        let (mut connection, mut sent) = established();
        assert_eq!(connection.check(), Checked::Alive(Duration::from_secs(120)));
        assert_eq!(connection.check(), Checked::Asked(PONG_TIMEOUT));
        assert_eq!(sent.try_recv().unwrap().event, "pusher:ping");
        connection.heard();
        assert_eq!(connection.check(), Checked::Alive(Duration::from_secs(120)));
        assert_eq!(connection.check(), Checked::Asked(PONG_TIMEOUT));
        assert_eq!(connection.check(), Checked::Dead);
    }
}
