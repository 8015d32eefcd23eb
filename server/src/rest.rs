//! What a page asks for in order to listen: `GET /rest/pusher/key` and `POST /rest/pusher/auth`, as the original module has them, and
//! `POST /rest/pusher/user-auth` for `pusher:signin`, and `POST /rest/pusher/notices` for whoever has missed some. All are for people who are signed in and have the role `pusher_user`;
//! anything else is 403, and an unknown object looks just like a forbidden one.

use std::collections::BTreeMap;

use app::access::{Access, Viewer, role_pusher_user};
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use earshot_live::error::{Error, Kind};
use earshot_live::listen::MAX_OBJECTS;
use earshot_live::pusher::frame::{Member, SignIn};
use earshot_live::pusher::rest::{Behind, Key, Missed, Verdict};
use earshot_live::pusher::{MAX_CHANNELS_PER_AUTH, channel, signature};
use earshot_live::store::notices;
use serde_json::json;

use crate::AppState;
use crate::config::Config;
use crate::extract::{Fields, SignedIn};

/// Bytes of a request: as many channels as may be asked for, each character of their names escaped, fit.
const MAX_BODY: usize = 64 * 1024;

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/rest/pusher/key", get(key))
        .route("/rest/pusher/auth", post(auth))
        .route("/rest/pusher/user-auth", post(user_auth))
        .route("/rest/pusher/notices", post(missed))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

/// Who is signed in and may listen. It stands before the fields: the body of anybody else is not read.
struct MayListen(Viewer);

impl FromRequestParts<AppState> for MayListen {
    type Rejection = Denial;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Denial> {
        let SignedIn(viewer) = SignedIn::from_request_parts(parts, state).await?;
        role_pusher_user(&viewer)?;
        Ok(Self(viewer))
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
        match self.0.kind {
            Kind::NotFound | Kind::SignedOut => (StatusCode::FORBIDDEN, Json(self.0)).into_response(),
            _ => self.0.into_response(),
        }
    }
}

async fn key(State(state): State<AppState>, _: MayListen) -> Result<Json<Key>, Denial> {
    let Config { keys, service, .. } = &*state.config;
    let service = service.as_ref().map(|address| address.endpoint.clone());
    Ok(Json(Key { key: keys.key.clone(), cluster: keys.cluster.clone(), service }))
}

/// What pusher-js sends: `socket_id` and one `channel_name`. Ours sends `channel_name[]` many times, and is answered with a map
/// from channel to signature or sentence.
async fn auth(
    State(state): State<AppState>,
    MayListen(viewer): MayListen,
    fields: Result<Fields, Error>,
) -> Result<Response, Denial> {
    let fields = fields?;
    let socket_id = fields.one("socket_id")?;
    bind(&state, &viewer, socket_id).await?;
    if let Ok(name) = fields.one("channel_name") {
        return Ok(Json(sign(&state, &viewer, socket_id, name).await?).into_response());
    }
    let names: Vec<&str> = fields.all("channel_name[]").take(MAX_CHANNELS_PER_AUTH + 1).collect();
    if names.is_empty() || names.len() > MAX_CHANNELS_PER_AUTH {
        return Err(Error::invalid(format!("Please name 1 to {MAX_CHANNELS_PER_AUTH} channels.")).into());
    }
    let mut verdicts = BTreeMap::new();
    for name in names {
        let verdict = match sign(&state, &viewer, socket_id, name).await {
            Ok(granted) => granted,
            Err(error) if error.kind == Kind::NotFound => Verdict::Denied { error: error.sentence },
            Err(error) => return Err(error.into()),
        };
        verdicts.insert(name, verdict);
    }
    Ok(Json(verdicts).into_response())
}

/// Has the socket stand for the viewer: a signature is worth something on this socket only, as long as this session lives. Where
/// it has ended in between, its end was told before the socket was known to be its own, and ends the socket now.
async fn bind(state: &AppState, viewer: &Viewer, socket_id: &str) -> Result<(), Error> {
    state.hub.bind(socket_id, viewer).await?;
    let still = async {
        state.db.catch_up().await?;
        role_pusher_user(&Viewer::of_session(&state.db, viewer.session).await?)
    };
    still.await.inspect_err(|_| state.hub.unbind(socket_id, viewer))
}

async fn sign(state: &AppState, viewer: &Viewer, socket_id: &str, name: &str) -> Result<Verdict, Error> {
    let keys = &state.config.keys;
    let object = channel::object(name).or(channel::presence_object(name)).ok_or(Kind::NotFound)?;
    Access::notices(&state.db, viewer, object).await?;
    if channel::presence_object(name).is_none() {
        let auth = keys.auth(&signature::channel_text(socket_id, name));
        return Ok(Verdict::Granted { auth, channel_data: None });
    }
    let mut info = json!({ "name": viewer.name });
    if let Some(version) = viewer.picture {
        info["picture"] = version.into();
    }
    let member = Member { user_id: viewer.id.to_string(), user_info: Some(info) };
    let data = json!(member).to_string();
    let auth = keys.auth(&signature::presence_text(socket_id, name, &data));
    Ok(Verdict::Granted { auth, channel_data: Some(data) })
}

/// What was said on each of the objects after the number beside it. An object that the viewer may not listen to is answered with
/// the reason; the others all the same.
async fn missed(
    State(state): State<AppState>,
    MayListen(viewer): MayListen,
    asked: Result<Json<Behind>, JsonRejection>,
) -> Result<Json<Missed>, Denial> {
    let Json(Behind { numbers }) = asked.map_err(|_| Kind::Invalid)?;
    if numbers.len() > MAX_OBJECTS {
        return Err(Error::invalid(format!("At most {MAX_OBJECTS} objects can be asked about at once.")).into());
    }
    let mut missed = Missed::new();
    for (object, seq) in numbers {
        let answer = match Access::notices(&state.db, &viewer, object).await {
            Ok(_) => Ok(notices::after(&state.db, object, seq).await?),
            Err(refused) if refused.kind == Kind::NotFound => Err(refused),
            Err(error) => return Err(error.into()),
        };
        missed.insert(object, answer);
    }
    Ok(Json(missed))
}

/// What pusher-js asks for when its user signs in.
async fn user_auth(
    State(state): State<AppState>,
    MayListen(viewer): MayListen,
    fields: Result<Fields, Error>,
) -> Result<Json<SignIn>, Denial> {
    let fields = fields?;
    let socket_id = fields.one("socket_id")?;
    bind(&state, &viewer, socket_id).await?;
    let user_data = json!({ "id": viewer.id.to_string(), "user_info": { "name": viewer.name } }).to_string();
    let auth = state.config.keys.auth(&signature::user_text(socket_id, &user_data));
    Ok(Json(SignIn { auth: Some(auth), user_data }))
}
