//! The axum router: pages, server functions, rest, hub, health, and what holds for all of them.

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use app::App;
use app::context::{ClientAddress, Services};
use app::files::MaxFile;
use app::shell::{Assets, shell};
use app::ui::Rejected;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use earshot_live::error::{Error, Kind};
use earshot_live::store::Db;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

use crate::fault::{FaultPage, catch_panic, shown};
use crate::proxies::Proxies;
use crate::{AppState, assets, cross_site, exports, files, forms, pictures, sessions, text};

/// Made once: while a list is being made, no resource of any page in this process begins to load, and one that was to begin
/// then never does (leptos issue 4773).
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

pub fn router(state: AppState) -> Router {
    let (files, names) = assets::router();
    let fault_page = FaultPage { style: names.style.clone() };
    let session = sessions::layer(state.db.clone(), &state.config.url, state.config.https());
    let addressed = from_fn_with_state(state.config.proxies.clone(), client_address);
    let pages = pages(&state, names).layer(session.clone()).layer(addressed.clone()).layer(from_fn(as_page));
    let api = Router::new()
        .route("/api/{*path}", post(server_function))
        .with_state(state.clone())
        .layer(session.clone())
        .layer(addressed.clone())
        .layer(from_fn_with_state((pages.clone(), fault_page.clone()), forms::answer));
    let stored = files::router().merge(exports::router()).merge(pictures::router(pages.clone()));
    let stored = stored.layer(session.clone()).with_state(state.clone());
    let live = state.live();
    let rest = earshot_hub::rest(live.clone()).layer(session);
    let hub = if state.service.is_none() { earshot_hub::sockets(live).layer(addressed.clone()) } else { Router::new() };
    let open = Router::new().route("/up", get(up)).with_state(state.clone());
    let fixed = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let ours = Router::new()
        .merge(api)
        .merge(rest)
        .merge(stored)
        .fallback_service(pages)
        .layer(from_fn_with_state((state.db.clone(), fault_page.clone()), catch_up))
        .layer(from_fn_with_state(state.hub.clone(), earshot_hub::count_requests))
        // Nobody sees on somebody else's return to it what was there for the person before.
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
        // From here on nothing rests on rights.
        .merge(open)
        .merge(files)
        .layer(from_fn_with_state(fault_page.clone(), text::refuse_nul))
        .layer(from_fn_with_state((state.config.url.clone(), fault_page.clone()), cross_site::refuse))
        .layer(from_fn_with_state(fault_page.clone(), catch_panic))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(fixed(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"));
    beside(logged(ours), hub, fault_page)
}

fn logged(routes: Router) -> Router {
    // Without what stands behind the question mark: what people look for is nobody else's.
    let span = |request: &Request| {
        let (method, path) = (request.method(), shown(request.uri().path()));
        tracing::debug_span!("request", %method, path)
    };
    routes.layer(TraceLayer::new_for_http().make_span_with(span))
}

/// Tens of thousands come back to the hub at once, and of what holds for our routes only one thing is for them.
fn beside(ours: Router, hub: Router, fault_page: FaultPage) -> Router {
    ours.merge(hub.layer(from_fn_with_state(fault_page, catch_panic)))
}

fn pages(state: &AppState, names: Assets) -> Router {
    let services = state.services();
    let max_file = MaxFile(state.config.max_file);
    let outside = state.config.service.as_ref().map(|address| address.endpoint.origin()).unwrap_or_default();
    let context = move || {
        provide_context(services.clone());
        provide_context(max_file);
        provide_context(names.clone());
        if let Some(rejected) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Rejected>().cloned()) {
            provide_context(rejected);
        }
        forbid_foreign_content(&outside);
    };
    let options = state.leptos.clone();
    let not_found = leptos_axum::render_app_async_with_context(context.clone(), move || shell(options.clone()));
    let options = state.leptos.clone();
    let pages = Router::new()
        .leptos_routes_with_context(state, ROUTES.clone(), context, move || shell(options.clone()))
        .fallback(not_found);
    #[cfg(test)]
    let pages = pages.route(tests::PANICS, get(tests::panics));
    pages.with_state(state.clone())
}

/// Scripts run with this page's nonce only, and nothing is loaded from or sent to anywhere else but `outside`.
fn forbid_foreign_content(outside: &str) {
    let nonce = use_nonce().map(|nonce| format!("'nonce-{nonce}'")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src {nonce} 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; manifest-src 'self'; \
         connect-src 'self' {outside}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let (Some(response), Ok(policy)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

async fn server_function(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if !leptos::server_fn::axum::server_fn_paths().any(|(known, _)| known == path) {
        return Error::from(Kind::NotFound).into_response();
    }
    let services = state.services();
    leptos_axum::handle_server_fns_with_context(move || provide_context(services.clone()), request)
        .await
        .into_response()
}

/// Notes where a request comes from, also where the hub looks for it.
async fn client_address(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([0; 4]), |info| info.0.ip());
    let address = proxies.client(peer, request.headers());
    request.extensions_mut().insert(ClientAddress(address));
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, 0)));
    next.run(request).await
}

/// A page is HTML, whatever was asked for: only then does leptos answer a redirect as one.
async fn as_page(mut request: Request, next: Next) -> Response {
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    next.run(request).await
}

/// Nobody is answered from before what another server has committed.
async fn catch_up(State((db, fault_page)): State<(Db, FaultPage)>, request: Request, next: Next) -> Response {
    match db.catch_up().await {
        Ok(()) => next.run(request).await,
        Err(error) => fault_page.answer(error.into(), request.headers()),
    }
}

/// 200 when the database answers and takes writes, and the server is not about to end.
async fn up(State(state): State<AppState>) -> Response {
    if state.hub.is_shut() {
        return (StatusCode::SERVICE_UNAVAILABLE, "This server is stopping.\n").into_response();
    }
    match state.db.check().await {
        Ok(()) => "up\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "the database cannot be used");
            let sentence = format!("The database cannot be used. {}\n", Error::from(error).sentence);
            (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response()
        }
    }
}

impl AppState {
    fn services(&self) -> Services {
        let Self { config, db, passwords, limits, exports, pictures, .. } = self.clone();
        let (mail, origin) = (config.mail.clone(), config.origin());
        Services { db, passwords, limits, exports, mail, pictures, origin }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::testing;

    /// A page of which there is none in the product.
    pub const PANICS: &str = "/panics";

    pub async fn panics() -> &'static str {
        panic!("as it should")
    }

    #[tokio::test]
    async fn a_page_that_panics_is_answered_with_another_and_the_log_has_its_address() {
        testing::begin_log();
        let (state, _folder) = testing::state().await;
        let request = Request::get(PANICS).header("accept", "text/html").body(Body::empty()).unwrap();
        let response = router(state).oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        let page = String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap();
        assert!(page.contains("<h1>This did not work</h1>"), "{page}");
        let log = testing::logged_so_far();
        assert!(log.lines().any(|line| line.contains("a request panicked") && line.contains(PANICS)), "{log}");
    }

    #[tokio::test]
    async fn no_link_that_lets_somebody_in_is_logged() {
        testing::begin_log();
        let fault_page = FaultPage { style: "/style.css".into() };
        let routes = Router::new().fallback(panics).layer(from_fn_with_state(fault_page, catch_panic));
        for path in ["/join/4-few-eyes", "/reset/4-few-eyes/", "/reset/4-few-eyes?a=4-few-eyes", "/rooms/17"] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            assert_eq!(logged(routes.clone()).oneshot(request).await.unwrap().status(), 500);
        }
        let log = testing::logged_so_far();
        assert!(log.contains("a request panicked") && log.contains("/rooms/17") && log.contains("/reset"), "{log}");
        assert!(!log.contains("4-few-eyes"), "{log}");
    }

    #[tokio::test]
    async fn a_panic_in_the_hub_is_answered() {
        let fault_page = FaultPage { style: "/style.css".into() };
        let hub = Router::new().route("/apps/{app}/events", post(panics));
        let request = Request::post("/apps/1/events").body(Body::empty()).unwrap();
        let response = beside(Router::new(), hub, fault_page).oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    }
}
