//! The HTTP API of Pusher Channels: server programs in any language send events and ask about channels. Every request carries
//! the app's signature. <https://pusher.com/docs/channels/library_auth_reference/rest-api/>

mod authenticate;
mod channels;
mod events;

use std::sync::Arc;

use app::error::{Error, Kind};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::AppState;

/// Bytes of a request: ten events, of which every character is escaped, with what belongs around them.
const MAX_BODY: usize = 512 * 1024;

pub fn router(state: Arc<AppState>) -> Router {
    Router::new()
        .route("/apps/{app}/events", post(events::one))
        .route("/apps/{app}/batch_events", post(events::batch))
        .route("/apps/{app}/channels", get(channels::all))
        .route("/apps/{app}/channels/{name}", get(channels::one))
        .route("/apps/{app}/channels/{name}/users", get(channels::users))
        .route("/apps/{app}/users/{user}/terminate_connections", post(channels::terminate))
        .layer(from_fn_with_state(state.clone(), authenticate::authenticate))
        .with_state(state)
}

type Answer = Result<Json<Value>, Refusal>;

/// Why a request is refused: a status and a sentence, which Pusher's libraries show as they are.
struct Refusal(StatusCode, String);

impl Refusal {
    fn bad(sentence: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, sentence.into())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error.kind {
            Kind::Invalid => Self::bad(error.sentence),
            kind => Self(StatusCode::from_u16(kind.status()).unwrap_or_default(), error.sentence),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, self.1 + "\n").into_response()
    }
}

/// What is told of a channel, as far as `info` asks for it: names divided by commas.
fn about(state: &AppState, channel: &str, info: &str) -> Value {
    let registry = state.hub.0.registry();
    let mut about = json!({});
    for name in info.split(',') {
        match name.trim() {
            "subscription_count" => about["subscription_count"] = registry.channels.listeners(channel).len().into(),
            "user_count" => about["user_count"] = registry.channels.users(channel).len().into(),
            _ => {}
        }
    }
    about
}
