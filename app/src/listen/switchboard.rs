//! What the line does about each event: connects, subscribes, hands notices on, catches up, connects again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::channel::mpsc::UnboundedSender;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::error::{Error, Kind};
use crate::listen::channels::Channels;
use crate::listen::line::{Event, Line, Status};
use crate::listen::transport::{self, Verdict};
use crate::listen::{api, backoff};
use crate::object::{Notice, Object};
use crate::pusher::frame::{Established, Frame, Subscription, SubscriptionError, Succeeded};
use crate::pusher::{MAX_CHANNELS_PER_AUTH, channel, frame};

/// Milliseconds to wait for a pong (protocol 7).
const PONG_TIMEOUT: u32 = 30_000;

pub struct Switchboard {
    line: Line,
    channels: Channels,
    connection: Connection,
    /// Objects whose channels wait for a signature.
    wanting: BTreeSet<Object>,
    /// Objects that are being caught up on, and whether somebody fell behind again meanwhile.
    catching_up: BTreeMap<Object, bool>,
}

/// The latest connection, and what is known of it.
#[derive(Default)]
struct Connection {
    /// Connections are numbered: what an earlier one still reports is of no interest.
    number: u32,
    phase: Phase,
    /// Seconds of silence after which to ask whether the server is still there.
    activity_timeout: u64,
    /// Frames were heard since the last check.
    heard: bool,
    /// A ping was sent after a silence, and nothing was heard since.
    pinged: bool,
    /// Tries in a row that did not connect.
    failures: u32,
}

#[derive(Default)]
enum Phase {
    /// Nobody has listened yet.
    #[default]
    Idle,
    Dialling,
    Opened(UnboundedSender<Frame>),
    Established {
        outgoing: UnboundedSender<Frame>,
        socket_id: String,
    },
}

impl Switchboard {
    pub fn new(line: Line) -> Self {
        Self {
            line,
            channels: Channels::default(),
            connection: Connection::default(),
            wanting: BTreeSet::new(),
            catching_up: BTreeMap::new(),
        }
    }

    pub fn handle(&mut self, event: Event) {
        let current = self.connection.number;
        match event {
            Event::Listen(listener) => {
                let object = listener.object;
                if self.channels.add(listener) {
                    self.want(object);
                } else {
                    // A channel that is open already does not tell its seq again; its other listeners know.
                    self.catch_up_to(object, self.channels.highest(object));
                }
            }
            Event::Unlisten(id) => {
                if let Some(object) = self.channels.remove(id) {
                    self.unsubscribe(object);
                }
            }
            Event::Dial => self.dial(),
            Event::Opened(number, outgoing) if number == current => self.connection.phase = Phase::Opened(outgoing),
            Event::Frame(number, frame) if number == current => self.frame(frame),
            Event::Closed(number, code) if number == current => self.closed(code),
            Event::Refused(sentence) => self.line.status.set(Status::Refused(sentence)),
            Event::Authorise => self.authorise(),
            Event::Authorised(number, answer) if number == current => self.authorised(answer),
            Event::CaughtUp(object, answer) => self.caught_up(object, answer),
            Event::Check(number) if number == current => self.check(),
            Event::Opened(..) | Event::Frame(..) | Event::Closed(..) | Event::Authorised(..) | Event::Check(_) => {}
        }
    }

    fn want(&mut self, object: Object) {
        self.wanting.insert(object);
        match self.connection.phase {
            Phase::Idle => self.dial(),
            // Behind the events that wait already, so that one request asks for all of them.
            Phase::Established { .. } => self.line.send(Event::Authorise),
            Phase::Dialling | Phase::Opened(_) => {}
        }
    }

    fn unsubscribe(&mut self, object: Object) {
        self.wanting.remove(&object);
        self.line.refused.update(|refused| drop(refused.remove(&object)));
        let subscription = Subscription { channel: channel::of(object), auth: None };
        self.send(Frame::new("pusher:unsubscribe", subscription));
    }

    fn dial(&mut self) {
        self.connection.number += 1;
        self.connection.phase = Phase::Dialling;
        spawn_local(transport::dial(self.connection.number, self.line.events.clone()));
    }

    fn closed(&mut self, code: u16) {
        self.line.status.set(Status::Lost);
        self.connection.phase = Phase::Dialling;
        let pause = backoff::delay(self.connection.failures, code, js_sys::Math::random());
        self.connection.failures += 1;
        self.later(pause, Event::Dial);
    }

    fn frame(&mut self, frame: Frame) {
        self.connection.heard = true;
        if let Some(notice) = frame.notice() {
            return self.hear(&notice);
        }
        let object = frame.channel.as_deref().and_then(channel::object);
        match (frame.event.as_str(), object) {
            ("pusher:connection_established", _) => self.established(&frame),
            ("pusher:ping", _) => self.send(Frame::new("pusher:pong", ())),
            ("pusher_internal:subscription_succeeded", Some(object)) => {
                // A hub that does not tell the seq may be ahead: ask.
                let Succeeded { seq } = frame.payload().unwrap_or_default();
                self.catch_up_to(object, seq.unwrap_or(i64::MAX));
            }
            ("pusher:subscription_error", Some(object)) => {
                let sentence = frame
                    .payload()
                    .map_or_else(|_| "Live updates were refused.".to_owned(), |e: SubscriptionError| e.error);
                self.refuse(object, sentence);
            }
            _ => {}
        }
    }

    fn established(&mut self, frame: &Frame) {
        let Ok(Established { socket_id, activity_timeout }) = frame.payload() else { return };
        if let Phase::Opened(outgoing) = std::mem::take(&mut self.connection.phase) {
            self.connection.phase = Phase::Established { outgoing, socket_id };
            self.connection.activity_timeout = activity_timeout;
            self.connection.failures = 0;
            self.line.status.set(Status::Live);
            self.wanting = self.channels.objects().collect();
            self.authorise();
            self.check();
        }
    }

    fn authorise(&mut self) {
        let Phase::Established { socket_id, .. } = &self.connection.phase else { return };
        let objects: Vec<Object> = std::mem::take(&mut self.wanting).into_iter().collect();
        for some in objects.chunks(MAX_CHANNELS_PER_AUTH) {
            let (number, events) = (self.connection.number, self.line.events.clone());
            let (socket_id, some) = (socket_id.clone(), some.to_vec());
            spawn_local(async move {
                let answer = transport::authorise(&socket_id, &some).await;
                let _ = events.unbounded_send(Event::Authorised(number, answer));
            });
        }
    }

    fn authorised(&mut self, answer: Result<HashMap<String, Verdict>, Error>) {
        let verdicts = match answer {
            Ok(verdicts) => verdicts,
            // The whole request failed: a new connection asks again for everything.
            Err(_) => return self.hang_up(),
        };
        for (name, verdict) in verdicts {
            match (channel::object(&name), verdict) {
                (Some(object), Verdict::Granted { auth }) if self.channels.objects().any(|o| o == object) => {
                    self.send(frame::subscribe(object, auth));
                }
                (Some(object), Verdict::Denied { error }) => self.refuse(object, error),
                _ => {}
            }
        }
    }

    fn refuse(&self, object: Object, sentence: String) {
        self.line.refused.update(|refused| drop(refused.insert(object, sentence)));
    }

    fn hear(&mut self, notice: &Notice) {
        if let Some(after) = self.channels.hear(notice) {
            self.catch_up(notice.object, after);
        }
    }

    /// Asks for what is missing, if somebody has not seen number `seq`.
    fn catch_up_to(&mut self, object: Object, seq: i64) {
        if let Some(after) = self.channels.behind(object, seq) {
            self.catch_up(object, after);
        }
    }

    fn catch_up(&mut self, object: Object, after: i64) {
        if let Some(again) = self.catching_up.get_mut(&object) {
            *again = true;
            return;
        }
        self.catching_up.insert(object, false);
        let events = self.line.events.clone();
        spawn_local(async move {
            let answer = api::notices_after(object, after).await;
            let _ = events.unbounded_send(Event::CaughtUp(object, answer));
        });
    }

    fn caught_up(&mut self, object: Object, answer: Result<Vec<Notice>, Error>) {
        let again = self.catching_up.remove(&object).unwrap_or_default();
        let notices = match answer {
            Ok(notices) => notices,
            Err(Error { kind: Kind::NotFound | Kind::Forbidden | Kind::SignedOut, sentence }) => {
                return self.refuse(object, sentence);
            }
            // With the connection made anew the subscription tells its seq, and catching up begins again.
            Err(_) => return self.hang_up(),
        };
        let latest = notices.last().map(|notice| notice.reference.seq);
        for notice in &notices {
            self.channels.hear(notice);
        }
        if again || latest.is_some() {
            // There may be more than one answer holds, or more may have come: ask until there is nothing.
            self.catch_up_to(object, i64::MAX);
        }
    }

    /// Pings after a silence, and gives the connection up when no answer comes.
    fn check(&mut self) {
        let silence = u32::try_from(self.connection.activity_timeout.saturating_mul(1_000)).unwrap_or(PONG_TIMEOUT);
        let number = self.connection.number;
        if std::mem::take(&mut self.connection.heard) {
            self.connection.pinged = false;
            self.later(silence, Event::Check(number));
        } else if std::mem::replace(&mut self.connection.pinged, true) {
            self.hang_up();
        } else {
            self.send(Frame::new("pusher:ping", ()));
            self.later(PONG_TIMEOUT, Event::Check(number));
        }
    }

    /// Lets go of the connection; a new one is made after a pause.
    fn hang_up(&mut self) {
        if matches!(self.connection.phase, Phase::Established { .. }) {
            self.connection.number += 1;
            self.closed(0);
        }
    }

    fn send(&self, frame: Frame) {
        if let Phase::Opened(outgoing) | Phase::Established { outgoing, .. } = &self.connection.phase {
            // A connection that has closed reports it by itself.
            let _ = outgoing.unbounded_send(frame);
        }
    }

    fn later(&self, millis: u32, event: Event) {
        let line = self.line.clone();
        spawn_local(async move {
            TimeoutFuture::new(millis).await;
            line.send(event);
        });
    }
}
