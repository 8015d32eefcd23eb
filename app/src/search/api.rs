//! What a page may ask of search.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::search::{Anything, Found};

/// The newest messages in which all words of `q` occur, or those before message `before`.
#[server(name = FindMessages, endpoint = "search/messages")]
pub async fn messages(q: String, before: Option<i64>) -> Result<Found, Error> {
    use crate::context;
    use crate::search::{PAGE, query::Query, store};
    let (db, viewer) = context::db_and_viewer().await?;
    store::messages(&db, &viewer, &Query::parse(&q)?, before, PAGE).await
}

/// The people and the messages that may be meant by what was typed so far.
#[server(name = FindAnything, endpoint = "search/anything")]
pub async fn anything(q: String) -> Result<Anything, Error> {
    use crate::context;
    use crate::search::{OFFERED, query::Query, store};
    let (db, viewer) = context::db_and_viewer().await?;
    let query = Query::parse(&q)?;
    let people = store::people(&db, &viewer, &q, OFFERED).await?;
    let messages = store::messages(&db, &viewer, &query, None, OFFERED).await?.hits;
    Ok(Anything { people, messages })
}
