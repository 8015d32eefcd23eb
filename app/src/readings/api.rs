//! What a page may say about what its viewer has read.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::readings::Level;

/// The viewer has read the room up to message `upto`, and what was addressed to them in it. Of a room that is gone, or not
/// theirs to read, there is nothing to say.
#[server(endpoint = "readings/mark")]
pub async fn mark(room: i64, upto: i64) -> Result<(), Error> {
    use earshot_live::error::Kind;

    use crate::access::Held;
    use crate::readings::store;
    use crate::{context, inbox};
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = match Held::reading(&mut tx, &viewer, room).await {
        Err(error) if error.kind == Kind::NotFound => return Ok(()),
        access => access?,
    };
    let marked = store::mark(&mut tx, &access, upto).await?;
    if inbox::store::settle(&mut tx, &access, upto).await? || marked {
        store::tell(&mut tx, &access);
    }
    Ok(tx.commit().await?)
}

/// From message `first` on nothing of the room counts as read.
#[server(endpoint = "readings/mark_unread")]
pub async fn mark_unread(room: i64, first: i64) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::reading(&mut tx, &viewer, room).await?;
    crate::readings::store::mark_unread(&mut tx, &access, first).await?;
    tx.commit().await?;
    context::land_on("/rooms");
    Ok(())
}

#[server(endpoint = "readings/set_level")]
pub async fn set_level(room: i64, level: Level) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::reading(&mut tx, &viewer, room).await?;
    crate::readings::store::set_level(&mut tx, &access, level).await?;
    tx.commit().await?;
    context::land_on(&format!("/rooms/{room}/settings"));
    Ok(())
}
