//! What a page asks for in order to listen: `GET /rest/pusher/key` and `POST /rest/pusher/auth`, as the original module has them, and
//! `POST /rest/pusher/user-auth` for `pusher:signin`, and `POST /rest/pusher/notices` for whoever has missed some. All are for those
//! whom the program identifies; anybody else gets 403, and an unknown object looks just like a forbidden one.

mod fields;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use earshot_live::error::{Error, Kind};
use earshot_live::listen::MAX_OBJECTS;
use earshot_live::object::Object;
use earshot_live::pusher::frame::{Member, SignIn};
use earshot_live::pusher::rest::{Behind, Key, Missed, Verdict};
use earshot_live::pusher::{MAX_CHANNELS_PER_AUTH, channel, signature};
use earshot_live::store::notices;
use serde_json::json;

use crate::Context;
use crate::backend::{Holder, Identity};
use crate::rest::fields::Fields;

/// Bytes of a request: as many channels as may be asked for, each character of their names escaped, fit.
const MAX_BODY: usize = 64 * 1024;

pub fn router(context: Arc<Context>) -> Router {
    Router::new()
        .route("/rest/pusher/key", get(key))
        .route("/rest/pusher/auth", post(auth))
        .route("/rest/pusher/user-auth", post(user_auth))
        .route("/rest/pusher/notices", post(missed))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(context)
}

/// Who asks, and may listen. It stands before the fields: the body of anybody else is not read.
struct MayListen(Identity);

impl FromRequestParts<Arc<Context>> for MayListen {
    type Rejection = Denial;

    async fn from_request_parts(parts: &mut Parts, context: &Arc<Context>) -> Result<Self, Denial> {
        Ok(Self(context.backend.identify(parts).await?))
    }
}

/// What is answered instead.
struct Denial(Error);

impl<E: Into<Error>> From<E> for Denial {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Denial {
    fn into_response(self) -> Response {
        tracing::debug!(error = %self.0, "a page is refused");
        match self.0.kind {
            Kind::NotFound | Kind::SignedOut => (StatusCode::FORBIDDEN, Json(self.0)).into_response(),
            _ => self.0.into_response(),
        }
    }
}

async fn key(State(context): State<Arc<Context>>, _: MayListen) -> Result<Json<Key>, Denial> {
    let Context { keys, service, .. } = &*context;
    Ok(Json(Key { key: keys.key.clone(), cluster: keys.cluster.clone(), service: service.clone() }))
}

/// What pusher-js sends: `socket_id` and one `channel_name`. Ours sends `channel_name[]` many times, and is answered with a map
/// from channel to signature or sentence.
async fn auth(
    State(context): State<Arc<Context>>,
    MayListen(identity): MayListen,
    fields: Result<Fields, Error>,
) -> Result<Response, Denial> {
    let fields = fields?;
    let socket_id = fields.one("socket_id")?;
    bind(&context, identity.who, socket_id).await?;
    if let Ok(name) = fields.one("channel_name") {
        return Ok(Json(sign(&context, &identity, socket_id, name).await?).into_response());
    }
    let names: Vec<&str> = fields.all("channel_name[]").take(MAX_CHANNELS_PER_AUTH + 1).collect();
    if names.is_empty() || names.len() > MAX_CHANNELS_PER_AUTH {
        return Err(Error::invalid(format!("Please name 1 to {MAX_CHANNELS_PER_AUTH} channels.")).into());
    }
    let mut verdicts = BTreeMap::new();
    for name in names {
        let verdict = match sign(&context, &identity, socket_id, name).await {
            Ok(granted) => granted,
            Err(error) if error.kind == Kind::NotFound => {
                tracing::debug!(%error, name, "a page may not listen");
                Verdict::Denied { error: error.sentence }
            }
            Err(error) => return Err(error.into()),
        };
        verdicts.insert(name, verdict);
    }
    Ok(Json(verdicts).into_response())
}

/// Has the socket stand for whoever asks: a signature is worth something on this socket only, as long as this session lives. Where
/// it has ended in between, its end was told before the socket was known to be its own, and ends the socket now.
async fn bind(context: &Context, who: Holder, socket_id: &str) -> Result<(), Error> {
    context.hub.bind(socket_id, who).await?;
    let still = async {
        context.db.catch_up().await?;
        context.backend.still(who).await
    };
    still.await.inspect_err(|_| context.hub.unbind(socket_id, who))
}

async fn sign(context: &Context, identity: &Identity, socket_id: &str, name: &str) -> Result<Verdict, Error> {
    let Identity { who, info } = identity;
    let object = channel::object(name).or(channel::presence_object(name)).ok_or(Kind::NotFound)?;
    context.backend.may_listen(*who, object).await?;
    if channel::presence_object(name).is_none() {
        let auth = context.keys.auth(&signature::channel_text(socket_id, name));
        return Ok(Verdict::Granted { auth, channel_data: None });
    }
    let member = Member { user_id: who.user.to_string(), user_info: Some(info.clone()) };
    let data = json!(member).to_string();
    let auth = context.keys.auth(&signature::presence_text(socket_id, name, &data));
    Ok(Verdict::Granted { auth, channel_data: Some(data) })
}

/// What was said on each of the objects after the number beside it. An object that whoever asks may not listen to is answered
/// with the reason; the others all the same.
async fn missed(
    State(context): State<Arc<Context>>,
    MayListen(identity): MayListen,
    asked: Result<Json<Behind>, JsonRejection>,
) -> Result<Json<Missed>, Denial> {
    let Json(Behind { numbers }) = asked.map_err(|_| Kind::Invalid)?;
    if numbers.len() > MAX_OBJECTS {
        return Err(Error::invalid(format!("At most {MAX_OBJECTS} objects can be asked about at once.")).into());
    }
    let mut missed = Missed::new();
    for (object, seq) in numbers {
        let answer = match may_listen(&context, identity.who, object).await? {
            Ok(()) => Ok(notices::after(&context.db, object, seq).await?),
            Err(refused) => Err(refused),
        };
        missed.insert(object, answer);
    }
    // Asked for once more behind the reads: whoever has lost a right hears of nothing that came after that.
    context.db.catch_up().await?;
    for (object, answer) in &mut missed {
        if answer.is_ok()
            && let Err(refused) = may_listen(&context, identity.who, *object).await?
        {
            *answer = Err(refused);
        }
    }
    Ok(Json(missed))
}

/// Whether the object is theirs to hear, or the sentence that says it is not.
async fn may_listen(context: &Context, who: Holder, object: Object) -> Result<Result<(), Error>, Error> {
    match context.backend.may_listen(who, object).await {
        Err(error) if error.kind != Kind::NotFound => Err(error),
        answer => Ok(answer),
    }
}

/// What pusher-js asks for when its user signs in.
async fn user_auth(
    State(context): State<Arc<Context>>,
    MayListen(identity): MayListen,
    fields: Result<Fields, Error>,
) -> Result<Json<SignIn>, Denial> {
    let fields = fields?;
    let socket_id = fields.one("socket_id")?;
    bind(&context, identity.who, socket_id).await?;
    let Identity { who, info } = identity;
    let user_data = json!({ "id": who.user.to_string(), "user_info": info }).to_string();
    let auth = context.keys.auth(&signature::user_text(socket_id, &user_data));
    Ok(Json(SignIn { auth: Some(auth), user_data }))
}

#[cfg(test)]
mod tests {
    use earshot_live::store::APPLICATION;
    use tokio::runtime::Handle;
    use tokio::task::block_in_place;

    use super::*;
    use crate::testing::{self, POSTED, ROOM};

    fn posted(context: &Context, object: Object) -> impl Future<Output = ()> + use<> {
        let db = context.db.clone();
        async move {
            let mut tx = db.begin(APPLICATION).await.unwrap();
            tx.notice(object, POSTED, object);
            tx.commit().await.unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_came_after_a_right_was_lost_is_told_to_nobody_who_had_it() {
        let (context, program, _folder) = testing::context().await;
        let (room, who) = (ROOM.object(7), Holder { user: 1, session: 1 });
        posted(&context, room).await;
        let asked = || {
            let numbers = [(room, 0)].into();
            let identity = Identity { who, info: json!({}) };
            missed(State(Arc::new(context.clone())), MayListen(identity), Ok(Json(Behind { numbers })))
        };
        let (later, of_program) = (posted(&context, room), Arc::downgrade(&program));
        // The first answer is yes, and the right is lost before anything else is done.
        *program.after_answer.lock().unwrap() = Some(Box::new(move || {
            of_program.upgrade().unwrap().out.lock().unwrap().insert((1, room));
            block_in_place(|| Handle::current().block_on(later));
        }));
        let Ok(Json(told)) = asked().await else { panic!("it is answered") };
        assert_eq!(told[&room].as_ref().map_err(|error| error.kind), Err(Kind::NotFound));
    }
}
