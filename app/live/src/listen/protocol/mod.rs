//! What the client does about each event: connects, subscribes, hands notices on, catches up, connects again. It decides, and
//! leaves what is to be done outside to whoever runs it: in a page `browser`, in the tests of the server a plain program.

mod catching_up;
mod subscribing;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::error::{Error, Kind};
use crate::listen::backoff;
use crate::listen::channels::Channels;
use crate::listen::connection::{Checked, Connection, DIAL_TIMEOUT, NO_PING, WAKE_TIMEOUT};
use crate::listen::event::{Change, Command, Event, Status};
use crate::listen::presence::Presence;
use crate::object::{Action, Notice, Object};
use crate::pusher::frame::{Frame, SubscriptionError, Succeeded};
use crate::pusher::{channel, close, frame};

/// After this a request that did not get through is made again.
const AGAIN: Duration = Duration::from_secs(2);
/// After this a page asks again to be present where it was refused: there may be a place by then.
const PRESENT_AGAIN: Duration = Duration::from_secs(30);

/// The client of a page as a state machine: [`Event`]s go in, [`Command`]s come out.
pub struct Protocol {
    /// A number in 0..1, another one at each call.
    random: fn() -> f64,
    channels: Channels,
    connection: Connection,
    presence: Presence,
    /// Channels that wait for a signature.
    wanting: BTreeSet<String>,
    /// Objects whose channels were subscribed to on this connection.
    subscribed: BTreeSet<Object>,
    /// How often each channel was refused in a row.
    refusals: BTreeMap<String, u32>,
    /// Objects on which somebody has missed something.
    missing: BTreeSet<Object>,
    /// Objects that are being caught up on, and whether somebody fell behind again meanwhile.
    catching_up: BTreeMap<Object, bool>,
    /// Notices that wait, because the server has much to do.
    waiting: BTreeMap<Object, Vec<Notice>>,
    commands: Vec<Command>,
}

impl Protocol {
    /// `random`: a number in 0..1, another one at each call.
    pub fn new(random: fn() -> f64) -> Self {
        Self {
            random,
            channels: Channels::default(),
            connection: Connection::default(),
            presence: Presence::default(),
            wanting: BTreeSet::new(),
            subscribed: BTreeSet::new(),
            refusals: BTreeMap::new(),
            missing: BTreeSet::new(),
            catching_up: BTreeMap::new(),
            waiting: BTreeMap::new(),
            commands: Vec::new(),
        }
    }

    /// Takes in what has happened, and returns what is to be done now, in order.
    pub fn handle(&mut self, event: Event) -> Vec<Command> {
        let current = self.connection.number;
        match event {
            Event::Listen(listener) => {
                let object = listener.object;
                if self.channels.add(listener) {
                    self.want(channel::of(object));
                } else if self.channels.behind(object, self.channels.highest(object)) {
                    // A channel that is open already does not tell its seq again; its other listeners know.
                    self.catch_up(object);
                }
            }
            Event::Unlisten(id) => {
                if let Some(object) = self.channels.remove(id) {
                    self.unsubscribe(object);
                }
            }
            Event::Presence(change) => self.presence(change),
            Event::Wake => self.wake(),
            Event::Dial(number) if number == current => self.dial(),
            Event::Opened(number, outgoing) if number == current => self.connection.opened(outgoing),
            Event::Frame(number, frame) if number == current => self.frame(frame),
            Event::Say(number, frame) if number == current => self.connection.send(frame),
            Event::Closed(number, code) if number == current => self.closed(code),
            Event::Refused(number, error) if number == current => self.not_admitted(error),
            Event::Authorise => self.authorise(),
            Event::Authorised(number, channels, answer) if number == current => self.authorised(channels, answer),
            Event::CatchUp => self.ask_for_missing(),
            Event::CaughtUp(objects, answer) => self.caught_up(objects, answer),
            Event::Hear(object) => self.waiting.remove(&object).into_iter().flatten().for_each(|n| self.hear(&n)),
            Event::Reconsider(channel) if self.is_heard(&channel) => self.want(channel),
            Event::Check(number) if number == current => self.check(),
            Event::Overdue(number, ping) if number == current && self.connection.is_overdue(ping) => {
                self.closed(close::ABNORMAL);
            }
            Event::Dial(_)
            | Event::Opened(..)
            | Event::Frame(..)
            | Event::Say(..)
            | Event::Closed(..)
            | Event::Refused(..)
            | Event::Authorised(..)
            | Event::Reconsider(_)
            | Event::Check(_)
            | Event::Overdue(..) => {}
        }
        std::mem::take(&mut self.commands)
    }

    fn presence(&mut self, change: Change) {
        match change {
            Change::Attend(object) => self.want(channel::presence_of(object)),
            Change::Depart(object) => self.leave(channel::presence_of(object)),
            Change::Type { .. } | Change::TellAgain(_) | Change::TypingEnds(..) => {}
        }
        self.commands.extend(self.presence.change(change, &self.connection));
    }

    /// A connection that waits is tried at once. One that is being made was perhaps begun on a network that is gone: it is
    /// begun again. One that seems to live is asked whether it does, and what was said is asked
    /// for all the same: a page that slept may have been left out.
    fn wake(&mut self) {
        if self.connection.is_waiting() || self.connection.is_dialling() {
            self.dial();
        } else if self.connection.is_established() {
            let ping = self.connection.ping();
            self.later(WAKE_TIMEOUT, Event::Overdue(self.connection.number, ping));
            let objects: Vec<Object> = self.channels.objects().collect();
            objects.into_iter().for_each(|object| self.catch_up(object));
        }
    }

    fn dial(&mut self) {
        let number = self.connection.dial();
        self.commands.push(Command::Dial(number));
        self.later(DIAL_TIMEOUT, Event::Overdue(number, NO_PING));
    }

    /// Lets go of the connection. The next is tried after a pause, or when the page wakes up.
    fn closed(&mut self, code: u16) {
        if code == close::UNAUTHORISED && self.connection.is_established() && self.connection.failures == 0 {
            self.connection.failures = 1;
            // The session may be over, or some right has changed: the server tells when it is asked for the key.
            return self.dial();
        }
        self.commands.push(Command::Show(Status::Lost));
        self.commands.extend(self.presence.lost());
        let number = self.connection.wait();
        let pause = backoff::delay(self.connection.failures, code, (self.random)());
        self.connection.failures += 1;
        self.later(pause, Event::Dial(number));
    }

    fn not_admitted(&mut self, error: Error) {
        self.connection.refused();
        let signed_out = error.kind == Kind::SignedOut;
        self.commands.push(Command::Show(if signed_out { Status::SignedOut } else { Status::Refused(error.sentence) }));
    }

    fn frame(&mut self, frame: Frame) {
        self.connection.heard();
        if let Some(notice) = frame.notice() {
            return self.hear_in_time(notice, frame.jitter);
        }
        if let Some(object) = frame.channel.as_deref().and_then(channel::presence_object) {
            if frame.event == "pusher:subscription_error" {
                self.later(PRESENT_AGAIN, Event::Reconsider(channel::presence_of(object)));
            }
            return self.commands.extend(self.presence.hear(object, &frame));
        }
        let object = frame.channel.as_deref().and_then(channel::object);
        match (frame.event.as_str(), object) {
            (frame::ESTABLISHED, _) => self.established(&frame),
            ("pusher:ping", _) => self.connection.send(Frame::plain("pusher:pong", ())),
            ("pusher_internal:subscription_succeeded", Some(object)) => {
                self.granted(object);
                let Succeeded { seq } = frame.payload().unwrap_or_default();
                // A hub that does not tell the seq may be ahead: ask.
                if seq.is_none_or(|seq| self.channels.behind(object, seq)) {
                    self.catch_up(object);
                }
            }
            ("pusher:subscription_error", Some(object)) => {
                let sentence = frame
                    .payload()
                    .map_or_else(|_| "Live updates were refused.".to_owned(), |e: SubscriptionError| e.error);
                self.refuse_for_now(object, sentence);
            }
            // A program has notified the service itself: without a number nobody knows what was missed before.
            (action, Some(object)) if action.parse::<Action>().is_ok() => self.channels.afresh(object),
            _ => {}
        }
    }

    fn established(&mut self, frame: &Frame) {
        let Ok(established) = frame.payload() else { return };
        self.connection.established(established);
        self.commands.push(Command::Show(Status::Live));
        self.subscribed.clear();
        self.wanting = self.channels.objects().map(channel::of).chain(self.presence.channels()).collect();
        self.authorise();
        self.check();
    }

    /// Pings after a silence, and gives the connection up when no answer comes.
    fn check(&mut self) {
        match self.connection.check() {
            Checked::Alive(pause) | Checked::Asked(pause) => self.later(pause, Event::Check(self.connection.number)),
            Checked::Dead => self.closed(close::ABNORMAL),
        }
    }

    fn later(&mut self, pause: Duration, event: Event) {
        self.commands.push(Command::Later(pause, event));
    }
}
