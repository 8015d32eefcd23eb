//! The server: settings, router, sessions, hub. `main.rs` has the commands.

mod assets;
pub mod claim;
pub mod config;
pub mod copy;
mod cross_site;
pub mod demo;
mod exports;
mod extract;
mod fault;
mod files;
mod forms;
pub mod hub;
pub mod keys;
mod pictures;
pub mod proxies;
mod rest;
mod router;
mod serve;
pub mod service;
mod sessions;
mod text;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use app::exports::worker::Worker;
use app::files::blobs::Blobs;
use app::files::intake::Intake;
use app::people::limits::Limits;
use app::people::passwords::Passwords;
use app::profiles::picture::Pictures;
use app::store::{Db, Notifier, Work, notices};
use app::timestamp::Timestamp;
use axum::extract::FromRef;
use axum::serve::ListenerExt;
use leptos::config::LeptosOptions;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::hub::Hub;
use crate::serve::Bounds;
use crate::service::{Api, Service};

/// How long requests that are under way may take once no new ones are taken.
const LAST_REQUESTS: Duration = Duration::from_secs(10);
/// How often sessions that have expired are looked for.
const EXPIRY: Duration = Duration::from_secs(1);
/// How often what is forgotten in time is looked for.
const TIDY: Duration = Duration::from_secs(600);
/// How long a page may be away and still hear of each thing that happened. After that it reads everything anew.
const NOTICES_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Everything that a request may need.
#[derive(Clone)]
pub struct AppState {
    pub config: Arc<Config>,
    pub db: Db,
    pub hub: Hub,
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
        let config = Arc::new(config);
        Ok(Self { config, db, hub, service, passwords, limits, blobs, intake, exports, pictures, leptos })
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
    let db = Db::open(&config.database_url, config.cache, notifier).await?;
    db.migrate().await?;
    Ok(db)
}

/// Serves until `stop` is done. Then `/up` says no, sockets are told to come back, some at a time, and open requests end.
pub async fn run(listener: TcpListener, state: AppState, stop: impl Future<Output = ()>) {
    let (hub, db) = (state.hub.clone(), state.db.clone());
    let drain = state.config.drain;
    let mut chores = JoinSet::new();
    if let Some(relay) = db.run_relay() {
        chores.spawn(relay);
    }
    chores.spawn(tidy(state.clone()));
    chores.spawn(end_sessions(db.clone()));
    let exports = state.exports.clone();
    chores.spawn(async move { exports.work().await });
    match state.service.clone() {
        Some(service) => {
            let db = db.clone();
            chores.spawn(async move { service.send(&db).await })
        }
        None => chores.spawn(hub.clone().watch()),
    };
    let router = router::router(state);
    // Without TCP_NODELAY small frames wait for the acknowledgement of the ones before.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let (stopped, has_stopped) = tokio::sync::oneshot::channel();
    let stop = async move {
        stop.await;
        hub.drain(drain).await;
        let _ = stopped.send(());
    };
    let serving = serve::serve(listener, router, Bounds::default(), stop);
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

/// Ends sessions as they expire, with their sockets.
async fn end_sessions(db: Db) {
    let mut pause = tokio::time::interval(EXPIRY);
    loop {
        pause.tick().await;
        if let Err(error) = app::sessions::store::delete_expired(&db).await {
            tracing::warn!(%error, "expired sessions were not ended");
        }
    }
}

async fn tidy(state: AppState) {
    let mut pause = tokio::time::interval(TIDY);
    loop {
        pause.tick().await;
        state.limits.forget_rested();
        let clearing = async {
            clear_away(&state).await;
            Ok::<(), sqlx::Error>(())
        };
        if let Err(error) = state.db.alone(Work::Tidying, clearing).await {
            tracing::warn!(%error, "what is old was not cleared away");
        }
    }
}

/// One thing that cannot be cleared away now keeps none of the others.
async fn clear_away(AppState { db, blobs, .. }: &AppState) {
    if let Err(error) = app::resets::store::forget_expired(db).await {
        tracing::warn!(%error, "old links for another password were not forgotten");
    }
    let since = Timestamp(Timestamp::now().0 - NOTICES_KEPT.as_micros() as i64);
    if let Err(error) = notices::forget_before(db, since).await {
        tracing::warn!(%error, "old notices were not forgotten");
    }
    if let Err(error) = app::exports::store::tidy(db, Timestamp::now()).await {
        tracing::warn!(%error, "old exports were not cleared away");
    }
    if let Err(error) = app::files::store::tidy(db, blobs, Timestamp::now()).await {
        tracing::warn!(%error, "files that nobody needs any more were not cleared away");
    }
}
