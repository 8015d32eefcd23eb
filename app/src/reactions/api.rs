//! What a page may ask about reactions.

use earshot_live::error::Error;
use leptos::prelude::*;

/// Puts the viewer's emoji under a message, or takes it away again.
#[server(endpoint = "reactions/toggle")]
pub async fn toggle(message: i64, emoji: String) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::message(&mut tx, &viewer, message).await?;
    crate::reactions::store::toggle(&mut tx, &access, &emoji).await?;
    tx.commit().await?;
    context::land_on(&format!("/rooms/{}?at={message}#message-{message}", access.object().id));
    Ok(())
}
