//! What connects the chat with the hub: who asks, who may listen to what, and whose rights a change may have touched.

use app::access::{Access, Viewer, role_pusher_user};
use app::entities::{ACTIONS, DELETED, LEFT, Noun, ROLE_CHANGED, SESSION, SIGNED_OUT, USER};
use async_trait::async_trait;
use axum::http::request::Parts;
use earshot_hub::{Affected, Backend, Holder, Identity};
use earshot_live::error::{Error, Kind};
use earshot_live::object::{Action, Entity, Notice, Object};
use earshot_live::store::Db;
use serde_json::json;
use tower_sessions::Session;

use crate::sessions;

pub struct Chat {
    pub db: Db,
}

#[async_trait]
impl Backend for Chat {
    async fn identify(&self, request: &Parts) -> Result<Identity, Error> {
        let session = request.extensions.get::<Session>().ok_or(Kind::Internal)?;
        let viewer = sessions::viewer(&self.db, session, &request.headers).await?;
        role_pusher_user(&viewer)?;
        let mut info = json!({ "name": viewer.name });
        if let Some(version) = viewer.picture {
            info["picture"] = version.into();
        }
        Ok(Identity { who: Holder { user: viewer.id, session: viewer.session }, info })
    }

    async fn still(&self, who: Holder) -> Result<(), Error> {
        role_pusher_user(&Viewer::of_session(&self.db, who.session).await?)
    }

    async fn may_listen(&self, who: Holder, object: Object) -> Result<(), Error> {
        let viewer = Viewer::of_session(&self.db, who.session).await?;
        Access::notices(&self.db, &viewer, object).await.map(drop)
    }

    fn affects(&self, notice: &Notice) -> Affected {
        affects(notice)
    }

    fn knows(&self, entity: Entity) -> bool {
        Noun::of(entity).is_some()
    }

    fn actions(&self) -> &'static [Action] {
        ACTIONS
    }
}

/// As for [`Backend::affects`].
pub fn affects(notice: &Notice) -> Affected {
    let (object, changed) = (notice.object, notice.reference.changed_object());
    match (notice.action, changed.entity) {
        // Whoever leaves something may lose whatever rests on being in it.
        (LEFT | ROLE_CHANGED, USER) => Affected::User(changed.id),
        (SIGNED_OUT, SESSION) => Affected::Session(Holder { user: object.id, session: changed.id }),
        (DELETED, _) if changed == object => Affected::Everyone(object),
        _ => Affected::Nobody,
    }
}
