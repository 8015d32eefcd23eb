//! What the line does about each event: connects, subscribes, hands notices on, catches up, connects again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use futures::StreamExt;
use futures::channel::mpsc::unbounded;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::error::{Error, Kind};
use crate::listen::channels::Channels;
use crate::listen::connection::{Checked, Connection};
use crate::listen::event::{Event, Verdict};
use crate::listen::line::{Line, Status};
use crate::listen::transport;
use crate::listen::{api, backoff};
use crate::object::{Notice, Object};
use crate::pusher::frame::{Frame, Subscription, SubscriptionError, Succeeded};
use crate::pusher::{MAX_CHANNELS_PER_AUTH, channel, frame};

/// Makes the page's line, to be found by every `Listen` below.
pub fn provide_line() {
    let (events, incoming) = unbounded();
    let line = Line::new(events);
    provide_context(line.clone());
    let incoming = Mutex::new(Some(incoming));
    // An effect, because only a browser has a socket.
    Effect::new(move |_| {
        if let Some(mut incoming) = incoming.lock().ok().and_then(|mut incoming| incoming.take()) {
            let mut switchboard = Switchboard::new(line.clone());
            spawn_local(async move {
                while let Some(event) = incoming.next().await {
                    switchboard.handle(event);
                }
            });
        }
    });
}

struct Switchboard {
    line: Line,
    channels: Channels,
    connection: Connection,
    /// Objects whose channels wait for a signature.
    wanting: BTreeSet<Object>,
    /// Objects that are being caught up on, and whether somebody fell behind again meanwhile.
    catching_up: BTreeMap<Object, bool>,
}

impl Switchboard {
    fn new(line: Line) -> Self {
        Self {
            line,
            channels: Channels::default(),
            connection: Connection::default(),
            wanting: BTreeSet::new(),
            catching_up: BTreeMap::new(),
        }
    }

    fn handle(&mut self, event: Event) {
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
            Event::Dial(number) if number == current => self.dial(),
            Event::Opened(number, outgoing) if number == current => self.connection.opened(outgoing),
            Event::Frame(number, frame) if number == current => self.frame(frame),
            Event::Closed(number, code) if number == current => self.closed(code),
            Event::Refused(sentence) => self.line.status.set(Status::Refused(sentence)),
            Event::Authorise => self.authorise(),
            Event::Authorised(number, answer) if number == current => self.authorised(answer),
            Event::CaughtUp(object, answer) => self.caught_up(object, answer),
            Event::Check(number) if number == current => self.check(),
            Event::Dial(_)
            | Event::Opened(..)
            | Event::Frame(..)
            | Event::Closed(..)
            | Event::Authorised(..)
            | Event::Check(_) => {}
        }
    }

    fn want(&mut self, object: Object) {
        self.wanting.insert(object);
        if self.connection.is_idle() {
            self.dial();
        } else if self.connection.is_established() {
            // Behind the events that wait already, so that one request asks for all of them.
            self.line.send(Event::Authorise);
        }
    }

    fn unsubscribe(&mut self, object: Object) {
        self.wanting.remove(&object);
        self.line.refused.update(|refused| drop(refused.remove(&object)));
        let subscription = Subscription { channel: channel::of(object), auth: None };
        self.connection.send(Frame::new("pusher:unsubscribe", subscription));
    }

    fn dial(&mut self) {
        let number = self.connection.dial();
        spawn_local(transport::dial(number, self.line.events.clone()));
    }

    /// Lets go of the connection. The next is tried after a pause, or when the page wakes up.
    fn closed(&mut self, code: u16) {
        self.line.status.set(Status::Lost);
        let number = self.connection.dial();
        let pause = backoff::delay(self.connection.failures, code, js_sys::Math::random());
        self.connection.failures += 1;
        self.later(pause, Event::Dial(number));
    }

    fn frame(&mut self, frame: Frame) {
        self.connection.heard();
        if let Some(notice) = frame.notice() {
            return self.hear(&notice);
        }
        let object = frame.channel.as_deref().and_then(channel::object);
        match (frame.event.as_str(), object) {
            ("pusher:connection_established", _) => self.established(&frame),
            ("pusher:ping", _) => self.connection.send(Frame::new("pusher:pong", ())),
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
        let Ok(established) = frame.payload() else { return };
        self.connection.established(established);
        self.line.status.set(Status::Live);
        self.wanting = self.channels.objects().collect();
        self.authorise();
        self.check();
    }

    fn authorise(&mut self) {
        let Some(socket_id) = self.connection.socket_id().map(str::to_owned) else { return };
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
                    self.connection.send(frame::subscribe(object, auth));
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
        match self.connection.check() {
            Checked::Alive(pause) | Checked::Asked(pause) => self.later(pause, Event::Check(self.connection.number)),
            Checked::Dead => self.hang_up(),
        }
    }

    fn hang_up(&mut self) {
        if self.connection.is_established() {
            self.closed(0);
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
