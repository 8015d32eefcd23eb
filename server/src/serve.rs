//! The listening. axum's own server bounds neither the time for a request's head and body nor the number of connections.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

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
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tower::Service;
use tower_http::timeout::TimeoutBody;

#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at a time. Those beyond wait with the system. One that has become a WebSocket is the hub's to count.
    pub connections: usize,
    /// How long a request's head may take, and a connection wait for its next. A proxy keeps idle ones for less.
    pub head: Duration,
    /// How long nothing of a body may come.
    pub body: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { connections: 10_000, head: Duration::from_secs(75), body: Duration::from_secs(30) }
    }
}

/// Serves until `stop` is done, and then until the requests that are under way are answered.
pub async fn serve(
    mut listener: impl Listener<Io = TcpStream, Addr = SocketAddr>,
    router: Router,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(bounds.connections));
    let (stopping, stopped) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        let ((stream, from), place) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
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
    let answer = service_fn(move |request| answer(router.clone(), request, from, bounds.body));
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
    mut request: Request<Incoming>,
    from: SocketAddr,
    silence: Duration,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(ConnectInfo(from));
    router.call(request.map(|body| Body::new(TimeoutBody::new(silence, Body::new(body))))).await
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::extract::Path;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::sync::{Notify, oneshot};
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_secs(20);
    const PATIENT: Bounds = Bounds { connections: 10, head: LONG, body: LONG };

    struct Server {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        running: JoinHandle<()>,
    }

    async fn start(router: Router, bounds: Bounds) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(serve(listener, router, bounds, async { drop(stopped.await) }));
        Server { address, stop, running }
    }

    impl Server {
        async fn client(&self, request: &str) -> TcpStream {
            let mut client = TcpStream::connect(self.address).await.unwrap();
            client.write_all(request.as_bytes()).await.unwrap();
            client
        }
    }

    /// All that comes until the server ends the connection.
    async fn rest(mut client: TcpStream) -> String {
        let mut text = String::new();
        timeout(LONG / 2, client.read_to_string(&mut text)).await.expect("the server ends it").unwrap();
        text
    }

    /// The answer, of which `end` is the end.
    async fn until(client: &mut TcpStream, end: &str) {
        let mut text = Vec::new();
        while !text.ends_with(end.as_bytes()) {
            assert!(timeout(LONG, client.read_buf(&mut text)).await.expect("an answer").unwrap() > 0, "it has ended");
        }
    }

    #[tokio::test]
    async fn a_head_has_to_come_in_time() {
        let server = start(Router::new(), Bounds { head: SHORT, ..PATIENT }).await;
        for begun in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: here\r\n"] {
            let client = server.client(begun).await;
            assert!(!rest(client).await.contains(" 200 "), "{begun}");
        }
    }

    #[tokio::test]
    async fn a_body_has_to_come_in_time() {
        let router = Router::new().route("/", post(|body: String| async { body }));
        let server = start(router, Bounds { body: SHORT, ..PATIENT }).await;
        let head = "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\n";
        let client = server.client(&format!("{head}abc")).await;
        assert!(rest(client).await.starts_with("HTTP/1.1 4"));
        let mut client = server.client(&format!("{head}abcde")).await;
        until(&mut client, "abcde").await;
    }

    #[tokio::test]
    async fn who_finds_no_place_waits_for_one() {
        let order = Arc::new(Mutex::new(Vec::new()));
        let seen = order.clone();
        let handler = move |Path(name): Path<String>| async move {
            seen.lock().unwrap().push(name);
            "answered"
        };
        let router = Router::new().route("/{name}", get(handler));
        let server = start(router, Bounds { connections: 1, ..PATIENT }).await;
        let ask = |name: &str| format!("GET /{name} HTTP/1.1\r\nHost: here\r\n\r\n");
        let mut first = server.client(&ask("first")).await;
        until(&mut first, "answered").await;
        let mut second = server.client(&ask("second")).await;
        first.write_all(ask("again").as_bytes()).await.unwrap();
        until(&mut first, "answered").await;
        drop(first);
        until(&mut second, "answered").await;
        assert_eq!(*order.lock().unwrap(), ["first", "again", "second"]);
    }

    #[tokio::test]
    async fn requests_that_are_under_way_are_answered_before_the_end() {
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (has_begun, may_go_on) = (begun.clone(), go_on.clone());
        let handler = move || async move {
            begun.notify_one();
            go_on.notified().await;
            "done"
        };
        let router = Router::new().route("/", get(handler));
        let server = start(router, PATIENT).await;
        let _idle = server.client("").await;
        let client = server.client("GET / HTTP/1.1\r\nHost: here\r\n\r\n").await;
        has_begun.notified().await;
        server.stop.send(()).unwrap();
        may_go_on.notify_one();
        assert!(rest(client).await.ends_with("done"));
        timeout(LONG / 2, server.running).await.expect("it ends").unwrap();
    }
}
