//! Who may hear what. A signature opens a channel; an object's channel also takes the right to the object, asked for anew at
//! this moment, for the person for whom the socket stands.

use std::sync::Arc;

use app::error::{Error, Kind};
use app::pusher::channel;
use app::pusher::frame::{Frame, Subscription, SubscriptionError, Succeeded};
use app::pusher::signature;
use app::store::{Viewer, access, access::Access, notices};

use crate::AppState;
use crate::hub::registry::Refused;
use crate::hub::say;
use crate::hub::socket::{Socket, SocketId};

/// Begins the subscription, or tells the socket why not.
pub async fn subscribe(state: &AppState, socket: &Arc<Socket>, wanted: Subscription) {
    let id = socket.id;
    let name = wanted.channel.as_str();
    let begun = state.hub.registry().begin(id, name);
    let result = match begun {
        Ok(()) => open(state, id, &wanted).await,
        Err(Refused::Already) => return say(socket, &Frame::error(None, "This channel is subscribed to already.")),
        Err(Refused::TooMany) => Err(Error::invalid("These are too many channels for one connection.")),
    };
    match result {
        Ok(succeeded) => say(socket, &Frame::on_channel(name, "pusher_internal:subscription_succeeded", succeeded)),
        Err(error) => {
            if begun.is_ok() {
                state.hub.registry().unsubscribe(id, name);
            }
            let status = if error.kind == Kind::NotFound { 403 } else { error.kind.status() };
            let refusal = SubscriptionError { kind: "AuthError".into(), error: error.sentence, status };
            say(socket, &Frame::on_channel(name, "pusher:subscription_error", refusal));
        }
    }
}

async fn open(state: &AppState, id: SocketId, wanted: &Subscription) -> Result<Succeeded, Error> {
    let name = wanted.channel.as_str();
    match channel::kind(name) {
        None => return Err(Error::invalid("This is not a channel name.")),
        Some(channel::Kind::Presence) => return Err(Error::invalid("Presence channels are not offered here.")),
        Some(channel::Kind::Private) => check_signature(state, id, wanted)?,
        Some(channel::Kind::Public) => {}
    }
    let access = match channel::object(name) {
        Some(object) => {
            // Signed for this socket, but for nobody who is here: `/rest/pusher/auth` did not sign it.
            let holder = state.hub.registry().holder(id).ok_or(Kind::NotFound)?;
            let viewer = Viewer::of_session(&state.db, holder.session).await?;
            Some(Access::notices(&state.db, &viewer, object).await?)
        }
        None => None,
    };
    if !state.hub.registry().activate(id, name) {
        return Err(Kind::NotFound.into());
    }
    // After the first notice can be heard, not before: what is committed in between is heard, or counted here, or both.
    let seq = match access {
        Some(access) => Some(seq(state, &access).await?),
        None => None,
    };
    Ok(Succeeded { seq })
}

async fn seq(state: &AppState, access: &Access<access::Notices>) -> Result<i64, Error> {
    notices::seq(&state.db, access).await
}

fn check_signature(state: &AppState, id: SocketId, wanted: &Subscription) -> Result<(), Error> {
    let keys = &state.config.keys;
    let text = signature::channel_text(&id.to_string(), &wanted.channel);
    let signed = wanted.auth.as_deref().and_then(|auth| auth.split_once(':'));
    match signed {
        Some((key, signature)) if key == keys.key && signature::verify(&keys.secret, &text, signature) => Ok(()),
        _ => Err(Error {
            kind: Kind::SignedOut,
            sentence: "The signature is not valid for this channel and socket.".into(),
        }),
    }
}
