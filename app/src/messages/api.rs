//! What a page may ask about messages.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::messages::{Message, Page};

/// The last messages of a room; or those around, before or after the message of which the id is given.
#[server(name = ReadPage, endpoint = "messages/page")]
pub async fn page(room: i64, at: Option<i64>, before: Option<i64>, after: Option<i64>) -> Result<Page, Error> {
    use earshot_live::store::notices;

    use crate::access::Access;
    use crate::context;
    use crate::messages::Place;
    use crate::messages::store::{Found, page};
    let (db, viewer) = context::db_and_viewer().await?;
    let access = Access::room(&db, &viewer, room).await?;
    // The seq first: what changes in between is then reloaded once too often, and never missed.
    let seq = notices::seq(&db, access.object()).await?;
    let Found { messages, more, newer } = page(&db, &access, Place::asked(at, before, after)).await?;
    Ok(Page { messages, more, newer, seq })
}

/// Those of `ids` that are in the room and the viewer may read. What is missing from the answer is to go from the page.
#[server(endpoint = "messages/reload", input = leptos::server_fn::codec::Json)]
pub async fn reload(room: i64, ids: Vec<i64>) -> Result<Vec<Message>, Error> {
    use crate::access::Access;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let access = Access::room(&db, &viewer, room).await?;
    crate::messages::store::reload(&db, &access, &ids).await
}

/// Posts a message, with files that were uploaded before, and returns its id. Sent again with the same `client_id`, it is still one message.
#[server(endpoint = "messages/post")]
pub async fn post(
    room: i64,
    body: String,
    client_id: String,
    reply_to: Option<i64>,
    #[server(default)] files: Vec<i64>,
) -> Result<i64, Error> {
    use crate::access::Held;
    use crate::context;
    use crate::messages::NewMessage;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::room(&mut tx, &viewer, room).await?;
    let new = NewMessage { body: &body, client_id: &client_id, reply_to, files: &files };
    let id = crate::messages::store::post(&mut tx, &access, new).await?;
    tx.commit().await?;
    context::land_on(&format!("/rooms/{room}"));
    Ok(id)
}

#[server(endpoint = "messages/edit")]
pub async fn edit(id: i64, body: String) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::message_write(&mut tx, &viewer, id).await?;
    crate::messages::store::edit(&mut tx, &access, &body).await?;
    tx.commit().await?;
    context::land_on(&format!("/rooms/{}?at={id}#message-{id}", access.object().id));
    Ok(())
}

#[server(endpoint = "messages/delete")]
pub async fn delete(id: i64) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::message_write(&mut tx, &viewer, id).await?;
    crate::messages::store::delete(&mut tx, &access).await?;
    Ok(tx.commit().await?)
}
