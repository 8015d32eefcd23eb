//! What a page may ask about rooms.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::rooms::{Members, Room, RoomList};

/// Every room that the viewer may read.
#[server(endpoint = "rooms/list")]
pub async fn list() -> Result<RoomList, Error> {
    use earshot_live::store::notices;

    use crate::access::Access;
    use crate::context;
    use crate::rooms::store;
    let (db, viewer) = context::db_and_viewer().await?;
    // The seq first: what changes in between is then reloaded once too often, and never missed.
    let team_seq = notices::seq(&db, Access::team(&viewer).object()).await?;
    let user_seq = notices::seq(&db, Access::me(&viewer).object()).await?;
    Ok(RoomList { rooms: store::list(&db, &viewer).await?, team_seq, user_seq })
}

#[server(endpoint = "rooms/get")]
pub async fn get(id: i64) -> Result<Room, Error> {
    use crate::access::Access;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    crate::rooms::store::get(&db, &Access::room(&db, &viewer, id).await?).await
}

/// Those of `ids` that the viewer may read. What is missing from the answer is to go from the page.
#[server(endpoint = "rooms/reload", input = leptos::server_fn::codec::Json)]
pub async fn reload(ids: Vec<i64>) -> Result<Vec<Room>, Error> {
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    crate::rooms::store::reload(&db, &viewer, &ids).await
}

/// Makes a room. `closed` is what a ticked box sends; the same again with the same `client_id` makes no second one.
#[server(endpoint = "rooms/create")]
pub async fn create(name: String, closed: Option<String>, client_id: Option<String>) -> Result<i64, Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let team = Held::team(&mut tx, &viewer).await?;
    let id = crate::rooms::store::create(&mut tx, &team, &name, closed.is_some(), client_id.as_deref()).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/rooms/{id}"));
    Ok(id)
}

/// Leads to the room in which the viewer talks with exactly these people.
#[server(name = OpenDirect, endpoint = "rooms/direct")]
pub async fn direct(#[server(default)] people: Vec<i64>) -> Result<i64, Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let team = Held::team(&mut tx, &viewer).await?;
    let id = crate::rooms::direct::open(&mut tx, &team, &people).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/rooms/{id}"));
    Ok(id)
}

#[server(endpoint = "rooms/rename")]
pub async fn rename(id: i64, name: String) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::room_write(&mut tx, &viewer, id).await?;
    crate::rooms::store::rename(&mut tx, &access, &name).await?;
    Ok(tx.commit().await?)
}

#[server(endpoint = "rooms/delete")]
pub async fn delete(id: i64) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::room_write(&mut tx, &viewer, id).await?;
    crate::rooms::store::delete(&mut tx, &access).await?;
    tx.commit().await?;
    leptos_axum::redirect("/rooms");
    Ok(())
}

#[server(name = ReadMembers, endpoint = "rooms/members")]
pub async fn members(id: i64) -> Result<Members, Error> {
    use crate::access::Access;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let access = Access::room(&db, &viewer, id).await?;
    let members = crate::rooms::store::members(&db, &access).await?;
    let mut others = crate::people::store::everyone(&db, &Access::team(&viewer)).await?;
    others.retain(|person| members.iter().all(|member| member.id != person.id));
    Ok(Members { members, others })
}

#[server(endpoint = "rooms/add_member")]
pub async fn add_member(id: i64, user: i64) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::room_write(&mut tx, &viewer, id).await?;
    crate::rooms::store::add_member(&mut tx, &access, user).await?;
    Ok(tx.commit().await?)
}

#[server(endpoint = "rooms/remove_member")]
pub async fn remove_member(id: i64, user: i64) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::room_write(&mut tx, &viewer, id).await?;
    crate::rooms::store::remove_member(&mut tx, &access, user).await?;
    Ok(tx.commit().await?)
}

#[server(endpoint = "rooms/leave")]
pub async fn leave(id: i64) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let access = Held::room(&mut tx, &viewer, id).await?;
    crate::rooms::store::leave(&mut tx, &access).await?;
    tx.commit().await?;
    leptos_axum::redirect("/rooms");
    Ok(())
}
