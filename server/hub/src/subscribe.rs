//! Who may hear what. A signature opens a channel; an object's channel also takes the right to the object, asked for anew at
//! this moment, for the person for whom the socket stands.

use std::sync::Arc;

use earshot_live::error::{Error, Kind};
use earshot_live::object::Object;
use earshot_live::pusher::frame::{Frame, Member, Subscribe, Succeeded};
use earshot_live::pusher::{channel, signature};
use earshot_live::store::notices;
use serde_json::json;

use crate::Context;
use crate::limits::{MAX_USER_ID, MAX_USER_INFO};
use crate::registry::{Refused, Registry, Unopened};
use crate::say;
use crate::socket::Socket;

/// Why a cache channel is refused: it would be taken for one that keeps its last event.
pub const NO_CACHE: &str = "This server keeps no events: there are no cache channels here.";

/// Begins the subscription, or tells the socket why not.
pub async fn subscribe(context: &Context, socket: &Arc<Socket>, wanted: Subscribe) {
    let name = wanted.channel.as_str();
    let begun = context.hub.registry().begin(socket.id, name);
    let result = match begun {
        Ok(()) => open(context, socket, &wanted).await,
        Err(Refused::Already) => {
            return say(socket, &Frame::error(None, "This channel is subscribed to already."));
        }
        Err(Refused::TooMany) => Err(Error::invalid("These are too many channels for one connection.")),
    };
    if let Err(error) = result {
        context.hub.change(|registry| registry.unsubscribe(socket.id, name));
        let status = if error.kind == Kind::NotFound { 403 } else { error.kind.status() };
        say(socket, &Frame::subscription_error(name, status, error.sentence));
    }
}

/// Opens the channel to the socket, and tells it so.
async fn open(context: &Context, socket: &Arc<Socket>, wanted: &Subscribe) -> Result<(), Error> {
    let name = wanted.channel.as_str();
    let (keys, id) = (&context.keys, socket.id.to_string());
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
            if context.hub.is_busy() {
                return Err(Kind::Busy.into());
            }
        }
        Some(channel::Kind::User) => {
            let registry = context.hub.registry();
            registry.user(socket.id).filter(|user| channel::user(name) == Some(user)).ok_or(Kind::NotFound)?;
        }
    }
    let object = context.known(channel::object(name).or(channel::presence_object(name)));
    loop {
        if let Some(object) = object {
            may_listen(context, socket, object, member.as_ref()).await?;
        }
        match context.hub.change(|registry| begin_to_hear(registry, socket, name, object, member.clone())) {
            Ok(()) => break,
            Err(Unopened::Overtaken) => {}
            Err(Unopened::Refused(error)) => return Err(error),
        }
    }
    if let Some(object) = object.filter(|_| member.is_none()) {
        // After the first notice can be heard, not before: what is committed in between is heard, or counted here, or both.
        let seq = Some(notices::seq(&context.db, object).await?);
        context.hub.registry().greet(socket.id, name, Succeeded { seq });
    }
    Ok(())
}

/// In one breath, so that nobody comes or goes between the list of who is here and the first word of a change to it.
fn begin_to_hear(
    registry: &mut Registry,
    socket: &Arc<Socket>,
    name: &str,
    object: Option<Object>,
    member: Option<Member>,
) -> Result<(), Unopened> {
    let present = member.is_some();
    registry.activate(socket.id, name, object, member)?;
    if present {
        registry.greet(socket.id, name, registry.channels.presence(name));
    } else if object.is_none() {
        registry.greet(socket.id, name, json!({}));
    }
    Ok(())
}

/// Whether the user for whom the socket stands may listen to the object: as nobody else can one be present there.
async fn may_listen(
    context: &Context,
    socket: &Arc<Socket>,
    object: Object,
    member: Option<&Member>,
) -> Result<(), Error> {
    // Signed for this socket, but for nobody who is here: `/rest/pusher/auth` did not sign it.
    let who = context.hub.holder(socket.id).await.ok_or(Kind::NotFound)?;
    if member.is_some_and(|member| member.user_id != who.user.to_string()) {
        return Err(Kind::NotFound.into());
    }
    context.db.catch_up().await?;
    context.backend.may_listen(who, object).await
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
    use crate::testing::{self, client, fill, heard_until};

    #[tokio::test]
    async fn while_too_much_waits_nobody_comes_into_a_presence_channel() {
        const CHANNEL: &str = "presence-map";
        let (context, _, _folder) = testing::context().await;
        let (id, far) = client(&context.hub);
        let socket = context.hub.registry().sockets().next().cloned().unwrap();
        let data = r#"{"user_id":"ada"}"#;
        let auth = context.keys.auth(&signature::presence_text(&id.to_string(), CHANNEL, data));
        let wanted = Subscribe { channel: CHANNEL.into(), auth: Some(auth), channel_data: Some(data.into()) };
        fill(&context.hub);
        subscribe(&context, &socket, wanted).await;
        let told = heard_until("pusher:subscription_error", &far).await;
        let refusal: serde_json::Value = told[0].payload().unwrap();
        assert_eq!((told.len(), &refusal["status"]), (1, &json!(503)));
        assert!(!context.hub.registry().channels.is_present(CHANNEL, "ada"));
    }
}
