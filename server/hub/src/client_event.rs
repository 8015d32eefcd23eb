//! What clients send each other, without any server program: typing, pointers, nothing that has to be kept.

use std::sync::Arc;

use earshot_live::error::{Error, Kind};
use earshot_live::pusher::channel;
use earshot_live::pusher::frame::Frame;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::limits::{CLIENT_EVENTS_PER_PERSON, MAX_DATA, MAX_EVENT};
use crate::registry::Registry;
use crate::socket::Socket;
use crate::{Hub, say};

/// The code of an error event, not of a close: pusher-js would not come back from that.
const REJECTED: u16 = 4301;
const TOO_MANY: &str = "These are too many events in a second.";

/// How many each person may send, on however many sockets.
pub struct PerPerson(DefaultKeyedRateLimiter<i64>);

impl Default for PerPerson {
    fn default() -> Self {
        Self(RateLimiter::keyed(Quota::per_second(CLIENT_EVENTS_PER_PERSON)))
    }
}

impl PerPerson {
    /// Forgets whoever has sent nothing lately.
    pub fn forget_rested(&self) {
        self.0.retain_recent();
    }
}

/// Passes the event on to the others on its channel, or tells the sender why not.
pub fn send(hub: &Hub, socket: &Arc<Socket>, frame: Frame, too_often: bool) {
    let passed = if too_often { Err(Error::invalid(TOO_MANY)) } else { pass_on(hub, socket, frame) };
    if let Err(error) = passed {
        say(socket, &Frame::error(Some(REJECTED), &error.sentence));
    }
}

fn pass_on(hub: &Hub, socket: &Socket, frame: Frame) -> Result<(), Error> {
    check(&frame)?;
    if hub.is_busy() {
        return Err(Kind::Busy.into());
    }
    // Published under the lock under which rights are suspended: nothing comes behind the notice that may have ended its own.
    let registry = hub.registry();
    let event = accept(hub, &registry, socket, frame)?;
    hub.publish_everywhere(&event, Some(socket.id));
    Ok(())
}

fn check(frame: &Frame) -> Result<(), Error> {
    let name = frame.channel.as_deref().unwrap_or_default();
    if !matches!(channel::kind(name), Some(channel::Kind::Private | channel::Kind::Presence)) {
        return Err(Error::invalid("Clients send events on private and presence channels only."));
    }
    if channel::is_encrypted(name) {
        return Err(Error::invalid("Clients send no events on encrypted channels."));
    }
    if frame.event.chars().count() > MAX_EVENT || frame.data.to_string().len() > MAX_DATA {
        return Err(Error::invalid("The event's name or its data is too long."));
    }
    Ok(())
}

/// The event as the others are to hear it.
fn accept(hub: &Hub, registry: &Registry, socket: &Socket, frame: Frame) -> Result<Frame, Error> {
    let subscription = frame.channel.as_deref().and_then(|name| registry.subscription(socket.id, name));
    let subscription = subscription.ok_or(Error::invalid("This channel is not subscribed to."))?;
    if !subscription.is_live() {
        return Err(Kind::Busy.into());
    }
    let holder = registry.holder(socket.id);
    if holder.is_some_and(|holder| hub.0.client_events.0.check_key(&holder.user).is_err()) {
        return Err(Error::invalid(TOO_MANY));
    }
    // Nothing but what the protocol knows is passed on.
    let user_id = subscription.user().map(str::to_owned);
    Ok(Frame { channel: frame.channel, user_id, ..Frame::plain(frame.event, frame.data) })
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use earshot_live::store::Notifier;
    use serde_json::json;
    use tokio::runtime::Handle;

    use super::*;
    use crate::testing::{MESSAGE, POSTED, ROOM, client, events, fill, heard_until, listen, notice, publish};
    use crate::{Affected, Holder};

    #[tokio::test]
    async fn nothing_of_theirs_comes_behind_the_word_that_their_rights_may_have_gone() {
        const CHANNEL: &str = "private-Room.1";
        // What is large takes longer, and the other side comes a little later each time.
        let data = json!("x".repeat(MAX_DATA - 2));
        for later in (0..200).cycle().take(2_000) {
            let hub = Hub::default();
            let ((id, _theirs), (other, far)) = (client(&hub), client(&hub));
            hub.registry().bind(id, Holder { user: 1, session: 1 });
            [id, other].into_iter().for_each(|id| listen(&hub, id, CHANNEL, None));
            let socket = hub.registry().sockets().find(|socket| socket.id == id).cloned().unwrap();
            let event = Frame { channel: Some(CHANNEL.into()), ..Frame::plain("client-moved", data.clone()) };
            let (runtime, together) = (Handle::current(), Barrier::new(2));
            thread::scope(|scope| {
                scope.spawn(|| {
                    let _runtime = runtime.enter();
                    together.wait();
                    send(&hub, &socket, event, false);
                });
                scope.spawn(|| {
                    let _runtime = runtime.enter();
                    together.wait();
                    (0..later * 20).for_each(|_| std::hint::spin_loop());
                    hub.change(|registry| registry.suspend(Affected::User(1)));
                    publish(&hub, CHANNEL, "left");
                });
            });
            publish(&hub, CHANNEL, "mark");
            let heard = heard_until("mark", &far).await;
            assert_ne!(events(&heard), ["left", "client-moved", "mark"]);
        }
    }

    #[tokio::test]
    async fn while_too_much_waits_what_clients_send_is_refused_and_what_was_committed_is_not() {
        const CHANNEL: &str = "private-pointers";
        let hub = Hub::default();
        let (id, far) = client(&hub);
        listen(&hub, id, CHANNEL, None);
        let socket = hub.registry().sockets().next().cloned().unwrap();
        fill(&hub);
        let waiting = hub.pending().len();
        let event = Frame { channel: Some(CHANNEL.into()), ..Frame::plain("client-moved", json!({})) };
        send(&hub, &socket, event, false);
        assert_eq!(hub.pending().len(), waiting);
        hub.notify(&[notice(ROOM.object(1), POSTED, MESSAGE.object(1))]);
        assert_eq!(hub.pending().len(), waiting + 1);
        let told = heard_until("pusher:error", &far).await;
        assert_eq!((told.len(), &told[0].data["code"]), (1, &json!(REJECTED)));
    }
}
