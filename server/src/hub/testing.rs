//! Clients for the hub's own tests.

use std::sync::Arc;
use std::time::Duration;

use earshot_live::pusher::frame::{Frame, Member};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::hub::Hub;
use crate::hub::dispatcher::Publication;
use crate::hub::limits::MAX_PENDING;
use crate::hub::socket::{Socket, SocketId};
use crate::hub::stream::Stream;

pub const TIMEOUT: Duration = Duration::from_secs(60);
/// A channel that nobody listens on.
const NOWHERE: &str = "nowhere";

/// A client that is connected, and what it is sent.
pub fn client(hub: &Hub) -> (SocketId, UnixStream) {
    silent_client(hub, Duration::ZERO)
}

/// The same, of which nothing was heard for so long.
pub fn silent_client(hub: &Hub, silence: Duration) -> (SocketId, UnixStream) {
    let (near, far) = UnixStream::pair().unwrap();
    let mut socket = Socket::new(Stream::Pipe(near));
    Arc::get_mut(&mut socket).unwrap().was_opened_before(silence);
    let id = socket.id;
    assert!(hub.registry().open(socket, [192, 0, 2, 1].into()));
    (id, far)
}

/// From now on the client is heard on the channel, and `member` is present there.
pub fn listen(hub: &Hub, id: SocketId, channel: &str, member: Option<Member>) {
    hub.change(|registry| {
        registry.begin(id, channel).unwrap();
        registry.activate(id, channel, member).unwrap();
    });
}

/// More waits for listeners than they take.
pub fn fill(hub: &Hub) {
    publish(hub, NOWHERE, &"x".repeat(MAX_PENDING));
}

pub fn publish(hub: &Hub, channel: &str, event: &str) {
    hub.publish([Publication::new(channel, &Frame::on_channel(channel, event, ()), None)]);
}

/// What comes up to the first frame with this event.
pub async fn heard_until(last: &str, far: &UnixStream) -> Vec<Frame> {
    let mut text = String::new();
    loop {
        timeout(TIMEOUT, far.readable()).await.expect("the last is heard").unwrap();
        let mut buffer = [0; 4096];
        // Some bytes between the frames are no text.
        text += &far.try_read(&mut buffer).map_or("".into(), |length| String::from_utf8_lossy(&buffer[..length]));
        let frame = |piece: &str| serde_json::Deserializer::from_str(piece).into_iter().next()?.ok();
        let frames: Vec<Frame> = text.match_indices("{\"event\"").filter_map(|(at, _)| frame(&text[at..])).collect();
        if frames.iter().any(|frame| frame.event == last) {
            return frames;
        }
    }
}

/// The names of events, without what all of the hub's own begin with.
pub fn events(frames: &[Frame]) -> Vec<&str> {
    frames.iter().map(|frame| frame.event.rsplit(':').next().unwrap_or_default()).collect()
}
