//! The server: settings, router, sessions, hub. `main.rs` has the commands.

mod assets;
pub mod config;
mod cross_site;
pub mod demo;
mod forms;
pub mod hub;
pub mod keys;
mod rest;
mod router;
mod sessions;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::moment::Moment;
use app::people::limits::Limits;
use app::people::passwords::Passwords;
use app::store::{Db, notices};
use axum::extract::FromRef;
use axum::serve::ListenerExt;
use leptos::config::LeptosOptions;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::hub::Hub;
use crate::sessions::Sessions;

/// How long requests that are under way may take once the server is to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// How often what is forgotten in time is looked for.
const TIDY: Duration = Duration::from_secs(600);
/// How long a page may be away and still hear of each thing that happened. After that it reads everything anew.
const NOTICES_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Everything that a request may need.
#[derive(Clone)]
pub struct AppState {
    pub config: Arc<Config>,
    pub db: Db,
    pub hub: Arc<Hub>,
    pub passwords: Passwords,
    pub limits: Limits,
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
        let hub = Arc::new(Hub::default());
        let db = open(&config, hub.clone()).await?;
        let leptos = LeptosOptions::builder().output_name("earshot").build();
        let passwords = Passwords::new()?;
        Ok(Self { config: Arc::new(config), db, hub, passwords, limits: Limits::default(), leptos })
    }
}

/// Opens the database with its schema up to date.
///
/// # Errors
/// When the database cannot be used.
pub async fn open(config: &Config, notifier: Arc<dyn app::store::Notifier>) -> anyhow::Result<Db> {
    std::fs::create_dir_all(config.data_dir())?;
    let db = Db::open(&config.database_url, config.cache, notifier).await?;
    db.migrate().await?;
    Ok(db)
}

/// Serves until `stop` is done; then open requests end and sockets are told to come back.
///
/// # Errors
/// When the listener fails.
pub async fn run(
    listener: TcpListener,
    state: AppState,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (hub, db) = (state.hub.clone(), state.db.clone());
    let tidying = tokio::spawn(tidy(state.clone()));
    let watching = tokio::spawn({
        let hub = hub.clone();
        async move { hub.watch().await }
    });
    let service = router::router(state).into_make_service_with_connect_info::<SocketAddr>();
    // Without TCP_NODELAY small frames wait for the acknowledgement of the ones before.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let (stopped, has_stopped) = tokio::sync::oneshot::channel();
    let stop = async move {
        stop.await;
        hub.shut();
        let _ = stopped.send(());
    };
    let serving = axum::serve(listener, service).with_graceful_shutdown(stop).into_future();
    let drained = async {
        let _ = has_stopped.await;
        tokio::time::sleep(DRAIN).await;
    };
    let result = tokio::select! {
        result = serving => result,
        () = drained => Ok(()),
    };
    tidying.abort();
    watching.abort();
    db.close().await;
    result
}

async fn tidy(state: AppState) {
    let mut pause = tokio::time::interval(TIDY);
    loop {
        pause.tick().await;
        state.limits.forget_rested();
        if let Err(error) = Sessions::end_expired(&state.db).await {
            tracing::warn!(%error, "expired sessions were not ended");
        }
        let since = Moment(Moment::now().0 - NOTICES_KEPT.as_micros() as i64);
        if let Err(error) = notices::forget_before(&state.db, since).await {
            tracing::warn!(%error, "old notices were not forgotten");
        }
    }
}
