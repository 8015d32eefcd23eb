//! Who may hear what. A signature opens a channel; an object's channel also takes the right to the object, asked for anew at
//! this moment, for the person for whom the socket stands.

use std::sync::Arc;

use app::error::{Error, Kind};
use app::object::Object;
use app::pusher::channel;
use app::pusher::frame::{Frame, Member, Subscription, SubscriptionError, Succeeded};
use app::pusher::signature;
use app::store::{Viewer, access::Access, notices};
use serde_json::{Value, json};

use crate::AppState;
use crate::hub::limits::{MAX_USER_ID, MAX_USER_INFO};
use crate::hub::registry::{Outcome, Refused};
use crate::hub::say;
use crate::hub::socket::Socket;

/// Begins the subscription, or tells the socket why not.
pub async fn subscribe(state: &AppState, socket: &Arc<Socket>, wanted: Subscription) {
    let name = wanted.channel.as_str();
    let begun = state.hub.0.registry().begin(socket.id, name);
    let result = match begun {
        Ok(()) => open(state, socket, &wanted).await,
        Err(Refused::Already) => {
            return say(socket, &Frame::error(None, "This channel is subscribed to already."));
        }
        Err(Refused::TooMany) => Err(Error::invalid("These are too many channels for one connection.")),
    };
    match result {
        Ok(data) => say(socket, &Frame::on_channel(name, "pusher_internal:subscription_succeeded", data)),
        Err(error) => {
            if begun.is_ok() {
                state.hub.0.change(|registry| registry.unsubscribe(socket.id, name));
            }
            let status = if error.kind == Kind::NotFound { 403 } else { error.kind.status() };
            let refusal = SubscriptionError { kind: "AuthError".into(), error: error.sentence, status };
            say(socket, &Frame::on_channel(name, "pusher:subscription_error", refusal));
        }
    }
}

/// Opens the channel to the socket, and returns what its subscriber is told.
async fn open(state: &AppState, socket: &Arc<Socket>, wanted: &Subscription) -> Result<Value, Error> {
    let name = wanted.channel.as_str();
    let id = socket.id.to_string();
    let mut member = None;
    match channel::kind(name) {
        None => return Err(Error::invalid("This is not a channel name.")),
        Some(channel::Kind::Public) => {}
        Some(channel::Kind::Private) => check(state, wanted.auth.as_deref(), &signature::channel_text(&id, name))?,
        Some(channel::Kind::Presence) => {
            let data = wanted.channel_data.as_deref().ok_or(Error::invalid("The channel_data is missing."))?;
            check(state, wanted.auth.as_deref(), &signature::presence_text(&id, name, data))?;
            member = Some(read_member(data)?);
        }
        Some(channel::Kind::User) => {
            let registry = state.hub.0.registry();
            registry.user(socket.id).filter(|user| channel::user(name) == Some(user)).ok_or(Kind::NotFound)?;
        }
    }
    let access = match channel::object(name).or(channel::presence_object(name)) {
        Some(object) => Some(access(state, socket, object, member.as_ref()).await?),
        None => None,
    };
    let present = member.is_some();
    match state.hub.0.change(|registry| registry.activate(socket.id, name, member)) {
        Outcome::Heard => {}
        Outcome::Withdrawn => return Err(Kind::NotFound.into()),
        Outcome::Full => return Err(Error::invalid("As many are present here as there may be.")),
    }
    // After the first notice can be heard, not before: what is committed in between is heard, or counted here, or both.
    match access {
        _ if present => Ok(state.hub.0.registry().channels.presence(name)),
        Some(access) => Ok(json!(Succeeded { seq: Some(notices::seq(&state.db, &access).await?) })),
        None => Ok(json!({})),
    }
}

/// The right to listen to the object, of the person for whom the socket stands: as nobody else can one be present there.
async fn access(
    state: &AppState,
    socket: &Arc<Socket>,
    object: Object,
    member: Option<&Member>,
) -> Result<Access<app::store::access::Notices>, Error> {
    // Signed for this socket, but for nobody who is here: `/rest/pusher/auth` did not sign it.
    let holder = state.hub.0.registry().holder(socket.id).ok_or(Kind::NotFound)?;
    if member.is_some_and(|member| member.user_id != holder.user.to_string()) {
        return Err(Kind::NotFound.into());
    }
    let viewer = Viewer::of_session(&state.db, holder.session).await?;
    Access::notices(&state.db, &viewer, object).await
}

fn read_member(data: &str) -> Result<Member, Error> {
    let member: Member =
        serde_json::from_str(data).map_err(|_| Error::invalid("The channel_data has to be JSON with a user_id."))?;
    let info = member.user_info.as_ref().map_or(0, |info| info.to_string().len());
    if member.user_id.is_empty() || member.user_id.chars().count() > MAX_USER_ID || info > MAX_USER_INFO {
        return Err(Error::invalid("The user_id or the user_info is too long."));
    }
    Ok(member)
}

/// # Errors
/// `SignedOut` when `auth`, the key and a signature, is not that of `text`.
pub fn check(state: &AppState, auth: Option<&str>, text: &str) -> Result<(), Error> {
    let keys = &state.config.keys;
    match auth.and_then(|auth| auth.split_once(':')) {
        Some((key, signature)) if key == keys.key && signature::verify(&keys.secret, text, signature) => Ok(()),
        _ => Err(Error {
            kind: Kind::SignedOut,
            sentence: "The signature is not valid for this channel and socket.".into(),
        }),
    }
}
