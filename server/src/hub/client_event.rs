//! What clients send each other, without any server program: typing, pointers, nothing that has to be kept.

use std::sync::Arc;

use app::error::Error;
use app::pusher::channel;
use app::pusher::frame::Frame;

use crate::hub::dispatcher::Publication;
use crate::hub::limits::{MAX_DATA, MAX_EVENT};
use crate::hub::socket::Socket;
use crate::hub::{Core, say, websocket};

/// The code of an error event, not of a close: pusher-js would not come back from that.
const REJECTED: u16 = 4301;

/// Passes the event on to the others on its channel, or tells the sender why not.
pub fn send(hub: &Arc<Core>, socket: &Arc<Socket>, frame: Frame, too_often: bool) {
    let passed = if too_often {
        Err(Error::invalid("These are too many events in a second."))
    } else {
        accept(hub, socket, frame)
    };
    match passed {
        Ok(publication) => hub.publish([publication]),
        Err(error) => say(socket, &Frame::error(Some(REJECTED), &error.sentence)),
    }
}

fn accept(hub: &Core, socket: &Socket, mut frame: Frame) -> Result<Publication, Error> {
    let name = frame.channel.take().unwrap_or_default();
    if !matches!(channel::kind(&name), Some(channel::Kind::Private | channel::Kind::Presence)) {
        return Err(Error::invalid("Clients send events on private and presence channels only."));
    }
    if frame.event.chars().count() > MAX_EVENT || frame.data.to_string().len() > MAX_DATA {
        return Err(Error::invalid("The event's name or its data is too long."));
    }
    let subscription = hub.registry().subscription(socket.id, &name);
    let subscription = subscription.ok_or(Error::invalid("This channel is not subscribed to."))?;
    // Nothing but what the protocol knows is passed on.
    let event = Frame {
        channel: Some(name.clone()),
        data: frame.data,
        user_id: subscription.user().map(str::to_owned),
        ..Frame::new(frame.event, ())
    };
    let frame = websocket::text(&event.to_json());
    Ok(Publication { channel: name.into(), frame, except: Some(socket.id), ends: None })
}
