//! How a client comes in: the handshake of WebSocket and of protocol 7, after which the stream is the hub's.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;

use app::context::ClientAddress;
use app::people::limits::network;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use earshot_live::pusher::close;
use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tungstenite::handshake::server::create_response_with_body;

use crate::AppState;
use crate::hub::connection;
use crate::hub::socket::Socket;
use crate::hub::stream::Stream;

/// A close code with a sentence.
pub type Why = (u16, &'static str);

/// Versions of the protocol in which everything that the hub says has the same form.
const PROTOCOLS: RangeInclusive<u32> = 5..=7;

pub fn router(state: Arc<AppState>) -> Router {
    Router::new().route("/app/{*path}", get(connect)).with_state(state)
}

#[derive(Deserialize)]
struct ClientQuery {
    protocol: Option<String>,
}

async fn connect(
    State(state): State<Arc<AppState>>,
    Path(path): Path<String>,
    Query(client): Query<ClientQuery>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    mut request: Request,
) -> Response {
    if state.hub.is_shut() {
        // A balancer asks the next server.
        return (StatusCode::SERVICE_UNAVAILABLE, "This server is stopping.\n").into_response();
    }
    if !state.hub.hears_the_others().await {
        return (StatusCode::SERVICE_UNAVAILABLE, "This server does not hear the others yet.\n").into_response();
    }
    let Ok(response) = create_response_with_body(&request, Body::empty) else {
        return (StatusCode::BAD_REQUEST, "This address speaks WebSocket, version 13.\n").into_response();
    };
    let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return (StatusCode::UPGRADE_REQUIRED, "This connection cannot become a WebSocket.\n").into_response();
    };
    let refused = match refusal(&state, &path, client.protocol.as_deref()) {
        None => None,
        Some(why) => match state.hub.parting() {
            Some(place) => Some((why, place)),
            None => return (StatusCode::SERVICE_UNAVAILABLE, "Too many are being sent away.\n").into_response(),
        },
    };
    tokio::spawn(serve(upgrade, state, from, refused));
    response
}

async fn serve(upgrade: OnUpgrade, state: Arc<AppState>, from: IpAddr, refused: Option<(Why, OwnedSemaphorePermit)>) {
    let Ok(upgraded) = upgrade.await else { return };
    let (stream, early) = match Stream::of(upgraded) {
        Ok(taken) => taken,
        Err(error) => return tracing::warn!(%error, "a stream could not be taken over"),
    };
    let socket = Socket::new(stream);
    match refused {
        Some((why, place)) => connection::refuse(&socket, why, place).await,
        None if state.hub.registry().open(socket.clone(), network(from)) => {
            connection::serve(socket, early, state).await
        }
        None => {
            if let Some(place) = state.hub.parting() {
                let sentence = "This server has as many connections as it can take.";
                connection::refuse(&socket, (close::OVER_CAPACITY, sentence), place).await;
            }
        }
    }
}

/// Why this client cannot be served, with its close code.
fn refusal(state: &AppState, path: &str, protocol: Option<&str>) -> Option<Why> {
    if path.contains('/') {
        return Some((close::NO_SUCH_PATH, "There is nothing at this path."));
    }
    if path != state.config.keys.key {
        return Some((close::NO_SUCH_APP, "There is no app with this key."));
    }
    match protocol {
        None => Some((close::NO_PROTOCOL, "The protocol version is missing.")),
        Some(version) => match version.parse::<u32>() {
            Err(_) => Some((close::BAD_VERSION, "The protocol version is not a number.")),
            Ok(version) if !PROTOCOLS.contains(&version) => {
                Some((close::UNSUPPORTED_PROTOCOL, "This server speaks protocol 5 to 7."))
            }
            Ok(_) => None,
        },
    }
}
