//! The mail that brings a link.

use earshot_live::error::Error;

use crate::context::Services;
use crate::resets::store;

const SUBJECT: &str = "Choose a new password";

/// The address of the page on which `token` is used.
pub fn link(origin: &str, token: &str) -> String {
    format!("{origin}/reset/{token}")
}

/// Sends a link to `email`, if somebody has that address.
pub async fn send(services: Services, email: String) {
    if let Err(error) = try_to_send(services, &email).await {
        tracing::warn!(%error, "no link could be made for a mail");
    }
}

async fn try_to_send(services: Services, email: &str) -> Result<(), Error> {
    let Some(to) = store::addressee(&services.db, email).await? else { return Ok(()) };
    let link = link(&services.origin, &store::make(&services.db, &to).await?);
    let text = format!(
        "Hello {},\n\nwith this link you choose a new password for Earshot. It is good for one hour, and once:\n\n{link}\n\n\
         If you have not asked for it, leave it be: your password stays as it is.\n",
        to.name
    );
    services.mail.send(email, SUBJECT, text).await;
    Ok(())
}
