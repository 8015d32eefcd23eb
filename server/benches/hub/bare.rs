//! The floor: one thread, one epoll loop, and no more of the protocol than the load needs. No signature is looked at, no right, no
//! ping, no slow reader. With `joined`, what was published since the last turn goes to each listener in one call of the system;
//! without, each event does.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Data, OpCode};

const LISTENER: Token = Token(usize::MAX);

struct Peer {
    stream: TcpStream,
    /// What has come and is not understood yet.
    begun: Vec<u8>,
    websocket: bool,
}

#[derive(Default)]
struct Loop {
    peers: HashMap<usize, Peer>,
    channels: HashMap<String, Vec<usize>>,
    /// What was published in this turn, by channel.
    waiting: HashMap<String, Vec<Vec<u8>>>,
}

/// Serves for ever, and says on standard output where.
pub fn serve(joined: bool) {
    let mut poll = Poll::new().unwrap();
    let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let mut events = Events::with_capacity(1024);
    let mut all = Loop::default();
    let mut next = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        poll.poll(&mut events, None).unwrap();
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true).unwrap();
                    poll.registry().register(&mut stream, Token(next), Interest::READABLE).unwrap();
                    all.peers.insert(next, Peer { stream, begun: Vec::new(), websocket: false });
                    next += 1;
                }
            } else {
                all.read(event.token().0, &mut buffer);
            }
        }
        all.deliver(joined);
    }
}

impl Loop {
    fn read(&mut self, id: usize, buffer: &mut [u8]) {
        loop {
            let Some(peer) = self.peers.get_mut(&id) else { return };
            match peer.stream.read(buffer) {
                Ok(0) => return self.forget(id),
                Ok(length) => {
                    peer.begun.extend_from_slice(&buffer[..length]);
                    self.understand(id);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.forget(id),
            }
        }
    }

    fn forget(&mut self, id: usize) {
        self.peers.remove(&id);
        self.channels.values_mut().for_each(|ids| ids.retain(|other| *other != id));
    }

    fn understand(&mut self, id: usize) {
        while let Some(peer) = self.peers.get_mut(&id) {
            if peer.websocket {
                let Some(text) = masked_text(&mut peer.begun) else { return };
                self.subscribe(id, &text);
            } else {
                let Some((head, body)) = request(&mut peer.begun) else { return };
                self.answer(id, &head, &body);
            }
        }
    }

    fn answer(&mut self, id: usize, head: &str, body: &[u8]) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let key = head
            .lines()
            .find_map(|line| line.to_lowercase().starts_with("sec-websocket-key:").then(|| line[18..].trim()));
        if let Some(key) = key {
            peer.websocket = true;
            let accept = derive_accept_key(key.as_bytes());
            let greeting = format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            let established = format!(
                r#"{{"event":"pusher:connection_established","data":"{{\"socket_id\":\"1.{id}\",\"activity_timeout\":120}}"}}"#
            );
            peer.stream.write_all(&[greeting.as_bytes(), &text(&established)].concat()).unwrap();
            return;
        }
        let event: serde_json::Value = serde_json::from_slice(body).unwrap();
        let (name, data) = (&event["name"], &event["data"]);
        for channel in event["channels"].as_array().into_iter().flatten().chain(event.get("channel")) {
            let frame = serde_json::json!({ "event": name, "channel": channel, "data": data }).to_string();
            self.waiting.entry(channel.as_str().unwrap().to_owned()).or_default().push(text(&frame));
        }
        peer.stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").unwrap();
    }

    fn subscribe(&mut self, id: usize, text_of_client: &str) {
        let frame: serde_json::Value = serde_json::from_str(text_of_client).unwrap();
        let channel = frame["data"]["channel"].as_str().unwrap().to_owned();
        let told =
            serde_json::json!({ "event": "pusher_internal:subscription_succeeded", "channel": channel, "data": "{}" });
        self.channels.entry(channel).or_default().push(id);
        self.peers.get_mut(&id).unwrap().stream.write_all(&text(&told.to_string())).unwrap();
    }

    fn deliver(&mut self, joined: bool) {
        for (channel, mut frames) in self.waiting.drain() {
            if joined {
                frames = vec![frames.concat()];
            }
            for frame in &frames {
                for id in self.channels.get(&channel).into_iter().flatten() {
                    // One that has gone is found out about when it is read.
                    let _ = self.peers.get_mut(id).map(|peer| peer.stream.write(frame));
                }
            }
        }
    }
}

fn text(payload: &str) -> Vec<u8> {
    let header = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
    let mut bytes = Vec::new();
    header.format(payload.len() as u64, &mut bytes).unwrap();
    bytes.extend_from_slice(payload.as_bytes());
    bytes
}

/// Takes the first request out of `begun`, once all of it is there.
fn request(begun: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    let end = begun.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(begun[..end].to_vec()).unwrap();
    let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let body = begun.get(end..end + length.unwrap_or(0))?.to_vec();
    begun.drain(..end + body.len());
    Some((head, body))
}

/// Takes the first frame of a client out of `begun`, once all of it is there.
fn masked_text(begun: &mut Vec<u8>) -> Option<String> {
    let mut cursor = std::io::Cursor::new(&begun[..]);
    let (header, length) = FrameHeader::parse(&mut cursor).unwrap()?;
    let start = cursor.position() as usize;
    let masked = begun.get(start..start + length as usize)?;
    let mask = header.mask.unwrap();
    let payload = masked.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    begun.drain(..start + length as usize);
    // What a client says when it goes is no text, and nothing that the load does is either.
    (header.opcode == OpCode::Data(Data::Text)).then(|| String::from_utf8(payload).unwrap())
}
