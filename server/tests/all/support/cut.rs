//! A PostgreSQL behind a line that can be cut in the worst moment: when a COMMIT has been done, and its answer is on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::database::Database;
use crate::support::postgres;

/// The word by which a transaction is ended, as the protocol has it: a simple query.
const COMMIT: &[u8] = b"COMMIT\0";

pub struct Line {
    pub database: Database,
    /// Whether the next COMMIT is the last thing that comes through on its connection.
    cut: Arc<AtomicBool>,
}

impl Line {
    pub async fn new() -> Self {
        let mut database = postgres::database().await;
        let address = database.url.split(['@', '/']).nth(3).unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        database.url = database.url.replace(&address, &listener.local_addr().unwrap().to_string());
        let cut = Arc::new(AtomicBool::new(false));
        let cuts = cut.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect(&address).await.unwrap();
                tokio::spawn(carry(client, server, cuts.clone()));
            }
        });
        Self { database, cut }
    }

    /// A switch that can be thrown again and again.
    pub fn switch(&self) -> impl Fn() + use<> {
        let cut = self.cut.clone();
        move || cut.store(true, SeqCst)
    }
}

/// Carries bytes both ways until one side ends, or the line is cut.
async fn carry(mut client: TcpStream, mut server: TcpStream, cut: Arc<AtomicBool>) {
    let (mut asked, mut answered) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        tokio::select! {
            n = client.read(&mut asked) => {
                let Ok(n @ 1..) = n else { return };
                let last = asked[..n].ends_with(COMMIT) && cut.swap(false, SeqCst);
                if server.write_all(&asked[..n]).await.is_err() {
                    return;
                }
                if last {
                    // It was done, and nobody is told.
                    let _ = server.read(&mut answered).await;
                    return;
                }
            }
            n = server.read(&mut answered) => {
                let Ok(n @ 1..) = n else { return };
                if client.write_all(&answered[..n]).await.is_err() {
                    return;
                }
            }
        }
    }
}
