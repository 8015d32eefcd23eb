//! The door: the handshake of WebSocket and of protocol 7, after which the stream is the hub's.

use std::net::IpAddr;
use std::sync::Arc;

use app::context::ClientAddress;
use app::pusher::{PROTOCOL, close};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use tungstenite::handshake::derive_accept_key;

use crate::AppState;
use crate::hub::connection;
use crate::hub::socket::Socket;
use crate::hub::stream::Stream;

pub fn router(state: Arc<AppState>) -> Router {
    Router::new().route("/app/{*path}", get(connect)).with_state(state)
}

#[derive(Deserialize)]
struct Client {
    protocol: Option<String>,
}

async fn connect(
    State(state): State<Arc<AppState>>,
    Path(path): Path<String>,
    Query(client): Query<Client>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    mut request: Request,
) -> Response {
    let Some(accept) = accept(request.headers()) else {
        return (StatusCode::BAD_REQUEST, "This address speaks WebSocket, version 13.\n").into_response();
    };
    let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return (StatusCode::UPGRADE_REQUIRED, "This connection cannot become a WebSocket.\n").into_response();
    };
    let refusal = refusal(&state, &path, client.protocol.as_deref());
    tokio::spawn(serve(upgrade, state, from, refusal));
    let websocket = HeaderValue::from_static("websocket");
    let headers = [(header::CONNECTION, HeaderValue::from_static("upgrade")), (header::UPGRADE, websocket)];
    (StatusCode::SWITCHING_PROTOCOLS, headers, [(header::SEC_WEBSOCKET_ACCEPT, accept)]).into_response()
}

async fn serve(upgrade: OnUpgrade, state: Arc<AppState>, from: IpAddr, refusal: Option<(u16, &'static str)>) {
    let Ok(upgraded) = upgrade.await else { return };
    let (stream, early) = match Stream::of(upgraded) {
        Ok(taken) => taken,
        Err(error) => return tracing::warn!(%error, "a stream could not be taken over"),
    };
    let socket = Socket::new(stream);
    match refusal {
        Some((code, sentence)) => connection::refuse(&socket, code, sentence).await,
        None if state.hub.0.registry().open(socket.clone(), from) => connection::serve(socket, early, state).await,
        None => {
            let sentence = "This server has as many connections as it can take.";
            connection::refuse(&socket, close::OVER_CAPACITY, sentence).await;
        }
    }
}

/// The answer to a client that asks for a WebSocket (RFC 6455, section 4.2).
fn accept(headers: &HeaderMap) -> Option<String> {
    let says = |name: HeaderName, wanted: &str| {
        let values = headers.get(name).and_then(|value| value.to_str().ok());
        values.is_some_and(|values| values.split(',').any(|value| value.trim().eq_ignore_ascii_case(wanted)))
    };
    let asks = says(header::CONNECTION, "upgrade")
        && says(header::UPGRADE, "websocket")
        && says(header::SEC_WEBSOCKET_VERSION, "13");
    headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| asks).map(|key| derive_accept_key(key.as_bytes()))
}

/// Why this client cannot be served, with its close code.
fn refusal(state: &AppState, path: &str, protocol: Option<&str>) -> Option<(u16, &'static str)> {
    if path.contains('/') {
        return Some((close::NO_SUCH_PATH, "There is nothing at this path."));
    }
    if path != state.config.keys.key {
        return Some((close::NO_SUCH_APP, "There is no app with this key."));
    }
    match protocol {
        None => Some((close::NO_PROTOCOL, "The protocol version is missing.")),
        Some(version) if version.parse::<u32>().is_err() => {
            Some((close::BAD_VERSION, "The protocol version is not a number."))
        }
        Some(version) if version != PROTOCOL => Some((close::UNSUPPORTED_PROTOCOL, "This server speaks protocol 7.")),
        Some(_) => None,
    }
}
