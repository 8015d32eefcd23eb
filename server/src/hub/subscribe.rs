//! Who may hear what. A signature opens a channel; an object's channel also takes the right to the object, asked for anew at
//! this moment, for the person for whom the socket stands.

use std::sync::Arc;

use app::access::{Access, Viewer};
use earshot_live::error::{Error, Kind};
use earshot_live::object::Object;
use earshot_live::pusher::frame::{Frame, Member, Subscribe, Succeeded};
use earshot_live::pusher::{channel, signature};
use earshot_live::store::notices;
use serde_json::json;

use crate::AppState;
use crate::hub::limits::{MAX_USER_ID, MAX_USER_INFO};
use crate::hub::registry::Refused;
use crate::hub::socket::Socket;
use crate::hub::{known, say};

/// Why a cache channel is refused: it would be taken for one that keeps its last event.
pub const NO_CACHE: &str = "This server keeps no events: there are no cache channels here.";

/// Begins the subscription, or tells the socket why not.
pub async fn subscribe(state: &AppState, socket: &Arc<Socket>, wanted: Subscribe) {
    let name = wanted.channel.as_str();
    let begun = state.hub.registry().begin(socket.id, name);
    let result = match begun {
        Ok(()) => open(state, socket, &wanted).await,
        Err(Refused::Already) => {
            return say(socket, &Frame::error(None, "This channel is subscribed to already."));
        }
        Err(Refused::TooMany) => Err(Error::invalid("These are too many channels for one connection.")),
    };
    if let Err(error) = result {
        state.hub.change(|registry| registry.unsubscribe(socket.id, name));
        let status = if error.kind == Kind::NotFound { 403 } else { error.kind.status() };
        say(socket, &Frame::subscription_error(name, status, error.sentence));
    }
}

/// Opens the channel to the socket, and tells it so.
async fn open(state: &AppState, socket: &Arc<Socket>, wanted: &Subscribe) -> Result<(), Error> {
    let name = wanted.channel.as_str();
    let (keys, id) = (&state.config.keys, socket.id.to_string());
    let mut member = None;
    if channel::is_cache(name) {
        return Err(Error::invalid(NO_CACHE));
    }
    match channel::kind(name) {
        None => return Err(Error::invalid("This is not a channel name.")),
        Some(channel::Kind::Public) => {}
        Some(channel::Kind::Private) => keys.admit(wanted.auth.as_deref(), &signature::channel_text(&id, name))?,
        Some(channel::Kind::Presence) => {
            let data = wanted.channel_data.as_deref().ok_or(Error::invalid("The channel_data is missing."))?;
            keys.admit(wanted.auth.as_deref(), &signature::presence_text(&id, name, data))?;
            member = Some(read_member(data)?);
            // Whoever comes is news to all who are here.
            if state.hub.is_busy() {
                return Err(Kind::Busy.into());
            }
        }
        Some(channel::Kind::User) => {
            let registry = state.hub.registry();
            registry.user(socket.id).filter(|user| channel::user(name) == Some(user)).ok_or(Kind::NotFound)?;
        }
    }
    let access = match known(channel::object(name).or(channel::presence_object(name))) {
        Some(object) => Some(access(state, socket, object, member.as_ref()).await?),
        None => None,
    };
    let access = access.filter(|_| member.is_none());
    state.hub.change(|registry| {
        let present = member.is_some();
        registry.activate(socket.id, name, member)?;
        // In the same breath: nobody comes or goes between the list of who is here and the first word of a change to it.
        if present {
            registry.greet(socket.id, name, registry.channels.presence(name));
        } else if access.is_none() {
            registry.greet(socket.id, name, json!({}));
        }
        Ok::<_, Error>(())
    })?;
    if let Some(access) = access {
        // After the first notice can be heard, not before: what is committed in between is heard, or counted here, or both.
        let seq = Some(notices::seq(&state.db, access.object()).await?);
        state.hub.registry().greet(socket.id, name, Succeeded { seq });
    }
    Ok(())
}

/// The right to listen to the object, of the person for whom the socket stands: as nobody else can one be present there.
async fn access(
    state: &AppState,
    socket: &Arc<Socket>,
    object: Object,
    member: Option<&Member>,
) -> Result<Access<app::access::Notices>, Error> {
    // Signed for this socket, but for nobody who is here: `/rest/pusher/auth` did not sign it.
    let holder = state.hub.holder(socket.id).await.ok_or(Kind::NotFound)?;
    if member.is_some_and(|member| member.user_id != holder.user.to_string()) {
        return Err(Kind::NotFound.into());
    }
    state.db.catch_up().await?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::testing::{client, fill, heard_until};
    use crate::testing;

    #[tokio::test]
    async fn while_too_much_waits_nobody_comes_into_a_presence_channel() {
        const CHANNEL: &str = "presence-map";
        let (state, _folder) = testing::state().await;
        let (id, far) = client(&state.hub);
        let socket = state.hub.registry().sockets().next().cloned().unwrap();
        let data = r#"{"user_id":"ada"}"#;
        let auth = state.config.keys.auth(&signature::presence_text(&id.to_string(), CHANNEL, data));
        let wanted = Subscribe { channel: CHANNEL.into(), auth: Some(auth), channel_data: Some(data.into()) };
        fill(&state.hub);
        subscribe(&state, &socket, wanted).await;
        let told = heard_until("pusher:subscription_error", &far).await;
        let refusal: serde_json::Value = told[0].payload().unwrap();
        assert_eq!((told.len(), &refusal["status"]), (1, &json!(503)));
        assert!(!state.hub.registry().channels.is_present(CHANNEL, "ada"));
    }
}
