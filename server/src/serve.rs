//! The listening. axum's own server bounds neither the time for a request's head and body, nor that for taking the answer, nor
//! the number of connections.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use app::profiles::PICTURE_PATH;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use axum::serve::Listener;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
#[cfg(any(target_os = "linux", target_os = "android"))]
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower::Service;
use tower_http::timeout::TimeoutBody;

use crate::deadline::Deadline;
use crate::files;
use crate::places::Places;

#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How long a request's head may take, and a connection wait for its next. A proxy keeps idle ones for less.
    pub head: Duration,
    /// How long nothing of a body may come.
    pub body: Duration,
    /// How long the whole of a body may take.
    pub whole_body: Duration,
    /// The same where files are sent.
    pub whole_file: Duration,
    /// How long the client may take nothing of an answer.
    pub answer: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(75),
            body: Duration::from_secs(30),
            whole_body: Duration::from_secs(60),
            whole_file: files::TIMEOUT,
            answer: Duration::from_secs(30),
        }
    }
}

impl Bounds {
    /// The body of a request to that path, with an end to its coming.
    fn bounded(self, path: &str, body: Incoming) -> Body {
        let whole = if matches!(path, files::UPLOAD_PATH | PICTURE_PATH) { self.whole_file } else { self.whole_body };
        Body::new(Deadline::new(Body::new(TimeoutBody::new(self.body, Body::new(body))), whole))
    }

    /// hyper waits for ever until what it writes is taken; the system ends it for us, where it knows how.
    fn bound_writing(self, stream: &TcpStream) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(self.answer)) {
            tracing::debug!(%error, "a connection may wait for ever");
        }
    }
}

/// Serves until `stop` is done, and then until the requests that are under way are answered.
pub async fn serve(
    mut listener: impl Listener<Io = TcpStream, Addr = SocketAddr>,
    router: Router,
    places: Places,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let (stopping, stopped) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let free = places.free().await;
            (listener.accept().await, free)
        };
        let ((stream, from), free) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let Some(place) = free.and_then(|free| places.take(free, from.ip())) else { continue };
        bounds.bound_writing(&stream);
        let connection = converse(stream, from, router.clone(), bounds, stopped.clone());
        tokio::spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop((listener, stopped));
    // The connections hear that nothing more will be sent on this channel, and each lets go of it when it has ended.
    stopping.send_replace(());
    stopping.closed().await;
}

/// Answers requests until either side ends the connection.
async fn converse(
    stream: TcpStream,
    from: SocketAddr,
    router: Router,
    bounds: Bounds,
    mut stopped: watch::Receiver<()>,
) {
    let answer = service_fn(move |request| answer(router.clone(), request, from, bounds));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(bounds.head);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), answer).with_upgrades());
    let ended = tokio::select! {
        ended = &mut connection => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %from, "a connection has ended");
    }
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
    from: SocketAddr,
    bounds: Bounds,
) -> Result<Response, Infallible> {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(ConnectInfo(from));
    let body = bounds.bounded(parts.uri.path(), body);
    router.call(Request::from_parts(parts, body)).await
}

#[cfg(test)]
mod tests;
