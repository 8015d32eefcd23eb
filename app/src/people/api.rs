//! What a page may ask about people.

use earshot_live::error::Error;
use leptos::prelude::*;

use crate::people::{Me, Person};

/// Who is signed in here.
#[server(name = ReadMe, endpoint = "people/me")]
pub async fn me() -> Result<Me, Error> {
    use earshot_live::store::notices;

    use crate::access::Access;
    let (db, viewer) = crate::context::db_and_viewer().await?;
    let seq = notices::seq(&db, Access::me(&viewer).object()).await?;
    let person = Person { id: viewer.id, name: viewer.name, picture: viewer.picture };
    Ok(Me { person, admin: viewer.admin.0, pusher_user: viewer.pusher_user.0, seq })
}

/// Whether the server is still empty: its first visitor makes the administrator's account.
#[server(endpoint = "people/nobody_yet")]
pub async fn nobody_yet() -> Result<bool, Error> {
    crate::people::store::nobody_yet(&crate::context::services()?.db).await
}

/// Makes an account. `join`: the token of the join link, without which only the first visitor gets in.
#[server(endpoint = "people/sign_up")]
pub async fn sign_up(
    name: String,
    email: String,
    password: String,
    join: Option<String>,
    next: Option<String>,
) -> Result<(), Error> {
    use crate::people::store::{self, NewPerson};
    use crate::{context, join_link};
    let services = context::services()?;
    let (new, join) = (NewPerson::check(&name, &email)?, join.unwrap_or_default());
    store::check_password(&password)?;
    services.limits.count(context::client_address()?.0, new.email())?;
    // Before anything is told about accounts, and before the hashing, which is dear.
    if !store::nobody_yet(&services.db).await? {
        join_link::store::check(services.db.read(), &join).await?;
    }
    let hash = services.passwords.hash(password.clone()).await?;
    let mut tx = services.db.begin(name.trim()).await?;
    let admin = store::first(&mut tx).await?;
    if !admin {
        join_link::store::check(tx.sql(), &join).await?;
    }
    let (id, hash) = match store::add(&mut tx, &new, &hash, admin).await {
        Ok(id) => {
            if admin {
                crate::rooms::store::create_first(&mut tx, id).await?;
            }
            tx.commit().await?;
            (id, hash)
        }
        Err(refused) => {
            drop(tx);
            // The same form, sent twice, is for whoever knows the password of the account that the first has made.
            let known = store::credentials(&services.db, new.email()).await?.filter(|known| known.active.0);
            let stored = known.as_ref().map(|known| known.password_hash.clone());
            let right = services.passwords.verify(password, stored).await?;
            known.filter(|_| right).map(|known| (known.id, known.password_hash)).ok_or(refused)?
        }
    };
    context::sign_in(id, &hash).await?;
    context::land_on(if admin { "/invite".into() } else { context::local_path(next) }.as_str());
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
    store::check_password_length(&password)?;
    services.limits.count(context::client_address()?.0, &email)?;
    let known = store::credentials(&services.db, &email).await?;
    let stored = known.as_ref().map(|known| known.password_hash.clone());
    let right = services.passwords.verify(password, stored).await?;
    let known = known.filter(|_| right).ok_or_else(wrong)?;
    if !known.active.0 {
        let sentence = "This account has been deactivated. An administrator can bring it back.".to_owned();
        return Err(Error { kind: earshot_live::error::Kind::Forbidden, sentence });
    }
    context::sign_in(known.id, &known.password_hash).await?;
    context::land_on(&context::local_path(next));
    Ok(())
}

/// Gives the viewer another password. Their other sessions end, and this one goes on under a new id.
#[server(endpoint = "people/change_password")]
pub async fn change_password(old_password: String, password: String) -> Result<(), Error> {
    use crate::access::{Access, Held};
    use crate::context;
    use crate::people::store;
    let (services, address) = (context::services()?, context::client_address()?.0);
    let (db, viewer) = context::db_and_viewer().await?;
    let me = Access::me(&viewer);
    store::check_password_length(&old_password)?;
    store::check_password(&password)?;
    let (email, stored) = store::own_credentials(&db, &me).await?;
    services.limits.count(address, &email)?;
    if !services.passwords.verify(old_password, Some(stored.clone())).await? {
        return Err(store::another_password());
    }
    let hash = services.passwords.hash(password).await?;
    let mut tx = db.begin(&viewer.name).await?;
    let me = Held::me(&mut tx, &viewer).await?;
    store::change_password(&mut tx, &me, &stored, &hash).await?;
    tx.commit().await?;
    context::sign_in(viewer.id, &hash).await?;
    context::land_on("/me?changed=password");
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
    use crate::access::Access;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    crate::people::store::everyone(&db, &Access::team(&viewer)).await
}

/// Those of `ids` that there are, with the names and pictures that they have now.
#[server(endpoint = "people/reload", input = leptos::server_fn::codec::Json)]
pub async fn reload(ids: Vec<i64>) -> Result<Vec<Person>, Error> {
    use crate::access::Access;
    use crate::context;
    let (db, viewer) = context::db_and_viewer().await?;
    crate::people::store::reload(&db, &Access::team(&viewer), &ids).await
}
