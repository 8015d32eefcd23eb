//! What the line does about each event: connects, subscribes, hands notices on, catches up, connects again. It decides, and
//! leaves what is to be done outside to whoever runs it: in a page `browser`, in the tests of the server a plain program.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::error::{Error, Kind};
use crate::listen::api::Missed;
use crate::listen::channels::Channels;
use crate::listen::connection::{Checked, Connection, DIAL_TIMEOUT, WAKE_TIMEOUT};
use crate::listen::event::{Event, Task};
use crate::listen::line::Status;
use crate::listen::presence::{Change, Presence};
use crate::listen::{MAX_OBJECTS, NOTICES_PAGE, backoff};
use crate::object::{Action, After, Notice, Object};
use crate::pusher::frame::{Frame, Subscription, SubscriptionError, Succeeded};
use crate::pusher::rest::Verdict;
use crate::pusher::{MAX_CHANNELS_PER_AUTH, channel, close, frame};

/// Milliseconds before a request that did not get through is made again.
const AGAIN: u32 = 2_000;
/// Milliseconds before a page asks again to be present where it was refused: there may be a place by then.
const PRESENT_AGAIN: u32 = 30_000;

pub struct Switchboard {
    /// A number in 0..1, another one at each call.
    random: fn() -> f64,
    channels: Channels,
    connection: Connection,
    presence: Presence,
    /// Channels that wait for a signature.
    wanting: BTreeSet<String>,
    /// Objects on which somebody has missed something.
    missing: BTreeSet<Object>,
    /// Objects that are being caught up on, and whether somebody fell behind again meanwhile.
    catching_up: BTreeMap<Object, bool>,
    /// Notices of large rooms, which wait for their moment.
    waiting: BTreeMap<Object, Vec<Notice>>,
    tasks: Vec<Task>,
}

impl Switchboard {
    /// `random`: a number in 0..1, another one at each call.
    pub fn new(random: fn() -> f64) -> Self {
        Self {
            random,
            channels: Channels::default(),
            connection: Connection::default(),
            presence: Presence::default(),
            wanting: BTreeSet::new(),
            missing: BTreeSet::new(),
            catching_up: BTreeMap::new(),
            waiting: BTreeMap::new(),
            tasks: Vec::new(),
        }
    }

    /// Takes in what has happened, and returns what is to be done now, in order.
    pub fn handle(&mut self, event: Event) -> Vec<Task> {
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
            Event::Overdue(number) if number == current && self.connection.is_overdue() => self.closed(close::ABNORMAL),
            Event::Dial(_)
            | Event::Opened(..)
            | Event::Frame(..)
            | Event::Say(..)
            | Event::Closed(..)
            | Event::Refused(..)
            | Event::Authorised(..)
            | Event::Reconsider(_)
            | Event::Check(_)
            | Event::Overdue(_) => {}
        }
        std::mem::take(&mut self.tasks)
    }

    fn want(&mut self, channel: String) {
        self.wanting.insert(channel);
        if self.connection.is_idle() {
            self.dial();
        } else if self.connection.is_established() {
            // Behind the events that wait already, so that one request asks for all of them.
            self.later(0, Event::Authorise);
        }
    }

    fn unsubscribe(&mut self, object: Object) {
        self.missing.remove(&object);
        self.tasks.push(Task::Refuse(object, None));
        self.leave(channel::of(object));
    }

    fn leave(&mut self, channel: String) {
        self.wanting.remove(&channel);
        let subscription = Subscription { channel, auth: None, channel_data: None };
        self.connection.send(Frame::plain("pusher:unsubscribe", subscription));
    }

    fn presence(&mut self, change: Change) {
        match change {
            Change::Attend(object) => self.want(channel::presence_of(object)),
            Change::Depart(object) => self.leave(channel::presence_of(object)),
            Change::Type { .. } | Change::TellAgain(_) | Change::TypingEnds(..) => {}
        }
        self.tasks.extend(self.presence.change(change, &self.connection));
    }

    /// A connection that waits is tried at once. One that seems to live is asked whether it does, and what was said is asked
    /// for all the same: a page that slept may have been left out.
    fn wake(&mut self) {
        if self.connection.is_waiting() {
            self.dial();
        } else if self.connection.is_established() {
            self.connection.ping();
            self.later(WAKE_TIMEOUT, Event::Overdue(self.connection.number));
            let objects: Vec<Object> = self.channels.objects().collect();
            objects.into_iter().for_each(|object| self.catch_up(object));
        }
    }

    fn dial(&mut self) {
        let number = self.connection.dial();
        self.tasks.push(Task::Dial(number));
        self.later(DIAL_TIMEOUT, Event::Overdue(number));
    }

    /// Lets go of the connection. The next is tried after a pause, or when the page wakes up.
    fn closed(&mut self, code: u16) {
        if code == close::UNAUTHORISED && self.connection.is_established() {
            // The session may be over, or some right has changed: the server tells when it is asked for the key.
            return self.dial();
        }
        self.tasks.push(Task::Show(Status::Lost));
        self.tasks.extend(self.presence.lost());
        let number = self.connection.wait();
        let pause = backoff::delay(self.connection.failures, code, (self.random)());
        self.connection.failures += 1;
        self.later(pause, Event::Dial(number));
    }

    fn not_admitted(&mut self, error: Error) {
        self.connection.refused();
        let signed_out = error.kind == Kind::SignedOut;
        self.tasks.push(Task::Show(if signed_out { Status::SignedOut } else { Status::Refused(error.sentence) }));
    }

    fn frame(&mut self, frame: Frame) {
        self.connection.heard();
        if let Some(notice) = frame.notice() {
            return self.hear_in_time(notice, frame.spread);
        }
        if let Some(object) = frame.channel.as_deref().and_then(channel::presence_object) {
            if frame.event == "pusher:subscription_error" {
                self.later(PRESENT_AGAIN, Event::Reconsider(channel::presence_of(object)));
            }
            return self.tasks.extend(self.presence.hear(object, &frame));
        }
        let object = frame.channel.as_deref().and_then(channel::object);
        match (frame.event.as_str(), object) {
            (frame::ESTABLISHED, _) => self.established(&frame),
            ("pusher:ping", _) => self.connection.send(Frame::plain("pusher:pong", ())),
            ("pusher_internal:subscription_succeeded", Some(object)) => {
                self.tasks.push(Task::Refuse(object, None));
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
                self.refuse(object, sentence);
                self.later(AGAIN, Event::Reconsider(channel::of(object)));
            }
            // A program has notified the service itself: without a number nobody knows what was missed before.
            (action, Some(object)) if action.parse::<Action>().is_ok() => self.channels.afresh(object),
            _ => {}
        }
    }

    fn established(&mut self, frame: &Frame) {
        let Ok(established) = frame.payload() else { return };
        self.connection.established(established);
        self.tasks.push(Task::Show(Status::Live));
        self.wanting = self.channels.objects().map(channel::of).chain(self.presence.channels()).collect();
        self.authorise();
        self.check();
    }

    fn authorise(&mut self) {
        let Some(socket_id) = self.connection.socket_id().map(str::to_owned) else { return };
        let channels: Vec<String> = std::mem::take(&mut self.wanting).into_iter().collect();
        for some in channels.chunks(MAX_CHANNELS_PER_AUTH) {
            let (number, socket_id) = (self.connection.number, socket_id.clone());
            self.tasks.push(Task::Authorise { number, socket_id, channels: some.to_vec() });
        }
    }

    fn authorised(&mut self, channels: Vec<String>, answer: Result<HashMap<String, Verdict>, Error>) {
        let verdicts = match answer {
            Ok(verdicts) => verdicts,
            Err(error) if error.may_pass() => {
                self.wanting.extend(channels);
                return self.later(AGAIN, Event::Authorise);
            }
            // Somebody else, or nobody, is at this browser now: a new connection finds out who.
            Err(_) => return self.closed(close::ABNORMAL),
        };
        for (channel, verdict) in verdicts {
            let object = channel::object(&channel);
            match verdict {
                Verdict::Granted { auth, channel_data } if self.is_heard(&channel) => {
                    let subscription = Subscription { channel, auth: Some(auth), channel_data };
                    self.connection.send(Frame::plain("pusher:subscribe", subscription));
                }
                Verdict::Granted { .. } => {}
                Verdict::Denied { error } => object.into_iter().for_each(|object| self.refuse(object, error.clone())),
            }
        }
    }

    /// Whether somebody on this page still asks for the channel.
    fn is_heard(&self, name: &str) -> bool {
        channel::object(name).is_some_and(|object| self.channels.lowest(object).is_some())
            || self.presence.channels().any(|channel| channel == name)
    }

    fn refuse(&mut self, object: Object, sentence: String) {
        self.tasks.push(Task::Refuse(object, Some(sentence)));
        self.channels.afresh(object);
    }

    /// In a large room each listener takes a moment of its own, so that not all of them reload at once.
    fn hear_in_time(&mut self, notice: Notice, spread: u32) {
        let object = notice.object;
        if let Some(waiting) = self.waiting.get_mut(&object) {
            waiting.push(notice);
        } else if spread == 0 {
            self.hear(&notice);
        } else {
            self.waiting.insert(object, vec![notice]);
            self.later((f64::from(spread) * (self.random)()) as u32, Event::Hear(object));
        }
    }

    fn hear(&mut self, notice: &Notice) {
        if self.channels.hear(notice) {
            self.catch_up(notice.object);
        }
    }

    fn catch_up(&mut self, object: Object) {
        if let Some(again) = self.catching_up.get_mut(&object) {
            *again = true;
        } else if self.missing.insert(object) && self.missing.len() == 1 {
            self.later(0, Event::CatchUp);
        }
    }

    fn ask_for_missing(&mut self) {
        let number = |object| Some((object, self.channels.lowest(object)?));
        let missing: Vec<_> = std::mem::take(&mut self.missing).into_iter().filter_map(number).collect();
        self.catching_up.extend(missing.iter().map(|(object, _)| (*object, false)));
        self.tasks.extend(missing.chunks(MAX_OBJECTS).map(|some| Task::CatchUp(some.to_vec())));
    }

    fn caught_up(&mut self, objects: Vec<Object>, answer: Result<Missed, Error>) {
        let mut missed = match answer {
            Ok(missed) => missed,
            Err(error) => {
                self.catching_up.retain(|object, _| !objects.contains(object));
                if error.may_pass() {
                    self.missing.extend(objects);
                    self.later(AGAIN, Event::CatchUp);
                }
                // Otherwise this person may listen to nothing any more, and the connection has heard so.
                return;
            }
        };
        for object in objects {
            let mut again = self.catching_up.remove(&object).unwrap_or_default();
            match missed.remove(&object) {
                Some(Ok(After::Notices(notices))) => {
                    for notice in &notices {
                        self.channels.hear(notice);
                    }
                    again |= notices.len() >= NOTICES_PAGE;
                }
                Some(Ok(After::TooOld { seq })) => self.channels.start_again(object, seq),
                Some(Err(refused)) => self.refuse(object, refused.sentence),
                None => {}
            }
            if again {
                self.catch_up(object);
            }
        }
    }

    /// Pings after a silence, and gives the connection up when no answer comes.
    fn check(&mut self) {
        match self.connection.check() {
            Checked::Alive(pause) | Checked::Asked(pause) => self.later(pause, Event::Check(self.connection.number)),
            Checked::Dead => self.closed(close::ABNORMAL),
        }
    }

    fn later(&mut self, millis: u32, event: Event) {
        self.tasks.push(Task::Later(millis, event));
    }
}
