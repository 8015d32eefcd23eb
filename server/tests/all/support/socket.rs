//! A protocol peer of the hub: a plain WebSocket client.

use earshot_live::object::Object;
use earshot_live::pusher::channel;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use socket2::SockRef;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

use crate::support::person::Person;
use crate::support::program::Program;
use crate::support::server::Server;
use crate::support::timeout::in_time;

pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub id: String,
    program: Program,
}

/// What comes from the hub.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Frame(Value),
    Closed(u16),
}

impl Socket {
    /// Connects and greets.
    pub async fn open(server: &Server) -> Self {
        let path = format!("/app/{}?protocol=7&client=test&version=1.0", server.keys.key);
        Self::dial(server, &path).await.greeted().await
    }

    /// The same, with room for only a few bytes that were not read yet.
    pub async fn open_narrow(server: &Server) -> Self {
        let tcp = TcpSocket::new_v4().unwrap();
        tcp.set_recv_buffer_size(1_024).unwrap();
        // Small segments: for large ones the system keeps megabytes that were not taken yet.
        SockRef::from(&tcp).set_tcp_mss(1_000).unwrap();
        let tcp = tcp.connect(server.url.trim_start_matches("http://").parse().unwrap()).await.unwrap();
        let url = format!("{}/app/{}?protocol=7", server.url.replace("http", "ws"), server.keys.key);
        let dialling = client_async(url, MaybeTlsStream::Plain(tcp));
        let (stream, _) = in_time("the hub lets a client in", dialling).await.unwrap();
        Self { stream, id: String::new(), program: Program::beside(server) }.greeted().await
    }

    pub async fn dial(server: &Server, path: &str) -> Self {
        let url = format!("{}{path}", server.url.replace("http", "ws"));
        let (stream, _) = in_time("the hub lets a client in", connect_async(url)).await.unwrap();
        Self { stream, id: String::new(), program: Program::beside(server) }
    }

    async fn greeted(mut self) -> Self {
        let established = self.frame().await;
        assert_eq!(established["event"], "pusher:connection_established");
        self.id = data(&established)["socket_id"].as_str().unwrap().to_owned();
        self
    }

    /// Connects as `person` and subscribes to the channel of `object`.
    pub async fn listening(server: &Server, person: &Person, object: Object) -> Self {
        let mut socket = Self::open(server).await;
        let answer = socket.subscribe(person, object).await;
        assert_eq!(answer["event"], "pusher_internal:subscription_succeeded", "{answer}");
        socket
    }

    /// Has `person` authorise the channel of `object`, subscribes, and returns what the hub says.
    pub async fn subscribe(&mut self, person: &Person, object: Object) -> Value {
        let channel = channel::of(object);
        let answer = person.authorise(&self.id, &channel).await;
        let auth = answer.json()["auth"].as_str().unwrap_or_else(|| panic!("refused: {answer:?}")).to_owned();
        self.subscribe_with(&channel, &auth).await
    }

    /// Connects as `person` and is present at `object`. Whoever was there before has been told so.
    pub async fn present(server: &Server, person: &Person, object: Object) -> Self {
        let mut socket = Self::open(server).await;
        let answer = socket.attend(person, object).await;
        assert_eq!(answer["event"], "pusher_internal:subscription_succeeded", "{answer}");
        socket.heard_so_far().await;
        socket
    }

    /// Has `person` authorise the presence channel of `object`, subscribes, and returns what the hub says.
    pub async fn attend(&mut self, person: &Person, object: Object) -> Value {
        let channel = channel::presence_of(object);
        let mut wanted = person.authorise(&self.id, &channel).await.json();
        wanted["channel"] = channel.into();
        self.send(json!({ "event": "pusher:subscribe", "data": wanted })).await;
        self.frame().await
    }

    pub async fn subscribe_with(&mut self, channel: &str, auth: &str) -> Value {
        self.send(json!({ "event": "pusher:subscribe", "data": { "channel": channel, "auth": auth } })).await;
        self.frame().await
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_text(frame.to_string()).await;
    }

    pub async fn send_text(&mut self, text: String) {
        self.send_message(Message::text(text)).await;
    }

    pub async fn send_message(&mut self, message: Message) {
        in_time("the hub takes a frame", self.stream.send(message)).await.unwrap();
    }

    /// Whether there is still somebody to send it to.
    pub async fn try_send(&mut self, frame: Value) -> bool {
        in_time("the hub takes a frame", self.stream.send(Message::text(frame.to_string()))).await.is_ok()
    }

    pub async fn next(&mut self) -> Heard {
        loop {
            match in_time("something is heard", self.stream.next()).await {
                Some(Ok(Message::Text(text))) => return Heard::Frame(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(close))) => return Heard::Closed(close.map_or(1005, |close| close.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Closed(1006),
            }
        }
    }

    pub async fn frame(&mut self) -> Value {
        match self.next().await {
            Heard::Frame(frame) => frame,
            Heard::Closed(code) => panic!("closed with {code}"),
        }
    }

    /// The close code, after whatever frames come before it.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Heard::Closed(code) = self.next().await {
                return code;
            }
        }
    }

    /// Every frame that was published to this socket before now: what is published comes in order, and so does a mark.
    pub async fn heard_so_far(&mut self) -> Vec<Value> {
        let mark = format!("so-far-{}", self.id.replace('.', "-"));
        let mut frames = Vec::new();
        for marked in [false, true] {
            if marked {
                assert_eq!(self.program.trigger(&mark, "mark", "").await.status, 200);
            } else {
                self.send(json!({ "event": "pusher:subscribe", "data": { "channel": mark } })).await;
            }
            loop {
                let frame = self.frame().await;
                if frame["channel"] == *mark {
                    break;
                }
                frames.push(frame);
            }
        }
        // The answer to a ping says that the hub has forgotten the mark.
        self.send(json!({ "event": "pusher:unsubscribe", "data": { "channel": mark } })).await;
        self.send(json!({ "event": "pusher:ping", "data": {} })).await;
        loop {
            match self.frame().await {
                frame if frame["event"] == "pusher:pong" => return frames,
                frame => frames.push(frame),
            }
        }
    }
}

/// The JSON inside a frame's data.
pub fn data(frame: &Value) -> Value {
    serde_json::from_str(frame["data"].as_str().unwrap_or_else(|| panic!("no data: {frame}"))).unwrap()
}
