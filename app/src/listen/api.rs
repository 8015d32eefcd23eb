//! What a listener may ask.

use leptos::prelude::*;

use crate::error::Error;
use crate::object::{Notice, Object};

/// What was said on `object` after number `seq`, oldest first, as much as one answer holds.
#[server(endpoint = "notices/after", input = leptos::server_fn::codec::Json)]
pub async fn notices_after(object: Object, seq: i64) -> Result<Vec<Notice>, Error> {
    use crate::context;
    use crate::store::{Access, notices};
    let (db, viewer) = context::db_and_viewer().await?;
    let access = Access::notices(db.read(), &viewer, object).await?;
    notices::after(&db, &access, seq).await
}
