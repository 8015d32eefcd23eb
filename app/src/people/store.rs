//! The SQL of people.

use earshot_live::error::Error;
use earshot_live::listen::MAX_RELOAD;
use earshot_live::store::{APPLICATION, Db, Tx};
use sqlx::any::AnyRow;
use sqlx::{Row, query, query_as, query_scalar};
use unicode_normalization::UnicodeNormalization;

use crate::access::{self, Access, Flag, Held};
use crate::entities::{EVERYONE, JOINED, USER};
use crate::people::{MAX_EMAIL, MAX_NAME, MAX_PASSWORD, MIN_PASSWORD, Person};
use crate::text;
use crate::{mentions, resets, sessions};

/// Names that mean something else: who a notice is by when no person did it, and `@everyone`.
const RESERVED: [&str; 2] = [APPLICATION, mentions::NAME_OF_EVERYONE];

/// What surrounds an address in a mail, and is no part of one that anybody has.
const NO_ADDRESS: &str = "<>(),;:\"[]\\";

/// What a new account needs, checked.
pub struct NewPerson {
    name: String,
    email: String,
}

impl NewPerson {
    /// # Errors
    /// `Invalid`, with what to change.
    pub fn check(name: &str, email: &str) -> Result<Self, Error> {
        let (name, email) = (check_name(name)?.to_owned(), normal_email(email));
        plausible_email(&email)?;
        Ok(Self { name, email })
    }

    pub fn email(&self) -> &str {
        &self.email
    }
}

/// The form in which addresses are stored and compared.
pub fn normal_email(email: &str) -> String {
    email.trim().to_lowercase().nfc().collect()
}

/// The form in which an address may have been stored before addresses were normalised.
pub fn decomposed(email: &str) -> String {
    email.nfd().collect()
}

/// # Errors
/// `Invalid` when no mail could come to this (normal) address.
pub fn plausible_email(email: &str) -> Result<(), Error> {
    let well_formed = email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if !well_formed
        || email.len() > MAX_EMAIL
        || email.contains(|c: char| !text::is_visible(c) || NO_ADDRESS.contains(c))
    {
        return Err(Error::invalid("Please enter an email address, like ada@example.org."));
    }
    Ok(())
}

/// # Errors
/// `Invalid`, with what to change.
pub fn check_name(name: &str) -> Result<&str, Error> {
    let name = text::check_name(name, "a name", MAX_NAME)?;
    let seen = text::fold(&name.nfkc().filter(|c| text::is_visible(*c)).collect::<String>());
    if RESERVED.iter().any(|reserved| text::fold(reserved) == seen) {
        return Err(Error::invalid(format!("“{name}” is not a person's name here. Please choose another one.")));
    }
    Ok(name)
}

/// # Errors
/// `Invalid`, with what to change.
pub fn check_password(password: &str) -> Result<(), Error> {
    if password.chars().count() < MIN_PASSWORD {
        return Err(Error::invalid(format!("Please choose a password of at least {MIN_PASSWORD} characters.")));
    }
    check_password_length(password)
}

/// For a password that may or may not be right.
///
/// # Errors
/// `Invalid` for one that cannot have been chosen.
pub fn check_password_length(password: &str) -> Result<(), Error> {
    let length = password.chars().count();
    if length > MAX_PASSWORD {
        let sentence = format!("A password has at most {MAX_PASSWORD} characters here; this one has {length}.");
        return Err(Error::invalid(sentence));
    }
    Ok(())
}

/// Whether anybody has an account yet.
pub async fn nobody_yet(db: &Db) -> Result<bool, Error> {
    let anyone: Option<i64> = query_scalar("SELECT 1 FROM users LIMIT 1").fetch_optional(db.read()).await?;
    Ok(anyone.is_none())
}

/// The same inside a transaction, where it stays true until the end: of two first visitors one becomes the administrator.
pub async fn first(tx: &mut Tx) -> Result<bool, Error> {
    tx.lock(EVERYONE).await?;
    let anyone: Option<i64> = query_scalar("SELECT 1 FROM users LIMIT 1").fetch_optional(tx.sql()).await?;
    Ok(anyone.is_none())
}

/// Makes an account, with the role `pusher_user`, and returns its id.
///
/// # Errors
/// `Invalid` when the address is taken.
pub async fn add(tx: &mut Tx, new: &NewPerson, password_hash: &str, admin: bool) -> Result<i64, Error> {
    let taken = || Error::invalid("There is an account with this email address already. Please sign in instead.");
    let other = query_scalar("SELECT 1 FROM users WHERE email = $1").bind(decomposed(&new.email));
    if let Some(1_i64) = other.fetch_optional(tx.sql()).await? {
        return Err(taken());
    }
    let now = tx.now().0;
    let id: Result<i64, sqlx::Error> = query_scalar(
        "INSERT INTO users (name, email, password_hash, admin, pusher_user, created, starts_after)
         VALUES ($1, $2, $3, $4, 1, $5, (SELECT COALESCE(MAX(id), 0) FROM messages)) RETURNING id",
    )
    .bind(new.name.as_str())
    .bind(new.email.as_str())
    .bind(password_hash)
    .bind(i64::from(admin))
    .bind(now)
    .fetch_one(tx.sql())
    .await;
    let id = id.map_err(|error| match error.as_database_error() {
        Some(refused) if refused.is_unique_violation() => taken(),
        _ => error.into(),
    })?;
    tx.notice(EVERYONE, JOINED, USER.object(id));
    Ok(id)
}

/// What signing in compares.
#[derive(sqlx::FromRow)]
pub struct Credentials {
    pub id: i64,
    pub password_hash: String,
    #[sqlx(try_from = "i64")]
    pub active: Flag,
}

/// Those of the account with this (normal) address.
pub async fn credentials(db: &Db, email: &str) -> Result<Option<Credentials>, Error> {
    let sql = query_as("SELECT id, password_hash, active FROM users WHERE email IN ($1, $2) ORDER BY id");
    Ok(sql.bind(email).bind(decomposed(email)).fetch_optional(db.read()).await?)
}

/// The address and the password's hash of the viewer.
pub async fn own_credentials(db: &Db, me: &Access<access::User>) -> Result<(String, String), Error> {
    let sql = query_as("SELECT email, password_hash FROM users WHERE id = $1");
    Ok(sql.bind(me.id()).fetch_one(db.read()).await?)
}

/// Gives the viewer another password in place of the one with the hash `before`. All their other sessions end with the commit.
///
/// # Errors
/// `Invalid` when they have another one by now.
pub async fn change_password(
    tx: &mut Tx,
    me: &Held<access::User>,
    before: &str,
    password_hash: &str,
) -> Result<(), Error> {
    let still = query_scalar("SELECT 1 FROM users WHERE id = $1 AND password_hash = $2").bind(me.id()).bind(before);
    let still: Option<i64> = still.fetch_optional(tx.sql()).await?;
    still.ok_or_else(another_password)?;
    set_password(tx, me.id(), password_hash).await?;
    sessions::store::end_others(tx, me).await
}

/// What somebody is told whose password was not the right one.
pub(super) fn another_password() -> Error {
    Error::invalid("The password that you have now is another one.")
}

/// Who calls it has proved a right to the whole account. Links that were made for the password before are dead.
pub(crate) async fn set_password(tx: &mut Tx, user: i64, password_hash: &str) -> Result<(), Error> {
    query("UPDATE users SET password_hash = $1 WHERE id = $2").bind(password_hash).bind(user).execute(tx.sql()).await?;
    resets::store::forget(tx, user).await
}

/// Everyone who is active, by name.
pub async fn everyone(db: &Db, _team: &Access<access::Team>) -> Result<Vec<Person>, Error> {
    let rows =
        query("SELECT id, name, picture FROM users WHERE active = 1 ORDER BY name, id").fetch_all(db.read()).await?;
    rows.iter().map(person).collect()
}

/// Those of `ids` that there are.
///
/// # Errors
/// `Invalid` when there are more than [`MAX_RELOAD`].
pub async fn reload(db: &Db, _team: &Access<access::Team>, ids: &[i64]) -> Result<Vec<Person>, Error> {
    if ids.len() > MAX_RELOAD {
        return Err(Error::invalid(format!("At most {MAX_RELOAD} people can be reloaded at once.")));
    }
    let mut people = Vec::with_capacity(ids.len());
    for id in ids {
        let row = query("SELECT id, name, picture FROM users WHERE id = $1").bind(id).fetch_optional(db.read()).await?;
        people.extend(row.as_ref().map(person).transpose()?);
    }
    Ok(people)
}

/// Reads `id`, `name` and `picture`.
pub fn person(row: &AnyRow) -> Result<Person, Error> {
    Ok(Person { id: row.try_get("id")?, name: row.try_get("name")?, picture: row.try_get("picture")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_however_it_is_typed_and_holds_nothing_that_hides() {
        assert_eq!(normal_email(" E\u{301}mile@Example.org "), normal_email("émile@example.org"));
        assert_eq!(plausible_email(&normal_email("Émile@Example.org")), Ok(()));
        for email in [
            "ada\u{202e}@example.org",
            "a\u{200b}da@example.org",
            "ada@exam\u{ad}ple.org",
            "ada@",
            "a da@example.org",
            "a<ada@example.org>",
            "ada@example.org,bob@example.org",
        ] {
            assert!(plausible_email(email).is_err(), "{email:?}");
        }
    }
}
