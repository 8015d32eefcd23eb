//! What a page may ask about the join link.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::join_link::JoinLink;

/// The link in force, for administrators.
#[server(endpoint = "join_link/get")]
pub async fn get() -> Result<JoinLink, Error> {
    use crate::access::Access;
    use crate::context;
    let origin = context::services()?.origin;
    let (db, viewer) = context::db_and_viewer().await?;
    JoinLink::new(&origin, &crate::join_link::store::token(&db, &Access::team_write(&viewer)?).await?)
}

/// Puts another link in force. The one before is dead at once.
#[server(endpoint = "join_link/renew")]
pub async fn renew() -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let team = Held::team_write(&mut tx, &viewer).await?;
    crate::join_link::store::renew(&mut tx, &team).await?;
    Ok(tx.commit().await?)
}

/// Whether one may sign up with `token`.
#[server(endpoint = "join_link/admits")]
pub async fn admits(token: String) -> Result<bool, Error> {
    crate::join_link::store::admits(crate::context::services()?.db.read(), &token).await
}
