//! What the hub bounds. A client that goes beyond is told so, or dropped; the others notice nothing.

use std::num::NonZeroU32;
use std::time::Duration;

pub use earshot_live::pusher::MAX_SUBSCRIPTIONS;

/// Sockets on one server.
pub const MAX_SOCKETS: usize = 20_000;
/// Sockets of one network on which nobody has signed for anything yet.
pub const MAX_NEWCOMERS_PER_NETWORK: usize = 2_000;
/// Sockets of one person: tabs, devices, and some that are not known to be dead yet.
pub const MAX_SOCKETS_PER_USER: usize = 100;
/// Public channels that it may be subscribed to as long as nobody has signed for anything on it.
pub const MAX_UNSIGNED_SUBSCRIPTIONS: usize = 50;
/// Users that may be present on one channel (protocol 7).
pub const MAX_MEMBERS: usize = 100;
/// Characters of a user's id (protocol 7).
pub const MAX_USER_ID: usize = 128;
/// Bytes of what is told of a user (protocol 7).
pub const MAX_USER_INFO: usize = 1_024;
/// Characters of an event's name (protocol 7).
pub const MAX_EVENT: usize = 200;
/// Bytes of an event's data (protocol 7).
pub const MAX_DATA: usize = 10 * 1024;
/// Client events in a second (protocol 7).
pub const CLIENT_EVENTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// The same, on all sockets of one person together.
pub const CLIENT_EVENTS_PER_PERSON: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// Frames that a client may send at once: it subscribes to all its channels, twice over.
pub const FRAMES_AT_ONCE: NonZeroU32 = NonZeroU32::new(2 * MAX_SUBSCRIPTIONS as u32).unwrap();
/// Frames that a client may send in a second, from then on.
pub const FRAMES_PER_SECOND: NonZeroU32 = NonZeroU32::new(50).unwrap();
/// Bytes that may wait for a socket that does not read. Then it is dropped, and catches up when it is back.
pub const MAX_WAITING: usize = 256 * 1024;
/// Bytes of several frames that are brought to a listener at once.
pub const MAX_JOINED: usize = 32 * 1024;
/// Bytes that may wait to be brought to listeners. Beyond that clients and programs are told to wait, and commits go on.
pub const MAX_PENDING: usize = 8 * 1024 * 1024;
/// Writes after which others have the processor.
pub const WRITES_AT_ONCE: usize = 256;
/// Bytes of one frame from a client: ten kilobytes of data with what belongs around it.
pub const MAX_FRAME: usize = 16 * 1024;
/// Bytes that are read at once.
pub const READ_BUFFER: usize = 4 * 1024;
/// Silence after which a client is to ask whether the server is still there.
pub const ACTIVITY_TIMEOUT: Duration = Duration::from_secs(120);
/// Silence after which the server asks whether the client is still there: proxies cut what is silent for a minute (nginx's
/// `proxy_read_timeout`, as it comes).
pub const KEEP_ALIVE: Duration = Duration::from_secs(45);
/// Silence after which a socket is closed: a client that has pinged by itself has waited for its answer, too (30 s).
pub const GIVE_UP: Duration = ACTIVITY_TIMEOUT.saturating_add(Duration::from_secs(60));
/// How often sockets that have fallen silent are looked for.
pub const SWEEP: Duration = Duration::from_secs(5);
/// Silence after which another server is taken for gone. They are heard each second.
pub const PEER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the word may take with which another server says for whom a socket stands.
pub const BOUND_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the program may take to say what somebody may still hear.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes that wait for its answer on one channel of one socket.
pub const MAX_HELD: usize = 32 * 1024;
/// Between two groups of sockets that are told to come back elsewhere.
pub const DRAIN_PAUSE: Duration = Duration::from_millis(250);
/// How long a socket may take to accept a frame.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// Clients at a time that are told why they go, and waited for until they have gone.
pub const MAX_PARTINGS: usize = 500;
/// How long a client may take to end a socket that was closed.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests under way from which on listeners are asked to spread their reloads.
pub const LONG_QUEUE: usize = 200;
/// Requests that are answered in a millisecond, cautiously estimated.
pub const ANSWERS_PER_MILLISECOND: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_socket_is_silent_for_as_long_as_proxies_wait() {
        assert!(KEEP_ALIVE + 2 * SWEEP < Duration::from_secs(60));
    }
}
