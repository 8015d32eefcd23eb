//! A mail server that takes every mail and shows it: as much of SMTP (RFC 5321) as a client needs.

use app::mail::Mailer;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::timeout::in_time;

pub struct Mailbox {
    pub mailer: Mailer,
    mails: UnboundedReceiver<Mail>,
}

#[derive(Debug)]
pub struct Mail {
    pub from: String,
    pub to: String,
    /// With its headers.
    pub text: String,
}

impl Mail {
    /// What follows the last `/reset/` in it.
    pub fn token(&self) -> &str {
        self.text.rsplit("/reset/").next().unwrap().split_whitespace().next().unwrap()
    }
}

impl Mailbox {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (sender, mails) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, sender.clone()));
            }
        });
        Self { mailer: Mailer::smtp(&url, "Earshot <chat@example.org>").unwrap(), mails }
    }

    pub async fn next(&mut self) -> Mail {
        in_time("a mail comes", self.mails.recv()).await.unwrap()
    }
}

/// One that takes calls and never says a word.
pub async fn silent() -> Mailer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    Mailer::smtp(&url, "chat@example.org").unwrap()
}

async fn converse(stream: TcpStream, mails: UnboundedSender<Mail>) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let (mut from, mut to) = (String::new(), String::new());
    writer.write_all(b"220 mailbox\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let between = |line: &str| line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let reply = match line.split([' ', ':']).next().unwrap_or_default() {
            "MAIL" => {
                from = between(&line);
                "250 OK"
            }
            "RCPT" => {
                to = between(&line);
                "250 OK"
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await.unwrap();
                let mut text = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    text += line.strip_prefix('.').unwrap_or(&line);
                    text += "\n";
                }
                mails.send(Mail { from: from.clone(), to: to.clone(), text }).unwrap();
                "250 OK"
            }
            "QUIT" => "221 bye",
            _ => "250 OK",
        };
        if writer.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}
