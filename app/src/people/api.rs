//! What a page may ask about people.

use leptos::prelude::*;

use crate::error::Error;
use crate::people::{Account, Me, Person};

/// Who is signed in here.
#[server(name = ReadMe, endpoint = "people/me")]
pub async fn me() -> Result<Me, Error> {
    use crate::store::{Access, notices};
    let (db, viewer) = crate::context::db_and_viewer().await?;
    let seq = notices::seq(&db, &Access::me(&viewer)).await?;
    let person = Person { id: viewer.id, name: viewer.name };
    Ok(Me { person, admin: viewer.admin.0, pusher_user: viewer.pusher_user.0, seq })
}

/// Whether the server is still empty: its first visitor makes the administrator's account.
#[server(endpoint = "people/nobody_yet")]
pub async fn nobody_yet() -> Result<bool, Error> {
    crate::people::store::nobody_yet(&crate::context::services()?.db).await
}

#[server(endpoint = "people/sign_up")]
pub async fn sign_up(name: String, email: String, password: String, next: Option<String>) -> Result<(), Error> {
    use crate::context;
    use crate::people::store::{self, NewPerson};
    let services = context::services()?;
    let new = NewPerson::check(&name, &email)?;
    store::check_password(&password)?;
    services.limits.count(context::client_address()?.0, new.email())?;
    let hash = services.passwords.hash(password).await?;
    let mut tx = services.db.begin(name.trim()).await?;
    let admin = store::first(&mut tx).await?;
    let id = store::add(&mut tx, &new, &hash, admin).await?;
    tx.commit().await?;
    context::sign_in(id).await?;
    context::land_on(&context::local_path(next));
    Ok(())
}

#[server(endpoint = "people/sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<(), Error> {
    use crate::context;
    use crate::people::store;
    let services = context::services()?;
    let wrong = || Error::invalid("Email or password is wrong.");
    let email = store::normal_email(&email);
    if email.len() > crate::people::MAX_EMAIL {
        return Err(wrong());
    }
    services.limits.count(context::client_address()?.0, &email)?;
    let known = store::credentials(&services.db, &email).await?;
    let stored = known.as_ref().map(|known| known.password_hash.clone());
    let right = services.passwords.verify(password, stored).await?;
    let known = known.filter(|_| right).ok_or_else(wrong)?;
    if !known.active.0 {
        let sentence = "This account has been deactivated. An administrator can bring it back.".to_owned();
        return Err(Error { kind: crate::error::Kind::Forbidden, sentence });
    }
    context::sign_in(known.id).await?;
    context::land_on(&context::local_path(next));
    Ok(())
}

#[server(endpoint = "people/sign_out")]
pub async fn sign_out() -> Result<(), Error> {
    crate::context::sign_out().await?;
    crate::context::land_on("/sign-in");
    Ok(())
}

/// Everyone's name, for those who are signed in.
#[server(endpoint = "people/everyone")]
pub async fn everyone() -> Result<Vec<Person>, Error> {
    use crate::context;
    use crate::store::Access;
    let (db, viewer) = context::db_and_viewer().await?;
    crate::people::store::everyone(&db, &Access::team(&viewer)).await
}

/// Everyone with roles, for administrators.
#[server(endpoint = "people/accounts")]
pub async fn accounts() -> Result<Vec<Account>, Error> {
    use crate::context;
    use crate::store::Access;
    let (db, viewer) = context::db_and_viewer().await?;
    crate::people::store::accounts(&db, &Access::team_write(&viewer)?).await
}

/// Gives or takes the role `pusher_user`.
#[server(endpoint = "people/set_pusher_user")]
pub async fn set_pusher_user(user: i64, given: bool) -> Result<(), Error> {
    use crate::context;
    use crate::store::Access;
    let (db, viewer) = context::db_and_viewer().await?;
    let team = Access::team_write(&viewer)?;
    let mut tx = db.begin(viewer.name).await?;
    crate::people::store::set_pusher_user(&mut tx, &team, user, given).await?;
    Ok(tx.commit().await?)
}

/// Deactivates a person, or brings one back.
#[server(endpoint = "people/set_active")]
pub async fn set_active(user: i64, active: bool) -> Result<(), Error> {
    use crate::context;
    use crate::store::Access;
    let (db, viewer) = context::db_and_viewer().await?;
    let team = Access::team_write(&viewer)?;
    let mut tx = db.begin(viewer.name).await?;
    crate::people::store::set_active(&mut tx, &team, user, active).await?;
    Ok(tx.commit().await?)
}
