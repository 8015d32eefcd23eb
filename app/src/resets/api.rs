//! What a page may ask about resets. All but [`make`] is for people who are not signed in.

use earshot_live::error::Error;
use leptos::prelude::*;

/// Whether links are sent by mail here. If not, administrators make them.
#[server(endpoint = "resets/by_mail")]
pub async fn by_mail() -> Result<bool, Error> {
    Ok(crate::context::services()?.mail.works())
}

/// Sends a link to `email`, if somebody has that address. The answer and its time are the same if nobody has.
#[server(endpoint = "resets/ask")]
pub async fn ask(email: String) -> Result<(), Error> {
    use crate::context;
    use crate::people::store::{normal_email, plausible_email};
    let services = context::services()?;
    let email = normal_email(&email);
    plausible_email(&email)?;
    services.limits.count(context::client_address()?.0, &email)?;
    services.limits.count_mail(&email)?;
    if !services.mail.works() {
        return Err(Error::invalid("This server sends no mail. Please ask an administrator for a link."));
    }
    let mail = services.mail.clone();
    mail.in_background(crate::resets::mail::send(services, email));
    context::land_on("/forgot?sent");
    Ok(())
}

/// Whether `token` may still be used.
///
/// # Errors
/// `NotFound` when not.
#[server(endpoint = "resets/check")]
pub async fn check(token: String) -> Result<(), Error> {
    let db = crate::context::services()?.db;
    crate::resets::store::check(db.read(), &token).await.map(drop)
}

/// Uses `token`, once, to choose another password. Every session of its account ends.
#[server(endpoint = "resets/redeem")]
pub async fn redeem(token: String, password: String) -> Result<(), Error> {
    use crate::context;
    use crate::people::store::check_password;
    use crate::resets::store;
    let services = context::services()?;
    check_password(&password)?;
    services.limits.count_address(context::client_address()?.0)?;
    // Before the hashing, which is dear.
    store::check(services.db.read(), &token).await?;
    let hash = services.passwords.hash(password).await?;
    let mut tx = services.db.begin(earshot_live::store::APPLICATION).await?;
    store::redeem(&mut tx, &token, &hash).await?;
    tx.commit().await?;
    context::land_on("/sign-in?reset");
    Ok(())
}

/// Makes a link for `user`, to be handed over by an administrator. It is told this once.
#[server(endpoint = "resets/make")]
pub async fn make(user: i64) -> Result<String, Error> {
    use crate::access::Held;
    use crate::context;
    let origin = context::services()?.origin;
    let (db, viewer) = context::db_and_viewer().await?;
    let mut tx = db.begin(&viewer.name).await?;
    let team = Held::team_write(&mut tx, &viewer).await?;
    let token = crate::resets::store::make_for(&mut tx, &team, user).await?;
    tx.commit().await?;
    Ok(crate::resets::mail::link(&origin, &token))
}
