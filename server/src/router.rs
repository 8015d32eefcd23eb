//! The axum router: pages, server functions, rest, hub, health, and what holds for all of them.

use std::net::{IpAddr, SocketAddr};

use app::context::{ClientAddress, Services};
use app::error::{Error, Kind};
use app::shell::{Assets, shell};
use app::ui::Rejected;
use app::{App, store::Db};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

use crate::{AppState, assets, cross_site, forms, hub, rest, sessions};

pub fn router(state: AppState) -> Router {
    let (files, names) = assets::router();
    let session = sessions::layer(state.db.clone(), state.config.https());
    let pages = pages(&state, names).layer(session.clone()).layer(from_fn(client_address)).layer(from_fn(as_page));
    let api = Router::new()
        .route("/api/{*path}", post(server_function))
        .with_state(state.clone())
        .layer(session.clone())
        .layer(from_fn(client_address))
        .layer(from_fn_with_state(pages.clone(), forms::answer));
    let rest = rest::router().layer(session).with_state(state.clone());
    let hub = hub::router(state.clone());
    let open = Router::new().route("/up", get(up)).with_state(state.clone());
    let fixed = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    Router::new()
        .merge(api)
        .merge(rest)
        .merge(open)
        .merge(files)
        .fallback_service(pages)
        .layer(from_fn_with_state(state.config.url.clone(), cross_site::refuse))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(fixed(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(TraceLayer::new_for_http())
        // Tens of thousands come back at once, and none of the above is for them.
        .merge(hub)
}

fn pages(state: &AppState, names: Assets) -> Router {
    let services = state.services();
    let context = move || {
        provide_context(services.clone());
        provide_context(names.clone());
        if let Some(rejected) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Rejected>().cloned()) {
            provide_context(rejected);
        }
        forbid_foreign_content();
    };
    let options = state.leptos.clone();
    let not_found = leptos_axum::render_app_async_with_context(context.clone(), move || shell(options.clone()));
    let options = state.leptos.clone();
    Router::new()
        .leptos_routes_with_context(state, generate_route_list(App), context, move || shell(options.clone()))
        .fallback(not_found)
        .with_state(state.clone())
}

/// Scripts run with this page's nonce only, and nothing is loaded from or sent to anywhere else.
fn forbid_foreign_content() {
    let nonce = use_nonce().map(|nonce| format!("'nonce-{nonce}'")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src {nonce} 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let (Some(response), Ok(policy)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

async fn server_function(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if !leptos::server_fn::axum::server_fn_paths().any(|(known, _)| known == path) {
        return (StatusCode::NOT_FOUND, Json(Error::from(Kind::NotFound))).into_response();
    }
    let services = state.services();
    leptos_axum::handle_server_fns_with_context(move || provide_context(services.clone()), request)
        .await
        .into_response()
}

/// Where a request comes from. A proxy on this machine is believed about whom it speaks for.
pub async fn client_address(mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([0; 4]), |info| info.0.ip());
    let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back();
    let forwarded = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    let address = forwarded.filter(|_| peer.is_loopback()).unwrap_or(peer);
    request.extensions_mut().insert(ClientAddress(address));
    next.run(request).await
}

/// A page is HTML, whatever was asked for: only then does leptos answer a redirect as one.
async fn as_page(mut request: Request, next: Next) -> Response {
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    next.run(request).await
}

/// 200 when the database answers.
async fn up(State(state): State<AppState>) -> Response {
    match answers(&state.db).await {
        Ok(()) => "up\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "The database does not answer.\n").into_response()
        }
    }
}

async fn answers(db: &Db) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(db.read()).await.map(drop)
}

impl AppState {
    fn services(&self) -> Services {
        Services { db: self.db.clone(), passwords: self.passwords.clone(), limits: self.limits.clone() }
    }
}
