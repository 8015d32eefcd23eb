//! The server: settings, router, sessions, hub. `main.rs` has the commands.

mod assets;
mod chores;
pub mod claim;
pub mod config;
pub mod copy;
mod cross_site;
mod deadline;
pub mod demo;
mod exports;
mod extract;
mod fault;
mod files;
mod forms;
pub mod live;
mod pictures;
mod places;
pub mod proxies;
mod router;
mod serve;
pub mod service;
mod sessions;
#[cfg(test)]
mod testing;
mod text;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use app::database;
use app::exports::worker::Worker;
use app::files::blobs::Blobs;
use app::files::intake::Intake;
use app::people::limits::Limits;
use app::people::passwords::Passwords;
use app::profiles::picture::Pictures;
use axum::extract::FromRef;
use axum::serve::ListenerExt;
use earshot_hub::{Context, Hub};
use earshot_live::store::{Db, Notifier};
use leptos::config::LeptosOptions;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::live::Chat;
use crate::places::Places;
use crate::serve::Bounds;
use crate::service::{Api, Service};

/// Connections at a time. Those beyond wait with the system. One that has become a WebSocket is the hub's to count.
const MAX_CONNECTIONS: usize = 10_000;
/// How long requests that are under way may take once no new ones are taken.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Everything that a request may need.
#[derive(Clone)]
pub struct AppState {
    pub config: Arc<Config>,
    pub db: Db,
    pub hub: Hub,
    /// What connects the chat with the hub.
    pub chat: Arc<Chat>,
    /// What carries notices in place of the hub.
    pub service: Option<Arc<Service>>,
    pub passwords: Passwords,
    pub limits: Limits,
    /// The bytes of files, and how new ones come there.
    pub blobs: Blobs,
    pub intake: Intake,
    /// Who makes exports.
    pub exports: Worker,
    pub pictures: Pictures,
    pub leptos: LeptosOptions,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

impl AppState {
    /// What the routes of the hub stand on.
    pub fn live(&self) -> Context {
        let Self { config, db, hub, chat, .. } = self.clone();
        let service = config.service.as_ref().map(|address| address.endpoint.clone());
        Context::new(hub, db, config.keys.clone(), service, chat)
    }

    /// Opens the database, brings its schema up to date, and completes the keys.
    ///
    /// # Errors
    /// When the database or the file with the keys cannot be used.
    pub async fn new(mut config: Config) -> anyhow::Result<Self> {
        config.keys = config.keys.clone().complete(&config.data_dir())?;
        let service = service(&config)?.map(Arc::new);
        let hub = Hub::default();
        let notifier: Arc<dyn Notifier> = match &service {
            Some(service) => service.clone(),
            None => Arc::new(hub.clone()),
        };
        let db = open(&config, notifier).await?;
        let leptos = LeptosOptions::builder().output_name("earshot").build();
        let (passwords, limits) = (Passwords::new()?, Limits::default());
        let blobs = Blobs::at(&config.files).context("EARSHOT_FILES is of no use")?;
        let pictures = Pictures::new(blobs.clone());
        let intake = Intake::new(db.clone(), blobs.clone(), config.max_file);
        let exports = Worker::new(db.clone(), blobs.clone());
        let chat = Arc::new(Chat { db: db.clone() });
        let config = Arc::new(config);
        Ok(Self { config, db, hub, chat, service, passwords, limits, blobs, intake, exports, pictures, leptos })
    }
}

/// The outside service that the settings name.
///
/// # Errors
/// When the system's certificates cannot be read.
pub fn service(config: &Config) -> anyhow::Result<Option<Service>> {
    let Some(address) = &config.service else { return Ok(None) };
    Ok(Some(Service::new(Api::new(address.clone(), config.keys.clone())?)))
}

/// Opens the database with its schema up to date.
///
/// # Errors
/// When the database cannot be used.
pub async fn open(config: &Config, notifier: Arc<dyn Notifier>) -> anyhow::Result<Db> {
    std::fs::create_dir_all(config.data_dir())?;
    let db = database::open(&config.database_url, config.cache, notifier).await?;
    database::migrate(&db).await?;
    Ok(db)
}

/// Serves until `stop` is done. Then `/up` says no, sockets are told to come back, some at a time, and open requests end.
pub async fn run(listener: TcpListener, state: AppState, stop: impl Future<Output = ()>) {
    let (hub, db) = (state.hub.clone(), state.db.clone());
    let drain = state.config.drain;
    let mut chores = chores::begin(&state);
    let places = Places::new(MAX_CONNECTIONS, state.config.proxies.clone());
    let router = router::router(state);
    // Without TCP_NODELAY small frames wait for the acknowledgement of the ones before.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let (stopped, has_stopped) = tokio::sync::oneshot::channel();
    let stop = async move {
        stop.await;
        hub.drain(drain).await;
        let _ = stopped.send(());
    };
    let serving = serve::serve(listener, router, places, Bounds::default(), stop);
    let drained = async {
        let _ = has_stopped.await;
        tokio::time::sleep(LAST_REQUESTS).await;
    };
    tokio::select! {
        () = serving => {}
        () = drained => {}
    }
    // What the hub has said of its end still goes out to the hubs of other servers.
    if let Err(error) = db.catch_up().await {
        tracing::debug!(%error, "other servers notice later that this one has gone");
    }
    chores.shutdown().await;
    db.close().await;
}
