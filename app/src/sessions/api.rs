//! What a page may ask about sessions.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::sessions::SessionList;

/// The sessions of `user`, or the viewer's own.
#[server(endpoint = "sessions/list")]
pub async fn list(user: Option<i64>) -> Result<SessionList, Error> {
    use crate::access::Access;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let user = user.unwrap_or(viewer.id);
    let account = Access::account(&db, &viewer, user).await?;
    Ok(SessionList { user, sessions: crate::sessions::store::list(&db, &account).await? })
}

/// Ends one session, with its sockets.
#[server(endpoint = "sessions/end")]
pub async fn end(id: i64) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::session(&mut tx, &viewer, id).await?;
    crate::sessions::store::end(&mut tx, &access).await?;
    Ok(tx.commit().await?)
}

/// Ends all of the viewer's sessions but the one that asks.
#[server(endpoint = "sessions/end_others")]
pub async fn end_others() -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let me = Held::me(&mut tx, &viewer).await?;
    crate::sessions::store::end_others(&mut tx, &me).await?;
    Ok(tx.commit().await?)
}
