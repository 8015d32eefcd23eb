//! What a page may ask about mentions.

use leptos::prelude::*;

use crate::error::Error;
use crate::people::Person;

/// Whom one can mention in a room.
#[server(endpoint = "mentions/candidates")]
pub async fn candidates(room: i64) -> Result<Vec<Person>, Error> {
    use crate::context;
    use crate::mentions::store;
    use crate::store::Access;
    let (db, viewer) = context::db_and_viewer().await?;
    let access = Access::room(&db, &viewer, room).await?;
    Ok(store::readers(db.read(), &access).await?.into_iter().map(|reader| reader.person).collect())
}
