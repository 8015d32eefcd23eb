use std::future::pending;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::*;
use crate::proxies::Proxies;

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(20);
const PATIENT: Bounds = Bounds { head: LONG, body: LONG, whole_body: LONG, whole_file: LONG, answer: LONG };
/// Clients of the tests come from here.
const HERE: &str = "127.0.0.1";
const ELSEWHERE: &str = "192.0.2.1";

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

async fn start(router: Router, bounds: Bounds) -> Server {
    start_with(10, HERE, router, bounds).await
}

async fn start_with(places: usize, proxies: &str, router: Router, bounds: Bounds) -> Server {
    let places = Places::new(places, Proxies::read(proxies).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let running = tokio::spawn(serve(listener, router, places, bounds, async { drop(stopped.await) }));
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

/// One byte of a body each moment, until the server says something.
async fn trickle(server: &Server, path: &str) -> String {
    let head = format!("POST {path} HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n");
    let (mut reading, mut writing) = server.client(&head).await.into_split();
    let trickling = async {
        while writing.write_all(b"x").await.is_ok() {
            sleep(SHORT / 10).await;
        }
        pending().await
    };
    let mut said = [0; 12];
    tokio::select! {
        read = reading.read_exact(&mut said) => assert_eq!(read.unwrap(), 12),
        () = trickling => {}
        () = sleep(LONG / 2) => panic!("nothing is said"),
    }
    String::from_utf8(said.into()).unwrap()
}

#[tokio::test]
async fn the_whole_of_a_body_has_to_come_in_time() {
    let read = async |body: Result<Bytes, BytesRejection>| if body.is_ok() { "whole" } else { "part" };
    let router = Router::new().route("/", post(read)).route(files::UPLOAD_PATH, post(read));
    let bounds = Bounds { whole_body: 2 * SHORT, whole_file: 20 * SHORT, ..PATIENT };
    let server = start(router, bounds).await;
    let begun = Instant::now();
    assert_eq!(trickle(&server, "/").await, "HTTP/1.1 200");
    let (body, begun) = (begun.elapsed(), Instant::now());
    assert_eq!(trickle(&server, files::UPLOAD_PATH).await, "HTTP/1.1 200");
    assert!(body < begun.elapsed(), "a file has more time");
}

#[tokio::test]
async fn who_does_not_take_the_answer_loses_the_place() {
    let large = || async { vec![b'x'; 64 << 20] };
    let router = Router::new().route("/large", get(large)).route("/", get(|| async { "answered" }));
    let server = start_with(1, HERE, router, Bounds { answer: SHORT, ..PATIENT }).await;
    let _deaf = server.client("GET /large HTTP/1.1\r\nHost: here\r\n\r\n").await;
    let mut other = server.client("GET / HTTP/1.1\r\nHost: here\r\n\r\n").await;
    until(&mut other, "answered").await;
}

#[tokio::test]
async fn a_network_has_a_quarter_of_the_places_and_a_proxy_all() {
    let router = Router::new().route("/", get(|| async { "answered" }));
    let ask = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
    let server = start_with(8, ELSEWHERE, router.clone(), PATIENT).await;
    let (mut first, mut second) = (server.client(ask).await, server.client(ask).await);
    until(&mut first, "answered").await;
    until(&mut second, "answered").await;
    let mut third = server.client("").await;
    assert_eq!(timeout(LONG / 2, third.read(&mut [0])).await.expect("it is let go").unwrap(), 0);
    drop(first);
    let answered = async {
        loop {
            let mut again = server.client("").await;
            if again.write_all(ask.as_bytes()).await.is_ok() && again.read(&mut [0]).await.is_ok_and(|read| read > 0) {
                break;
            }
        }
    };
    timeout(LONG / 2, answered).await.expect("there is a place again");
    let server = start_with(8, HERE, router, PATIENT).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = server.client(ask).await;
        until(&mut client, "answered").await;
        clients.push(client);
    }
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
    let server = start_with(1, HERE, router, PATIENT).await;
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
