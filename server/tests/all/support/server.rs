//! A server in the test's own process.

use std::time::Duration;

use app::files::storage::Storage;
use app::mail::Mailer;
use earshot_hub::Keys;
use earshot_live::pusher::rest::Endpoint;
use earshot_live::store::Db;
use futures::TryStreamExt;
use server::config::{Config, Environment, PROXIES};
use server::proxies::Proxies;
use server::service::Address;
use server::{AppState, run};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::database::{CACHE, Database};
use crate::support::timeout::in_time;

/// Bytes of a file at most.
pub const MAX_FILE: u64 = 1_000_000;

/// A running server, empty.
pub struct Server {
    pub url: String,
    pub state: AppState,
    pub keys: Keys,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
    _folder: TempDir,
}

impl Server {
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, "http://127.0.0.1", CACHE).await
    }

    /// `url`: what the server believes its address to be; `cache`: how many rows it keeps in memory.
    pub async fn start_with(database: Database, url: &'static str, cache: usize) -> Self {
        Self::launch(database, |config| (config.url, config.cache) = (url.parse().unwrap(), cache)).await
    }

    /// With the hub of another server for its outside service.
    pub async fn over(service: &Server, database: Database) -> Self {
        let (keys, address) = (service.keys.clone(), service.address());
        Self::launch(database, |config| (config.keys, config.service) = (keys, Some(address))).await
    }

    /// Another one on the same database, with the same keys and files.
    pub async fn beside(first: &Server) -> Self {
        let Config { database_url, files, keys, .. } = (*first.state.config).clone();
        let database = Database { url: database_url, folder: tempfile::tempdir().unwrap(), bucket: Some(files) };
        Self::launch(database, |config| config.keys = keys).await
    }

    /// Which sends its mails so.
    pub async fn mailing(database: Database, mail: Mailer) -> Self {
        Self::launch(database, |config| config.mail = mail).await
    }

    /// Where its hub is, for those to whom it is an outside service.
    pub fn address(&self) -> Address {
        let api: reqwest::Url = self.url.parse().unwrap();
        let (host, port) = (api.host_str().unwrap().to_owned(), api.port().unwrap());
        Address { api, endpoint: Endpoint { host, port, tls: false } }
    }

    async fn launch(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let mut config = Config {
            addr,
            database_url: database.url,
            cache: CACHE,
            files: database.bucket.unwrap_or_else(|| Storage::Folder(database.folder.path().join("files"))),
            max_file: MAX_FILE,
            drain: Duration::ZERO,
            environment: Environment::Development,
            url: "http://127.0.0.1".parse().unwrap(),
            proxies: Proxies::read(PROXIES).unwrap(),
            keys: Keys::random(),
            service: None,
            mail: Mailer::log(),
        };
        change(&mut config);
        let keys = config.keys.clone();
        let state = AppState::new(config).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = run(listener, state.clone(), async { drop(stopped.await) });
        let running = tokio::spawn(serving);
        let url = format!("http://{addr}");
        Self { url, state, keys, stop: Some(stop), running: Some(running), _folder: database.folder }
    }

    pub fn db(&self) -> &Db {
        &self.state.db
    }

    /// How many pieces of bytes are stored.
    pub async fn stored(&self) -> usize {
        match &self.state.config.files {
            Storage::Folder(folder) => std::fs::read_dir(folder).unwrap().count(),
            bucket @ Storage::Bucket(_) => {
                bucket.open().unwrap().list(None).try_collect::<Vec<_>>().await.unwrap().len()
            }
        }
    }

    /// Stops as on SIGTERM, and returns when all is done.
    pub async fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        in_time("the server has stopped", self.running.take().unwrap()).await.unwrap();
    }
}
