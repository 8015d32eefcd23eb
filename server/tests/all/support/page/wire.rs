//! The page's connection, which is as unreliable as the test wants it.

use std::sync::atomic::Ordering::SeqCst;

use app::error::{Error, Kind};
use app::listen::event::Event;
use app::pusher::close;
use app::pusher::frame::Frame;
use futures::channel::mpsc::unbounded;
use futures::{SinkExt, StreamExt};
use reqwest::Method;
use serde::Deserialize;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Text;

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

impl Shared {
    pub async fn dial(&self, number: u32) {
        let connecting = async {
            #[derive(Deserialize)]
            struct Key {
                key: String,
            }
            let Key { key } = ask(self.person.request(Method::GET, "/rest/pusher/key")).await?;
            let url = format!("{}/app/{key}?protocol=7&client=test&version=1", self.person.url.replace("http", "ws"));
            connect_async(url).await.map_err(|_| Error::from(Kind::Unreachable))
        };
        let connected = if self.offline.load(SeqCst) { Err(Kind::Unreachable.into()) } else { connecting.await };
        let stream = match connected {
            Ok((stream, _)) => stream,
            Err(error) if error.may_pass() => return self.report(Event::Closed(number, close::ABNORMAL)),
            Err(refused) => return self.report(Event::Refused(number, refused)),
        };
        let (mut sink, mut stream) = stream.split();
        let (outgoing, mut waiting) = unbounded::<Frame>();
        self.report(Event::Opened(number, outgoing));
        let mut late = None;
        let code = loop {
            let text = tokio::select! {
                () = self.cut.notified() => break close::ABNORMAL,
                frame = waiting.next() => {
                    match frame {
                        Some(frame) if sink.send(Text::text(frame.to_json())).await.is_ok() => continue,
                        _ => break close::ABNORMAL,
                    }
                }
                message = stream.next() => match message {
                    Some(Ok(Text::Text(text))) => text,
                    Some(Ok(Text::Close(code))) => break code.map_or(1005, |close| close.code.into()),
                    Some(Ok(_)) => continue,
                    Some(Err(_)) | None => break close::ABNORMAL,
                },
            };
            let frame: Frame = serde_json::from_str(&text).unwrap();
            for frame in self.carry(frame, &mut late) {
                self.report(Event::Frame(number, frame));
            }
        };
        self.report(Event::Closed(number, code));
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
