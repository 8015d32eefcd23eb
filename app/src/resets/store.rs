//! The SQL of resets. Only the hash of what a link holds is kept.

use earshot_live::error::{Error, Kind};
use earshot_live::store::{APPLICATION, Db, Sql, Tx};
use earshot_live::timestamp::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::{Row, query, query_scalar};

use crate::access::{self, Held};
use crate::entities::EVERYONE;
use crate::people;
use crate::people::store::decomposed;
use crate::resets::LIFETIME;
use crate::sessions;

/// Whom a link is for.
pub struct Addressee {
    pub id: i64,
    pub name: String,
}

/// Who has the account with this (normal) address and may sign in.
pub async fn addressee(db: &Db, email: &str) -> Result<Option<Addressee>, Error> {
    let row = query("SELECT id, name FROM users WHERE email IN ($1, $2) AND active = 1 ORDER BY id");
    let row = row.bind(email).bind(decomposed(email));
    let row = row.fetch_optional(db.read()).await?;
    row.map(|row| Ok(Addressee { id: row.try_get("id")?, name: row.try_get("name")? })).transpose()
}

/// Makes a link's token for whoever asked for it by mail.
///
/// # Errors
/// When the database refuses.
pub async fn make(db: &Db, to: &Addressee) -> Result<String, Error> {
    let mut tx = db.begin(APPLICATION).await?;
    let token = insert(&mut tx, to.id).await?;
    tx.commit().await?;
    Ok(token)
}

/// The same for an administrator, who hands it over.
///
/// # Errors
/// `NotFound` when there is no such person; `Invalid` for the account of somebody who may not sign in.
pub async fn make_for(tx: &mut Tx, _: &Held<access::Team, access::Write>, user: i64) -> Result<String, Error> {
    let active: i64 = query_scalar("SELECT active FROM users WHERE id = $1").bind(user).fetch_one(tx.sql()).await?;
    if active == 0 {
        return Err(Error::invalid("This account is deactivated. Bring it back first."));
    }
    insert(tx, user).await
}

async fn insert(tx: &mut Tx, user: i64) -> Result<String, Error> {
    let token = format!("{:032x}", rand::random::<u128>());
    let expires = tx.now().0 + LIFETIME.as_micros() as i64;
    query("INSERT INTO resets (key, user_id, expires) VALUES ($1, $2, $3)")
        .bind(key(&token))
        .bind(user)
        .bind(expires)
        .execute(tx.sql())
        .await?;
    Ok(token)
}

/// Whose password `token` may change.
///
/// # Errors
/// `NotFound` when it is unknown, used, too old, or for somebody who may not sign in.
pub async fn check(sql: impl Sql<'_>, token: &str) -> Result<i64, Error> {
    let user: Option<i64> = query_scalar(
        "SELECT r.user_id FROM resets r JOIN users u ON u.id = r.user_id
         WHERE r.key = $1 AND r.expires > $2 AND u.active = 1",
    )
    .bind(key(token))
    .bind(Timestamp::now().0)
    .fetch_optional(sql)
    .await?;
    user.ok_or_else(stale)
}

/// Gives the account that `token` is for another password. Every link for it is used up, and every session ends.
///
/// # Errors
/// As for [`check`].
pub async fn redeem(tx: &mut Tx, token: &str, password_hash: &str) -> Result<(), Error> {
    // Ending sessions, as everything that does.
    tx.lock(EVERYONE).await?;
    let user = check(tx.sql(), token).await?;
    let used = query("DELETE FROM resets WHERE key = $1").bind(key(token)).execute(tx.sql()).await?;
    if used.rows_affected() == 0 {
        return Err(stale());
    }
    people::store::set_password(tx, user, password_hash).await?;
    sessions::store::end_all(tx, user, 0).await
}

/// Forgets the links of `user`, who has another password now.
pub(crate) async fn forget(tx: &mut Tx, user: i64) -> Result<(), Error> {
    query("DELETE FROM resets WHERE user_id = $1").bind(user).execute(tx.sql()).await?;
    Ok(())
}

/// Forgets what is too old to be used.
///
/// # Errors
/// When the database refuses.
pub async fn forget_expired(db: &Db) -> Result<(), sqlx::Error> {
    let mut tx = db.begin(APPLICATION).await?;
    query("DELETE FROM resets WHERE expires <= $1").bind(Timestamp::now().0).execute(tx.sql()).await?;
    tx.commit().await
}

fn stale() -> Error {
    let sentence = "This link is not good any more: it was used, or it is more than an hour old. Ask for another one.";
    Error { kind: Kind::NotFound, sentence: sentence.to_owned() }
}

fn key(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
