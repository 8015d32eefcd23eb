//! The SQL of profiles.

use earshot_live::error::{Error, Kind};
use earshot_live::store::{Db, Tx};
use sqlx::{Row, query, query_scalar};

use crate::access::{self, Access, Held};
use crate::entities::{EVERYONE, PROFILE_CHANGED, USER};
use crate::people::store::{check_name, person};
use crate::profiles::{MAX_ABOUT, Profile};
use crate::text::with_stored_breaks;

/// # Errors
/// `NotFound` when there is no such person.
pub async fn get(db: &Db, _team: &Access<access::Team>, user: i64) -> Result<Profile, Error> {
    let row = query("SELECT id, name, picture, about, active FROM users WHERE id = $1").bind(user);
    let row = row.fetch_optional(db.read()).await?.ok_or(Kind::NotFound)?;
    let active = row.try_get::<i64, _>("active")? != 0;
    Ok(Profile { person: person(&row)?, about: row.try_get("about")?, active })
}

/// # Errors
/// `Invalid`, with what to change.
pub async fn save(tx: &mut Tx, me: &Held<access::User>, name: &str, about: &str) -> Result<(), Error> {
    let about = with_stored_breaks(about);
    let length = about.chars().count();
    if length > MAX_ABOUT {
        return Err(Error::invalid(format!(
            "What you say about yourself has {length} characters; {MAX_ABOUT} is the most."
        )));
    }
    let name = check_name(name)?;
    query("UPDATE users SET name = $1, about = $2 WHERE id = $3")
        .bind(name)
        .bind(about.trim())
        .bind(me.id())
        .execute(tx.sql())
        .await?;
    tx.notice(EVERYONE, PROFILE_CHANGED, USER.object(me.id()));
    Ok(())
}

/// Sets the version of the viewer's picture, and returns the one before.
pub async fn set_picture(tx: &mut Tx, me: &Held<access::User>, version: Option<i64>) -> Result<Option<i64>, Error> {
    let before: Option<i64> =
        query_scalar("SELECT picture FROM users WHERE id = $1").bind(me.id()).fetch_one(tx.sql()).await?;
    query("UPDATE users SET picture = $1 WHERE id = $2").bind(version).bind(me.id()).execute(tx.sql()).await?;
    tx.notice(EVERYONE, PROFILE_CHANGED, USER.object(me.id()));
    Ok(before)
}

/// The version of a person's picture.
///
/// # Errors
/// `NotFound` when there is no such person, or no picture of them.
pub async fn picture(db: &Db, _team: &Access<access::Team>, user: i64) -> Result<i64, Error> {
    let found: Option<Option<i64>> =
        query_scalar("SELECT picture FROM users WHERE id = $1").bind(user).fetch_optional(db.read()).await?;
    found.flatten().ok_or(Kind::NotFound.into())
}
