//! How a client comes in: the handshake of WebSocket and of protocol 7, after which the stream is the hub's.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::ExtensionRejection;
use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use earshot_live::pusher::close;
use earshot_live::shares::network;
use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tungstenite::handshake::server::create_response_with_body;

use crate::Context;
use crate::connection::{self, Why};
use crate::socket::Socket;
use crate::stream::Stream;

/// Versions of the protocol in which everything that the hub says has the same form.
const PROTOCOLS: RangeInclusive<u32> = 5..=7;

pub fn router(context: Arc<Context>) -> Router {
    Router::new().route("/app/{*path}", get(connect)).with_state(context)
}

#[derive(Deserialize)]
struct ClientQuery {
    protocol: Option<String>,
}

async fn connect(
    State(context): State<Arc<Context>>,
    Path(path): Path<String>,
    Query(client): Query<ClientQuery>,
    from: Result<ConnectInfo<SocketAddr>, ExtensionRejection>,
    mut request: Request,
) -> Response {
    let Ok(ConnectInfo(from)) = from else {
        tracing::error!("the hub is served without into_make_service_with_connect_info");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if context.hub.is_shut() {
        // A balancer asks the next server.
        return (StatusCode::SERVICE_UNAVAILABLE, "This server is stopping.\n").into_response();
    }
    if !context.hub.hears_the_others().await {
        return (StatusCode::SERVICE_UNAVAILABLE, "This server does not hear the others yet.\n").into_response();
    }
    let Ok(response) = create_response_with_body(&request, Body::empty) else {
        return (StatusCode::BAD_REQUEST, "This address speaks WebSocket, version 13.\n").into_response();
    };
    let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return (StatusCode::UPGRADE_REQUIRED, "This connection cannot become a WebSocket.\n").into_response();
    };
    let refused = match refusal(&context, &path, client.protocol.as_deref()) {
        None => None,
        Some(why) => match context.hub.parting() {
            Some(place) => Some((why, place)),
            None => return (StatusCode::SERVICE_UNAVAILABLE, "Too many are being sent away.\n").into_response(),
        },
    };
    tokio::spawn(serve(upgrade, context, from.ip(), refused));
    response
}

async fn serve(upgrade: OnUpgrade, context: Arc<Context>, from: IpAddr, refused: Option<(Why, OwnedSemaphorePermit)>) {
    let Ok(upgraded) = upgrade.await else { return };
    let (stream, early) = match Stream::of(upgraded) {
        Ok(taken) => taken,
        Err(error) => return tracing::warn!(%error, "a stream could not be taken over"),
    };
    let socket = Socket::new(stream);
    match refused {
        Some((why, place)) => connection::refuse(&socket, why, place).await,
        None if context.hub.registry().open(socket.clone(), network(from)) => {
            connection::serve(socket, early, context).await
        }
        None => {
            if let Some(place) = context.hub.parting() {
                let sentence = "This server has as many connections as it can take.";
                connection::refuse(&socket, (close::OVER_CAPACITY, sentence), place).await;
            }
        }
    }
}

/// Why this client cannot be served, with its close code.
fn refusal(context: &Context, path: &str, protocol: Option<&str>) -> Option<Why> {
    if path.contains('/') {
        return Some((close::NO_SUCH_PATH, "There is nothing at this path."));
    }
    if path != context.keys.key {
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
