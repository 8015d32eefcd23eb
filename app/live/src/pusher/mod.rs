//! Pusher Channels protocol 7, as far as browser and server share it: frames, channel names, signatures.
//! <https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/>

pub mod channel;
pub mod frame;
pub mod rest;
#[cfg(feature = "ssr")]
pub mod signature;

/// The protocol version that Listen speaks.
pub const PROTOCOL: &str = "7";
/// Channels that one connection to the hub may be subscribed to.
pub const MAX_SUBSCRIPTIONS: usize = 1_000;
/// Channels that one request to `/rest/pusher/auth` may name.
pub const MAX_CHANNELS_PER_AUTH: usize = 100;

/// Close codes of protocol 7. Never above 4299: pusher-js would not come back.
pub mod close {
    /// There is no app with this key.
    pub const NO_SUCH_APP: u16 = 4001;
    /// There is nothing at this path.
    pub const NO_SUCH_PATH: u16 = 4005;
    /// The protocol version is not a number.
    pub const BAD_VERSION: u16 = 4006;
    /// The server does not speak this version.
    pub const UNSUPPORTED_PROTOCOL: u16 = 4007;
    /// No version was named.
    pub const NO_PROTOCOL: u16 = 4008;
    /// Whoever this is may not be connected (any more).
    pub const UNAUTHORISED: u16 = 4009;
    /// There is no place at the moment: come back later.
    pub const OVER_CAPACITY: u16 = 4100;
    /// Come back at once.
    pub const RECONNECT: u16 = 4200;
    /// A ping was not answered.
    pub const NO_PONG: u16 = 4201;
    /// Not Pusher's, but WebSocket's own (RFC 6455, section 7.4.1): a connection that ended without a word.
    pub const ABNORMAL: u16 = 1006;
    /// Likewise: what a client has sent is no WebSocket, is not text, is not UTF-8, or is more than is accepted.
    pub const BAD_FRAME: u16 = 1002;
    /// What was sent is binary.
    pub const NOT_TEXT: u16 = 1003;
    /// A text is not UTF-8.
    pub const NOT_UTF8: u16 = 1007;
    /// A frame is longer than is accepted.
    pub const TOO_BIG: u16 = 1009;
    /// Likewise: both sides are done.
    pub const NORMAL: u16 = 1000;
}
