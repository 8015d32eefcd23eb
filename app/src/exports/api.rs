//! What a page may ask about exports.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::exports::Export;

/// The viewer's exports, the latest first.
#[server(endpoint = "exports/list")]
pub async fn list() -> Result<Vec<Export>, Error> {
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    crate::exports::store::list(&db, &viewer).await
}

/// Those of `ids` that are the viewer's. What is missing from the answer is to go from the page.
#[server(endpoint = "exports/reload", input = leptos::server_fn::codec::Json)]
pub async fn reload(ids: Vec<i64>) -> Result<Vec<Export>, Error> {
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    crate::exports::store::reload(&db, &viewer, &ids).await
}

/// Orders an export of the room, and returns its id.
#[server(endpoint = "exports/order")]
pub async fn order(room: i64) -> Result<i64, Error> {
    use crate::access::Held;
    use crate::context;
    let worker = context::services()?.exports;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::room(&mut tx, &viewer, room).await?;
    let id = crate::exports::store::order(&mut tx, &access).await?;
    tx.commit().await?;
    worker.wake();
    leptos_axum::redirect("/exports");
    Ok(id)
}

#[server(endpoint = "exports/delete")]
pub async fn delete(id: i64) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::export(&mut tx, &viewer, id).await?;
    crate::exports::store::delete(&mut tx, &access).await?;
    tx.commit().await?;
    context::land_on("/exports");
    Ok(())
}
