//! A socket that is heard on a channel, until the right to it ends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::limits::MAX_HELD;
use crate::socket::Socket;

/// A socket that is heard on a channel.
pub struct Subscription {
    socket: Arc<Socket>,
    /// Who is present by it.
    user: Option<String>,
    /// The number of the last piece of news before it.
    since: u64,
    // A std mutex: what is done under it is a decision.
    hearing: Mutex<Hearing>,
}

#[derive(Default)]
struct Hearing {
    /// The number of the question that it waits for, or has waited for.
    question: u64,
    standing: Standing,
}

#[derive(Default)]
enum Standing {
    #[default]
    Live,
    // Boxed: it is rare, and of subscriptions there are many.
    Suspended(Box<Backlog>),
    Ended,
}

/// What waits for the right to be there still.
#[derive(Default)]
struct Backlog {
    frames: Vec<Bytes>,
    /// Bytes of all frames, also of those that were too many to be held.
    size: usize,
}

/// A suspended subscription was resumed, but more came meanwhile than is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflown;

impl Subscription {
    /// News up to number `since` is in what it is greeted with.
    pub fn new(socket: Arc<Socket>, user: Option<String>, since: u64) -> Self {
        Self { socket, user, since, hearing: Mutex::default() }
    }

    /// Sends the frames, or holds them while it is suspended.
    pub fn send(&self, frames: &Bytes) {
        self.socket.send_decided(|| self.hearing().admit(frames));
    }

    /// The same, but lets them wait until the socket is flushed. Whether nothing waited there before.
    pub fn queue(&self, frames: &Bytes) -> bool {
        self.socket.queue_decided(|| self.hearing().admit(frames))
    }

    /// From now on what is sent is held, until this question is answered: the answer to an earlier one is worth nothing.
    pub fn suspend(&self, question: u64) {
        let mut hearing = self.hearing();
        if let Standing::Live = hearing.standing {
            hearing.standing = Standing::Suspended(Box::default());
        }
        hearing.question = question;
    }

    /// Whether it still waits for the answer to this question.
    pub fn waits_for(&self, question: u64) -> bool {
        let hearing = self.hearing();
        hearing.question == question && matches!(hearing.standing, Standing::Suspended(_))
    }

    /// Sends what was held, and whatever comes behind.
    ///
    /// # Errors
    /// When too much came meanwhile: then it is missing.
    pub fn resume(&self) -> Result<(), Overflown> {
        let mut overflown = Ok(());
        self.socket.send_decided(|| {
            let mut hearing = self.hearing();
            let Standing::Suspended(held) = &mut hearing.standing else { return None };
            let Backlog { frames, size } = std::mem::take(&mut **held);
            hearing.standing = Standing::Live;
            if size > MAX_HELD {
                overflown = Err(Overflown);
            }
            (!frames.is_empty()).then(|| frames.concat().into())
        });
        overflown
    }

    /// Whether what its client sends is passed on.
    pub fn is_live(&self) -> bool {
        matches!(self.hearing().standing, Standing::Live)
    }

    /// Nothing more is heard: once this is done and something was sent after it, nothing that rested on it comes behind.
    pub fn end(&self) {
        self.hearing().standing = Standing::Ended;
    }

    pub fn socket(&self) -> Arc<Socket> {
        self.socket.clone()
    }

    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// News up to this number is in what it was greeted with.
    pub fn since(&self) -> u64 {
        self.since
    }

    fn hearing(&self) -> MutexGuard<'_, Hearing> {
        self.hearing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hearing {
    /// The frames, if they are to be sent now.
    fn admit(&mut self, frames: &Bytes) -> Option<Bytes> {
        match &mut self.standing {
            Standing::Live => Some(frames.clone()),
            Standing::Suspended(held) => {
                held.size += frames.len();
                if held.size <= MAX_HELD {
                    held.frames.push(frames.clone());
                }
                None
            }
            Standing::Ended => None,
        }
    }
}
