//! What clients send each other, without any server program: typing, pointers, nothing that has to be kept.

use std::sync::Arc;

use app::error::{Error, Kind};
use app::pusher::channel;
use app::pusher::frame::Frame;

use crate::hub::limits::{MAX_DATA, MAX_EVENT};
use crate::hub::socket::Socket;
use crate::hub::{Hub, say};

/// The code of an error event, not of a close: pusher-js would not come back from that.
const REJECTED: u16 = 4301;

/// Passes the event on to the others on its channel, or tells the sender why not.
pub fn send(hub: &Hub, socket: &Arc<Socket>, frame: Frame, too_often: bool) {
    let passed = if too_often {
        Err(Error::invalid("These are too many events in a second."))
    } else {
        accept(hub, socket, frame)
    };
    match passed {
        Ok(event) => hub.publish_everywhere(&event, Some(socket.id)),
        Err(error) => say(socket, &Frame::error(Some(REJECTED), &error.sentence)),
    }
}

fn accept(hub: &Hub, socket: &Socket, mut frame: Frame) -> Result<Frame, Error> {
    let name = frame.channel.take().unwrap_or_default();
    if !matches!(channel::kind(&name), Some(channel::Kind::Private | channel::Kind::Presence)) {
        return Err(Error::invalid("Clients send events on private and presence channels only."));
    }
    if frame.event.chars().count() > MAX_EVENT || frame.data.to_string().len() > MAX_DATA {
        return Err(Error::invalid("The event's name or its data is too long."));
    }
    if hub.is_busy() {
        return Err(Kind::Busy.into());
    }
    let subscription = hub.registry().subscription(socket.id, &name);
    let subscription = subscription.ok_or(Error::invalid("This channel is not subscribed to."))?;
    // Nothing but what the protocol knows is passed on.
    let user_id = subscription.user().map(str::to_owned);
    Ok(Frame { channel: Some(name), user_id, ..Frame::plain(frame.event, frame.data) })
}
