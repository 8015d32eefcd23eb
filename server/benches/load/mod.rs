//! What the load of several measurements is made of: clients of protocol 7, and what the system knows of a server.
#![allow(dead_code, reason = "no measurement uses all of it")]

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

pub struct Client {
    pub stream: WebSocketStream<TcpStream>,
    pub socket_id: String,
}

impl Client {
    /// Connects to the app with this key, and is greeted.
    pub async fn connect(url: &str, key: &str) -> Self {
        let host = url.trim_start_matches("http://");
        let tcp = TcpStream::connect(host).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let url = format!("ws://{host}/app/{key}?protocol=7&client=bench&version=1");
        let config = WebSocketConfig::default().read_buffer_size(2 * 1024);
        let (stream, _) = client_async_with_config(url, tcp, Some(config)).await.unwrap();
        let mut client = Self { stream, socket_id: String::new() };
        client.socket_id = data(&client.frame().await)["socket_id"].as_str().unwrap().to_owned();
        client
    }

    /// Subscribes, and returns what it is told.
    pub async fn subscribe(&mut self, channel: &str, auth: &str) -> Value {
        let wanted = json!({ "event": "pusher:subscribe", "data": { "channel": channel, "auth": auth } });
        self.stream.send(Message::text(wanted.to_string())).await.unwrap();
        let answer = self.frame().await;
        assert_eq!(answer["event"], "pusher_internal:subscription_succeeded");
        data(&answer)
    }

    async fn frame(&mut self) -> Value {
        serde_json::from_str(self.stream.next().await.unwrap().unwrap().to_text().unwrap()).unwrap()
    }
}

/// What stands in a frame's data.
pub fn data(frame: &Value) -> Value {
    serde_json::from_str(frame["data"].as_str().unwrap()).unwrap()
}

pub fn pin(pid: u32, core: usize) {
    let arguments = ["-a", "-c", "-p", &core.to_string(), &pid.to_string()].map(str::to_owned);
    let pinned = std::process::Command::new("taskset").args(arguments).output().unwrap();
    assert!(pinned.status.success(), "{}", String::from_utf8_lossy(&pinned.stderr));
}

/// What the process has used of its core (proc(5): in hundredths of a second).
pub fn cpu(pid: u32) -> Duration {
    Duration::from_millis(10 * (field(pid, 11).unwrap() + field(pid, 12).unwrap()))
}

/// One of the numbers that the system keeps of a process, counted from its state on (proc(5)).
pub fn field(pid: u32, number: usize) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(") ").next()?.split(' ').nth(number)?.parse().ok()
}

/// Bytes of memory that the process has in use (proc(5): in pages of 4 KiB).
pub fn resident(pid: u32) -> u64 {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap();
    4_096 * statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap()
}

/// Of sorted times, in milliseconds.
pub fn percentile(sorted: &[Duration], part: usize) -> f64 {
    sorted[(sorted.len() * part).div_ceil(100) - 1].as_secs_f64() * 1_000.0
}
