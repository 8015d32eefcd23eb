//! `pusher:signin`: the app's own signature says who is at a socket. What is sent to that user is heard there, and the user's
//! connections can be ended.

use std::sync::Arc;

use earshot_live::error::{Error, Kind};
use earshot_live::pusher::frame::{Frame, SignIn, UserData};
use earshot_live::pusher::{close, signature};

use crate::Context;
use crate::limits::MAX_USER_ID;
use crate::say;
use crate::socket::Socket;

/// Notes who is there, and says so. Whoever was not signed for is to go, with the code that is returned.
pub fn sign_in(context: &Context, socket: &Arc<Socket>, frame: &Frame) -> Option<u16> {
    match try_to(context, socket, frame) {
        Ok(signed_in) => {
            say(socket, &Frame::new("pusher:signin_success", signed_in));
            None
        }
        Err(error) => {
            say(socket, &Frame::error(Some(close::UNAUTHORISED), &error.sentence));
            Some(close::UNAUTHORISED)
        }
    }
}

fn try_to(context: &Context, socket: &Arc<Socket>, frame: &Frame) -> Result<SignIn, Error> {
    let SignIn { auth, user_data } =
        frame.payload().map_err(|_| Error::invalid("The data has to hold auth and user_data."))?;
    context.keys.admit(auth.as_deref(), &signature::user_text(&socket.id.to_string(), &user_data))?;
    let user: UserData =
        serde_json::from_str(&user_data).map_err(|_| Error::invalid("The user_data has to be JSON with an id."))?;
    if user.id.is_empty() || user.id.chars().count() > MAX_USER_ID {
        return Err(Error::invalid("The id is empty or too long."));
    }
    if !context.hub.registry().sign_in(socket.id, &user.id) {
        return Err(Kind::Forbidden.into());
    }
    Ok(SignIn { auth: None, user_data })
}
