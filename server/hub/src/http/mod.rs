//! The HTTP API of Pusher Channels: server programs in any language send events and ask about channels. Every request carries
//! the app's signature. <https://pusher.com/docs/channels/library_auth_reference/rest-api/>

mod authenticate;
mod channels;
mod events;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use earshot_live::error::Error;
use earshot_live::pusher::channel;
use serde_json::{Value, json};

use crate::Context;
use crate::channels::Channels;

/// Bytes of a request: ten events, of which every character is escaped, with what belongs around them.
const MAX_BODY: usize = 512 * 1024;

pub fn router(context: Arc<Context>) -> Router {
    Router::new()
        .route("/apps/{app}/events", post(events::one))
        .route("/apps/{app}/batch_events", post(events::batch))
        .route("/apps/{app}/channels", get(channels::all))
        .route("/apps/{app}/channels/{name}", get(channels::one))
        .route("/apps/{app}/channels/{name}/users", get(channels::users))
        .route("/apps/{app}/users/{user}/terminate_connections", post(channels::terminate))
        // Where the library for Python asks for it: the key tells the app.
        .route("/users/{user}/terminate_connections", post(channels::terminate))
        .layer(from_fn_with_state(context.clone(), authenticate::authenticate))
        .with_state(context)
}

type Answer = Result<Json<Value>, Refusal>;

/// Why a request is refused: a status and a sentence, which Pusher's libraries show as they are.
struct Refusal(StatusCode, String);

impl Refusal {
    fn bad(sentence: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, sentence.into())
    }
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        let Error { kind, sentence } = error.into();
        Self(StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), sentence)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, self.1 + "\n").into_response()
    }
}

/// # Errors
/// 400 when `info` asks for users where nobody can be present.
fn may_be_asked(channel: &str, info: &str) -> Result<(), Refusal> {
    let counts_users = info.split(',').any(|name| name.trim() == "user_count");
    if counts_users && channel::kind(channel) != Some(channel::Kind::Presence) {
        return Err(Refusal::bad("Users are counted on presence channels only."));
    }
    Ok(())
}

/// What is told of a channel, as far as `info` asks for it: names divided by commas.
fn about(channels: &Channels, channel: &str, info: &str) -> Value {
    let mut about = json!({});
    for name in info.split(',') {
        match name.trim() {
            "subscription_count" => about["subscription_count"] = channels.count(channel).into(),
            "user_count" => about["user_count"] = channels.present(channel).len().into(),
            _ => {}
        }
    }
    about
}
