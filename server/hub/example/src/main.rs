//! The server of the counter: everybody may see it, and everybody may listen.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::routing::post;
use counter::{ACTIONS, App, Noun};
use earshot_hub::{Affected, Backend, Context, Holder, Hub, Identity, Keys};
use earshot_live::error::Error;
use earshot_live::object::{Action, Entity, Notice, Object};
use earshot_live::store::cache::Invalidated;
use earshot_live::store::{Cache, Db};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list};
use tower_http::services::ServeDir;

struct Everybody;

#[async_trait]
impl Backend for Everybody {
    async fn identify(&self, _: &Parts) -> Result<Identity, Error> {
        Ok(Identity { who: Holder { user: 1, session: 1 }, info: "somebody".into() })
    }

    async fn still(&self, _: Holder) -> Result<(), Error> {
        Ok(())
    }

    async fn may_listen(&self, _: Holder, _: Object) -> Result<(), Error> {
        Ok(())
    }

    fn affects(&self, _: &Notice) -> Affected {
        Affected::Nobody
    }

    fn knows(&self, entity: Entity) -> bool {
        Noun::of(entity).is_some()
    }

    fn actions(&self) -> &'static [Action] {
        ACTIONS
    }
}

fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head><meta charset="utf-8"/><title>"A counter"</title><HydrationScripts options/></head>
            <body><App/></body>
        </html>
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let [address, database, site] = std::env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| {
        anyhow::anyhow!("counter ADDRESS DATABASE SITE, as in: counter 127.0.0.1:3000 sqlite://counter.db target/site")
    })?;
    let hub = Hub::default();
    let db = Db::open(&database, Cache::new(100, |_| Invalidated::Changed), Arc::new(hub.clone())).await?;
    db.create_tables().await?;
    db.migrate(sqlx::migrate!()).await?;
    let context = Context::new(hub.clone(), db.clone(), Keys::random(), None, Arc::new(Everybody));
    let options = LeptosOptions::builder().output_name("counter").build();
    let provide = move || provide_context(db.clone());
    let (functions, page) = (provide.clone(), options.clone());
    let function = move |request: Request| leptos_axum::handle_server_fns_with_context(functions.clone(), request);
    let router = Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), provide, move || shell(page.clone()))
        .route("/api/{*name}", post(function))
        .nest_service("/pkg", ServeDir::new(format!("{site}/pkg")))
        .with_state(options)
        .merge(earshot_hub::router(context));
    tokio::spawn(hub.watch());
    let listener = tokio::net::TcpListener::bind(address).await?;
    Ok(axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await?)
}
