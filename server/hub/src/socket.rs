//! One client's socket. What is sent goes out at once, or waits, within bounds, until the client reads on.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::io::{ErrorKind, IoSlice};
use std::net::Shutdown;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use serde::{Deserialize, Serialize};
use tokio::task::coop::consume_budget;
use tokio::time::{sleep, timeout};

use crate::limits::{CLOSE_TIMEOUT, MAX_WAITING, READ_BUFFER, WRITE_TIMEOUT};
use crate::stream::Stream;
use crate::websocket::{self, Decoder, Fault, Received};

/// Pieces that one call of the system takes.
const SLICES: usize = 32;

thread_local! {
    /// Read into by whichever socket has something to read: a buffer for each would cost 4 KiB a socket.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BUFFER].into());
}

/// `123.456`: two random numbers, so that nobody guesses another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SocketId(u64, u64);

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl FromStr for SocketId {
    type Err = Option<ParseIntError>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, second) = text.split_once('.').ok_or(None)?;
        let digits =
            |part: &str| if part.bytes().all(|b| b.is_ascii_digit()) { part.parse().map_err(Some) } else { Err(None) };
        Ok(Self(digits(first)?, digits(second)?))
    }
}

pub struct Socket {
    pub id: SocketId,
    stream: Stream,
    // A std mutex: what is done under it is a call of the system that does not block.
    buffer: Mutex<SendBuffer>,
    opened: Instant,
    /// Milliseconds after which something was last heard.
    heard: AtomicU64,
    /// A ping was sent, and nothing was heard since.
    pinged: AtomicBool,
}

#[derive(Default)]
struct SendBuffer {
    waiting: VecDeque<Bytes>,
    /// Bytes that wait.
    size: usize,
    /// A task waits for the client to read on.
    draining: bool,
    /// Nothing more is sent.
    closed: bool,
}

impl Socket {
    pub fn new(stream: Stream) -> Arc<Self> {
        Arc::new(Self {
            id: SocketId(rand::random(), rand::random()),
            stream,
            buffer: Mutex::default(),
            opened: Instant::now(),
            heard: AtomicU64::new(0),
            pinged: AtomicBool::new(false),
        })
    }

    /// As if it had been opened so long ago, and nothing heard since.
    #[cfg(test)]
    pub fn was_opened_before(&mut self, time: Duration) {
        self.opened -= time;
    }

    pub fn send(self: &Arc<Self>, frame: &Bytes) {
        self.put(&mut self.buffer(), frame);
    }

    /// Sends what `decide` gives. It is asked while nothing else can be sent: what it decides holds for all that comes behind.
    pub fn send_decided(self: &Arc<Self>, decide: impl FnOnce() -> Option<Bytes>) {
        let mut buffer = self.buffer();
        decide().into_iter().for_each(|frames| self.put(&mut buffer, &frames));
    }

    /// The same, but lets it wait for [`Socket::flush`], together with what comes from other channels. Whether it is the
    /// first to wait.
    pub fn queue_decided(self: &Arc<Self>, decide: impl FnOnce() -> Option<Bytes>) -> bool {
        let mut buffer = self.buffer();
        let first = buffer.waiting.is_empty();
        let frames = decide().filter(|frames| !buffer.closed && !frames.is_empty());
        frames.into_iter().for_each(|frames| self.wait(&mut buffer, frames));
        first
    }

    pub fn flush(self: &Arc<Self>) {
        self.write(&mut self.buffer());
    }

    /// Sends the code behind what waits, and ends the writing. The client ends the rest.
    pub fn close(self: &Arc<Self>, code: u16) {
        let mut buffer = self.buffer();
        self.put(&mut buffer, &websocket::close(code));
        if std::mem::replace(&mut buffer.closed, true) {
            return;
        }
        if buffer.waiting.is_empty() {
            self.stream.shutdown(Shutdown::Write);
        }
        let socket = Arc::downgrade(self);
        tokio::spawn(async move {
            sleep(CLOSE_TIMEOUT).await;
            socket.upgrade().into_iter().for_each(|socket| socket.abort());
        });
    }

    /// Ends it at once, whatever waits.
    pub fn abort(&self) {
        self.drop_everything(&mut self.buffer());
    }

    /// How long nothing was heard.
    pub fn silent_for(&self) -> Duration {
        self.opened.elapsed().saturating_sub(Duration::from_millis(self.heard.load(Relaxed)))
    }

    /// Whether this is the first ping after a silence.
    pub fn is_first_ping(&self) -> bool {
        !self.pinged.swap(true, Relaxed)
    }

    /// What comes next, or nothing at the end.
    pub async fn receive(&self, decoder: &mut Decoder) -> Option<Result<Vec<Received>, Fault>> {
        loop {
            // A client that sends without a pause has others wait no longer than its turn.
            consume_budget().await;
            self.stream.readable().await.ok()?;
            let read = BUFFER.with_borrow_mut(|buffer| {
                self.stream.try_read(buffer).map(|length| (length > 0).then(|| decoder.read(&buffer[..length])))
            });
            match read {
                Ok(read) => {
                    self.heard.store(u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX), Relaxed);
                    self.pinged.store(false, Relaxed);
                    return read;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return None,
            }
        }
    }

    fn put(self: &Arc<Self>, buffer: &mut SendBuffer, frame: &Bytes) {
        if buffer.closed || frame.is_empty() {
            return;
        }
        let mut written = 0;
        if buffer.waiting.is_empty() {
            match self.stream.try_write(frame) {
                Ok(length) => written = length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return self.drop_everything(buffer),
            }
        }
        if written < frame.len() {
            self.wait(buffer, frame.slice(written..));
            self.drain(buffer);
        }
    }

    fn wait(self: &Arc<Self>, buffer: &mut SendBuffer, frame: Bytes) {
        if buffer.size + frame.len() > MAX_WAITING {
            tracing::debug!(id = %self.id, "a socket does not read and is dropped");
            return self.drop_everything(buffer);
        }
        buffer.size += frame.len();
        buffer.waiting.push_back(frame);
    }

    /// Writes what waits, as far as the client takes it.
    fn write(self: &Arc<Self>, buffer: &mut SendBuffer) {
        while !buffer.waiting.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES];
            slices.iter_mut().zip(&buffer.waiting).for_each(|(slice, frame)| *slice = IoSlice::new(frame));
            match self.stream.try_write_vectored(&slices) {
                Ok(0) => return self.drop_everything(buffer),
                Ok(written) => buffer.take_out(written),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return self.drain(buffer),
                Err(_) => return self.drop_everything(buffer),
            }
        }
        if buffer.closed {
            self.stream.shutdown(Shutdown::Write);
        }
    }

    /// Has what waits written when the client has read.
    fn drain(self: &Arc<Self>, buffer: &mut SendBuffer) {
        if !std::mem::replace(&mut buffer.draining, true) {
            let socket = self.clone();
            tokio::spawn(async move {
                let writable = timeout(WRITE_TIMEOUT, socket.stream.writable()).await;
                let mut buffer = socket.buffer();
                buffer.draining = false;
                if matches!(writable, Ok(Ok(()))) {
                    socket.write(&mut buffer);
                } else {
                    socket.drop_everything(&mut buffer);
                }
            });
        }
    }

    fn drop_everything(&self, buffer: &mut SendBuffer) {
        buffer.waiting = VecDeque::new();
        buffer.size = 0;
        buffer.closed = true;
        self.stream.shutdown(Shutdown::Both);
    }

    fn buffer(&self) -> MutexGuard<'_, SendBuffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SendBuffer {
    fn take_out(&mut self, mut written: usize) {
        self.size -= written;
        while let Some(first) = self.waiting.front_mut().filter(|_| written > 0) {
            let length = written.min(first.len());
            written -= length;
            first.advance(length);
            if first.is_empty() {
                self.waiting.pop_front();
            }
        }
        if self.waiting.is_empty() {
            // Most sockets have nothing waiting most of the time, and keep no room for it.
            self.waiting = VecDeque::new();
        }
    }
}
