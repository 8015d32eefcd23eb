//! What a page may ask about the viewer's inbox.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::inbox::{Entry, Unread};

/// What waits for the viewer.
#[server(name = ReadUnread, endpoint = "inbox/unread")]
pub async fn unread() -> Result<Unread, Error> {
    use earshot_live::store::notices;

    use crate::access::Access;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let me = Access::me(&viewer);
    // The seq first: what changes in between is then reloaded once too often, and never missed.
    let seq = notices::seq(&db, me.object()).await?;
    Ok(Unread { entries: crate::inbox::store::unread(&db, &me).await?, seq })
}

/// Those of the messages `ids` that wait for the viewer. What is missing from the answer is to go from the page.
#[server(endpoint = "inbox/reload", input = leptos::server_fn::codec::Json)]
pub async fn reload(ids: Vec<i64>) -> Result<Vec<Entry>, Error> {
    use crate::access::Access;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    crate::inbox::store::reload(&db, &Access::me(&viewer), &ids).await
}

/// Nothing waits any more.
#[server(endpoint = "inbox/clear")]
pub async fn clear() -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let me = Held::me(&mut tx, &viewer).await?;
    crate::inbox::store::clear(&mut tx, &me).await?;
    tx.commit().await?;
    context::land_on("/inbox");
    Ok(())
}
