//! What a page may ask about profiles. A picture is sent and fetched by the server's `pictures.rs`.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::profiles::Profile;

/// What `user` says of themselves, or the viewer.
#[server(endpoint = "profiles/get")]
pub async fn get(user: Option<i64>) -> Result<Profile, Error> {
    use crate::access::Access;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    crate::profiles::store::get(&db, &Access::team(&viewer), user.unwrap_or(viewer.id)).await
}

/// Saves what the viewer is called and says about themselves.
#[server(endpoint = "profiles/save")]
pub async fn save(name: String, about: String) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let me = Held::me(&mut tx, &viewer).await?;
    crate::profiles::store::save(&mut tx, &me, &name, &about).await?;
    Ok(tx.commit().await?)
}

#[server(endpoint = "profiles/remove_picture")]
pub async fn remove_picture() -> Result<(), Error> {
    use crate::access::Access;
    use crate::context;
    let pictures = context::services()?.pictures;
    let (db, viewer) = context::db_and_viewer().await?;
    pictures.remove(&db, &Access::me(&viewer)).await
}
