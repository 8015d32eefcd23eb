//! The page's connection, which is as unreliable as the test wants it.

use std::sync::atomic::Ordering::SeqCst;

use earshot_live::error::{Error, Kind};
use earshot_live::listen::event::Event;
use earshot_live::pusher::close;
use earshot_live::pusher::frame::Frame;
use futures::channel::mpsc::unbounded;
use futures::{SinkExt, StreamExt};
use reqwest::Method;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message as Text;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::page::calls::ask;
use crate::support::page::shared::Shared;

/// How unreliably frames arrive. Each is a probability.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    pub lost: f64,
    pub twice: f64,
    /// Heard after the one behind it.
    pub late: f64,
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Shared {
    /// Connects, and reports what comes of it, until the connection has ended or was cut, whatever is under way.
    pub async fn dial(&self, number: u32) {
        // Before the look at whether the page is offline: of the cut that comes with it, one or the other tells.
        let mut cut = self.cut.subscribe();
        let end = tokio::select! {
            _ = cut.changed() => Event::Closed(number, close::ABNORMAL),
            end = self.converse(number) => end,
        };
        self.report(end);
    }

    async fn converse(&self, number: u32) -> Event {
        match self.connect().await {
            Ok(stream) => Event::Closed(number, self.carry_both_ways(number, stream).await),
            Err(error) if error.may_pass() => Event::Closed(number, close::ABNORMAL),
            Err(refused) => Event::Refused(number, refused),
        }
    }

    async fn connect(&self) -> Result<Stream, Error> {
        #[derive(Deserialize)]
        struct Key {
            key: String,
        }
        if self.offline.load(SeqCst) {
            return Err(Kind::Unreachable.into());
        }
        let Key { key } = ask(self.person.request(Method::GET, "/rest/pusher/key")).await?;
        let url = format!("{}/app/{key}?protocol=7&client=test&version=1", self.person.url.replace("http", "ws"));
        Ok(connect_async(url).await.map_err(|_| Kind::Unreachable)?.0)
    }

    /// The code with which it ends.
    async fn carry_both_ways(&self, number: u32, stream: Stream) -> u16 {
        let (mut sink, mut stream) = stream.split();
        let (outgoing, mut waiting) = unbounded::<Frame>();
        self.report(Event::Opened(number, outgoing));
        let mut late = None;
        loop {
            let text = tokio::select! {
                frame = waiting.next() => {
                    match frame {
                        Some(frame) if sink.send(Text::text(frame.to_json())).await.is_ok() => continue,
                        _ => return close::ABNORMAL,
                    }
                }
                message = stream.next() => match message {
                    Some(Ok(Text::Text(text))) => text,
                    Some(Ok(Text::Close(code))) => return code.map_or(1005, |close| close.code.into()),
                    Some(Ok(_)) => continue,
                    Some(Err(_)) | None => return close::ABNORMAL,
                },
            };
            let frame: Frame = serde_json::from_str(&text).unwrap();
            for frame in self.carry(frame, &mut late) {
                self.report(Event::Frame(number, frame));
            }
        }
    }

    /// What arrives of a frame, and when. The protocol's own frames always do.
    fn carry(&self, frame: Frame, late: &mut Option<Frame>) -> Vec<Frame> {
        let Faults { lost, twice, late: delayed } = *self.faults.lock().unwrap();
        if frame.notice().is_none() || rand::random_bool(1.0 - lost - twice - delayed) {
            std::iter::once(frame).chain(late.take()).collect()
        } else if rand::random_bool(lost / (lost + twice + delayed)) {
            Vec::new()
        } else if rand::random_bool(twice / (twice + delayed)) {
            vec![frame.clone(), frame]
        } else {
            late.replace(frame).into_iter().collect()
        }
    }
}
