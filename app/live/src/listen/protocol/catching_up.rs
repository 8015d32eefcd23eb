//! Notices: when each is heard, and what was missed before it.

use std::time::Duration;

use super::{AGAIN, Protocol};
use crate::error::Error;
use crate::listen::MAX_OBJECTS;
use crate::listen::event::{Command, Event};
use crate::object::{After, NOTICES_PAGE, Notice, Object};
use crate::pusher::rest::Missed;

impl Protocol {
    /// Hears it within `jitter` milliseconds: where the server has much to do, not all listeners reload at once.
    pub(super) fn hear_in_time(&mut self, notice: Notice, jitter: u32) {
        let object = notice.object;
        if let Some(waiting) = self.waiting.get_mut(&object) {
            waiting.push(notice);
        } else if jitter == 0 {
            self.hear(&notice);
        } else {
            self.waiting.insert(object, vec![notice]);
            let pause = Duration::from_millis(jitter.into()).mul_f64((self.random)());
            self.later(pause, Event::Hear(object));
        }
    }

    pub(super) fn hear(&mut self, notice: &Notice) {
        if self.channels.hear(notice) {
            self.catch_up(notice.object);
        }
    }

    pub(super) fn catch_up(&mut self, object: Object) {
        if let Some(again) = self.catching_up.get_mut(&object) {
            *again = true;
        } else if self.missing.insert(object) && self.missing.len() == 1 {
            self.later(Duration::ZERO, Event::CatchUp);
        }
    }

    pub(super) fn ask_for_missing(&mut self) {
        let number = |object| Some((object, self.channels.lowest(object)?));
        let missing: Vec<_> = std::mem::take(&mut self.missing).into_iter().filter_map(number).collect();
        self.catching_up.extend(missing.iter().map(|(object, _)| (*object, false)));
        self.commands.extend(missing.chunks(MAX_OBJECTS).map(|some| Command::CatchUp(some.to_vec())));
    }

    pub(super) fn caught_up(&mut self, objects: Vec<Object>, answer: Result<Missed, Error>) {
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
}
