//! What the hub's routes stand on, and the routes.

use std::sync::Arc;

use axum::Router;
use earshot_live::object::Object;
use earshot_live::pusher::rest::Endpoint;
use earshot_live::store::Db;

use crate::backend::Backend;
use crate::keys::Keys;
use crate::{Hub, http, upgrade};

/// What the routes of the hub stand on.
#[derive(Clone)]
pub struct Context {
    /// The hub itself.
    pub hub: Hub,
    /// Where notices are kept.
    pub db: Db,
    /// What it signs with.
    pub keys: Keys,
    /// Where pages connect when an outside service carries the notices in place of the hub.
    pub service: Option<Endpoint>,
    pub(crate) backend: Arc<dyn Backend>,
}

impl Context {
    /// `hub` is the notifier of `db`, unless there is an outside `service`.
    pub fn new(hub: Hub, db: Db, keys: Keys, service: Option<Endpoint>, backend: Arc<dyn Backend>) -> Self {
        hub.0.backend.get_or_init(|| Arc::downgrade(&backend));
        Self { hub, db, keys, service, backend }
    }

    /// The object, if its entity is one of the program's: about others nobody here has anything to say.
    pub(crate) fn known(&self, object: Option<Object>) -> Option<Object> {
        object.filter(|object| self.backend.knows(object.entity))
    }
}

/// All routes: `/app/KEY` for clients, `/apps/ID/..` for server programs, `/rest/pusher/..` for pages. Where a client comes from
/// axum's `ConnectInfo<SocketAddr>` says; behind a proxy, a layer that puts the client's own address there.
pub fn router(context: Context) -> Router {
    sockets(context.clone()).merge(rest(context))
}

/// The routes of clients, and those of server programs.
pub fn sockets(context: Context) -> Router {
    let context = Arc::new(context);
    upgrade::router(context.clone()).merge(http::router(context))
}

/// The routes of pages, which need them for an outside service, too.
pub fn rest(context: Context) -> Router {
    crate::rest::router(Arc::new(context))
}
