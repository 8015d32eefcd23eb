//! Several servers on one PostgreSQL, and nginx in front of them, which hands requests out in turn.

use std::process::Stdio;
use std::sync::Arc;

use earshot_hub::Hub;
use earshot_live::store::Db;
use tokio::process::{Child, Command};

use crate::support::database::bare;
use crate::support::machines::ports::free_ports;
use crate::support::postgres;
use crate::support::process::{Process, is_up};
use crate::support::program::Program;

/// Starts nginx, and stops it when its input ends.
const NGINX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/machines/nginx.sh");
const SERVERS: usize = 3;

pub struct Cluster {
    /// Where nginx is.
    pub url: String,
    pub servers: Vec<Process>,
    pub postgres: postgres::Server,
    /// Beside the servers.
    pub db: Db,
    _nginx: Child,
}

impl Cluster {
    pub async fn start() -> Self {
        let postgres = tokio::task::spawn_blocking(|| postgres::Server::start(postgres::CARELESS)).await.unwrap();
        let database = postgres::at(postgres.database().await);
        let db = bare(&database, Arc::new(Hub::default())).await;
        let servers = Process::start_several(SERVERS, &database.url).await;
        let (url, nginx) = balance(&servers).await;
        Self { url, servers, postgres, db, _nginx: nginx }
    }
}

/// nginx in front of the servers, and where it is.
async fn balance(servers: &[Process]) -> (String, Child) {
    for port in free_ports() {
        let addresses = servers.iter().map(|server| server.url["http://".len()..].to_owned());
        let mut nginx = Command::new(NGINX);
        let nginx = nginx.arg(port.to_string()).args(addresses).stdin(Stdio::piped()).spawn();
        let (url, mut nginx) = (format!("http://127.0.0.1:{port}"), nginx.unwrap());
        if is_up(&mut nginx, &Program::at(&url, servers[0].keys())).await {
            return (url, nginx);
        }
    }
    panic!("nginx ends as soon as it was started, whatever its port");
}
