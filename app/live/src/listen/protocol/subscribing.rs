//! Which channels the page is subscribed to, and those where it was refused.

use std::collections::HashMap;
use std::time::Duration;

use super::{AGAIN, Protocol};
use crate::error::Error;
use crate::listen::event::{Command, Event};
use crate::object::Object;
use crate::pusher::frame::{Frame, Subscribe};
use crate::pusher::rest::Verdict;
use crate::pusher::{MAX_CHANNELS_PER_AUTH, MAX_SUBSCRIPTIONS, channel, close};

/// Objects of one entity that a page listens to. The other channels that the hub allows are for what else it shows.
const MAX_OF_AN_ENTITY: usize = MAX_SUBSCRIPTIONS - 100;
/// A refused subscription is tried again after a pause that doubles this many times.
const DOUBLINGS: u32 = 5;

impl Protocol {
    pub(super) fn want(&mut self, channel: String) {
        self.wanting.insert(channel);
        if self.connection.is_idle() {
            self.dial();
        } else if self.connection.is_established() {
            // Behind the events that wait already, so that one request asks for all of them.
            self.later(Duration::ZERO, Event::Authorise);
        }
    }

    pub(super) fn unsubscribe(&mut self, object: Object) {
        self.missing.remove(&object);
        self.subscribed.remove(&object);
        self.commands.push(Command::Refuse(object, None));
        self.leave(channel::of(object));
    }

    pub(super) fn leave(&mut self, channel: String) {
        self.wanting.remove(&channel);
        self.refusals.remove(&channel);
        let subscription = Subscribe { channel, auth: None, channel_data: None };
        self.connection.send(Frame::plain("pusher:unsubscribe", subscription));
    }

    pub(super) fn authorise(&mut self) {
        let Some(socket_id) = self.connection.socket_id().map(str::to_owned) else { return };
        let channels: Vec<String> = std::mem::take(&mut self.wanting).into_iter().collect();
        for some in channels.chunks(MAX_CHANNELS_PER_AUTH) {
            let (number, socket_id) = (self.connection.number, socket_id.clone());
            self.commands.push(Command::Authorise { number, socket_id, channels: some.to_vec() });
        }
    }

    pub(super) fn authorised(&mut self, channels: Vec<String>, answer: Result<HashMap<String, Verdict>, Error>) {
        let verdicts = match answer {
            Ok(verdicts) => verdicts,
            Err(error) if error.may_pass() => {
                self.wanting.extend(channels);
                return self.later(AGAIN, Event::Authorise);
            }
            // Somebody else, or nobody, is at this browser now: a new connection finds out who.
            Err(_) => return self.closed(close::ABNORMAL),
        };
        // Now this connection is worth something: one that admits nobody is tried less and less often.
        self.connection.failures = 0;
        for (channel, verdict) in verdicts {
            let object = channel::object(&channel);
            match verdict {
                Verdict::Granted { auth, channel_data } if self.is_heard(&channel) => {
                    if let Some(object) = object {
                        let others = self.subscribed.iter().filter(|other| other.entity == object.entity);
                        if !self.subscribed.contains(&object) && others.count() >= MAX_OF_AN_ENTITY {
                            self.refuse_for_now(object, "This page listens to as many of these as it can.".to_owned());
                            continue;
                        }
                        self.subscribed.insert(object);
                    }
                    let subscription = Subscribe { channel, auth: Some(auth), channel_data };
                    self.connection.send(Frame::plain("pusher:subscribe", subscription));
                }
                Verdict::Granted { .. } => {}
                Verdict::Denied { error } => object.into_iter().for_each(|object| self.refuse(object, error.clone())),
            }
        }
    }

    pub(super) fn granted(&mut self, object: Object) {
        self.refusals.remove(&channel::of(object));
        self.commands.push(Command::Refuse(object, None));
    }

    /// Tries again after a while: the right may be there again, or a place. Each time it takes longer.
    pub(super) fn refuse_for_now(&mut self, object: Object, sentence: String) {
        self.subscribed.remove(&object);
        self.refuse(object, sentence);
        let channel = channel::of(object);
        let refusals = self.refusals.entry(channel.clone()).or_default();
        let pause = AGAIN * 2_u32.pow((*refusals).min(DOUBLINGS));
        *refusals = refusals.saturating_add(1);
        self.later(pause, Event::Reconsider(channel));
    }

    /// Whether somebody on this page still asks for the channel.
    pub(super) fn is_heard(&self, name: &str) -> bool {
        channel::object(name).is_some_and(|object| self.channels.lowest(object).is_some())
            || self.presence.channels().any(|channel| channel == name)
    }

    pub(super) fn refuse(&mut self, object: Object, sentence: String) {
        self.commands.push(Command::Refuse(object, Some(sentence)));
        self.channels.afresh(object);
    }
}
