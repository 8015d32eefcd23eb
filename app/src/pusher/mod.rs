//! Pusher Channels protocol 7, as far as browser and server share it: frames, channel names, signatures.
//! <https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/>

pub mod channel;
pub mod frame;
#[cfg(feature = "ssr")]
pub mod signature;

/// The protocol version that hub and Listen speak.
pub const PROTOCOL: &str = "7";
/// Channels that one request to `/rest/pusher/auth` may name.
pub const MAX_CHANNELS_PER_AUTH: usize = 100;
