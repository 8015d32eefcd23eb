//! What administrators may ask about accounts, and change.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::accounts::{Account, AccountPage};

/// Page number `page`, from 0, of the accounts whose name or address holds `search`.
#[server(name = ReadAccounts, endpoint = "accounts/page")]
pub async fn page(search: String, page: i64) -> Result<AccountPage, Error> {
    use earshot_live::store::notices;

    use crate::access::Access;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let team = Access::team_write(&viewer)?;
    // The seq first: what changes in between is then reloaded once too often, and never missed.
    let seq = notices::seq(&db, team.object()).await?;
    let (accounts, count) = crate::accounts::store::page(&db, &team, &search, page).await?;
    Ok(AccountPage { accounts, count, seq })
}

#[server(name = ReadAccount, endpoint = "accounts/get")]
pub async fn get(user: i64) -> Result<Account, Error> {
    use crate::access::Access;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    crate::accounts::store::get(&db, &Access::team_write(&viewer)?, user).await
}

/// Gives or takes the role `pusher_user`.
#[server(endpoint = "accounts/set_pusher_user")]
pub async fn set_pusher_user(user: i64, given: bool) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let team = Held::team_write(&mut tx, &viewer).await?;
    crate::accounts::store::set_pusher_user(&mut tx, &team, user, given).await?;
    Ok(tx.commit().await?)
}

/// Makes an administrator, or unmakes one.
#[server(endpoint = "accounts/set_admin")]
pub async fn set_admin(user: i64, given: bool) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let team = Held::team_write(&mut tx, &viewer).await?;
    crate::accounts::store::set_admin(&mut tx, &team, user, given).await?;
    Ok(tx.commit().await?)
}

/// Deactivates a person, or brings one back.
#[server(endpoint = "accounts/set_active")]
pub async fn set_active(user: i64, active: bool) -> Result<(), Error> {
    use crate::access::Held;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let team = Held::team_write(&mut tx, &viewer).await?;
    crate::accounts::store::set_active(&mut tx, &team, user, active).await?;
    Ok(tx.commit().await?)
}
