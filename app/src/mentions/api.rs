//! What a page may ask about mentions.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::people::Person;

/// Whom one can mention in a room.
#[server(endpoint = "mentions/candidates")]
pub async fn candidates(room: i64) -> Result<Vec<Person>, Error> {
    use crate::access::Access;
    use crate::context;
    use crate::mentions::store;
    let (db, viewer) = context::db_and_viewer().await?;
    let access = Access::room(&db, &viewer, room).await?;
    Ok(store::readers(db.read(), &access).await?.into_iter().map(|reader| reader.person).collect())
}
