//! The SQL of accounts.

use const_format::concatcp;
use earshot_live::error::{Error, Kind};
use earshot_live::store::{Db, Tx};
use sqlx::any::AnyRow;
use sqlx::{Row, query, query_scalar};

use crate::access::{self, Access, Held};
use crate::accounts::{Account, MAX_SEARCH, PAGE};
use crate::entities::{ROLE_CHANGED, USER};
use crate::people::store::person;
use crate::sessions;
use crate::text::fold;

type Administrator = Access<access::Team, access::Write>;
type Administering = Held<access::Team, access::Write>;

const ACCOUNT: &str = "SELECT id, name, picture, email, admin, pusher_user, active FROM users";

/// A page of those whose name or address holds `search`, by name, and how many there are. Pages count from 0.
///
/// # Errors
/// `Invalid` when `search` is too long.
pub async fn page(db: &Db, _: &Administrator, search: &str, page: i64) -> Result<(Vec<Account>, i64), Error> {
    if search.chars().count() > MAX_SEARCH {
        return Err(Error::invalid(format!("Please search for at most {MAX_SEARCH} characters.")));
    }
    let wanted = fold(search.trim());
    let rows = query(ACCOUNT).fetch_all(db.read()).await?;
    let mut found = rows.iter().map(account).collect::<Result<Vec<_>, _>>()?;
    // Not by the database: what SQLite calls lower case is ASCII only.
    found.retain(|account| fold(&account.person.name).contains(&wanted) || fold(&account.email).contains(&wanted));
    found.sort_by_cached_key(|account| (!account.active, fold(&account.person.name), account.person.id));
    let (count, before) = (found.len() as i64, usize::try_from(page).unwrap_or_default().saturating_mul(PAGE));
    Ok((found.into_iter().skip(before).take(PAGE).collect(), count))
}

/// # Errors
/// `NotFound` when there is no such person.
pub async fn get(db: &Db, _: &Administrator, user: i64) -> Result<Account, Error> {
    const SQL: &str = concatcp!(ACCOUNT, " WHERE id = $1");
    account(&query(SQL).bind(user).fetch_optional(db.read()).await?.ok_or(Kind::NotFound)?)
}

/// Gives or takes the role that admits to live updates. Open sockets of this person end with the commit.
///
/// # Errors
/// `NotFound` when there is no such person.
pub async fn set_pusher_user(tx: &mut Tx, _: &Administering, user: i64, given: bool) -> Result<(), Error> {
    set(tx, "UPDATE users SET pusher_user = $1 WHERE id = $2", user, given).await
}

/// Makes an administrator, or an administrator one among all.
///
/// # Errors
/// `NotFound` when there is no such person; `Invalid` when nobody would be left to administer.
pub async fn set_admin(tx: &mut Tx, _: &Administering, user: i64, given: bool) -> Result<(), Error> {
    set(tx, "UPDATE users SET admin = $1 WHERE id = $2", user, given).await?;
    somebody_administers(tx).await
}

/// Ends a person's time here, or begins it again. With the commit that ends it all their sessions and sockets end.
///
/// # Errors
/// `NotFound` when there is no such person; `Invalid` for one's own account.
pub async fn set_active(tx: &mut Tx, team: &Administering, user: i64, active: bool) -> Result<(), Error> {
    if user == team.viewer().id {
        return Err(Error::invalid("You cannot deactivate yourself. Another administrator can."));
    }
    set(tx, "UPDATE users SET active = $1 WHERE id = $2", user, active).await?;
    if !active {
        sessions::store::end_all(tx, user, 0).await?;
    }
    somebody_administers(tx).await
}

async fn set(tx: &mut Tx, sql: &'static str, user: i64, flag: bool) -> Result<(), Error> {
    let changed = query(sql).bind(i64::from(flag)).bind(user).execute(tx.sql()).await?;
    if changed.rows_affected() == 0 {
        return Err(Kind::NotFound.into());
    }
    tx.notice(USER.object(user), ROLE_CHANGED, USER.object(user));
    Ok(())
}

/// Two administrators who put each other out at the same time come one after the other: each holds the team.
async fn somebody_administers(tx: &mut Tx) -> Result<(), Error> {
    let one: Option<i64> =
        query_scalar("SELECT 1 FROM users WHERE admin = 1 AND active = 1 LIMIT 1").fetch_optional(tx.sql()).await?;
    one.map(drop).ok_or_else(|| Error::invalid("This is the last administrator. Make another one first."))
}

fn account(row: &AnyRow) -> Result<Account, Error> {
    let flag = |column: &str| row.try_get::<i64, _>(column).map(|n| n != 0);
    Ok(Account {
        person: person(row)?,
        email: row.try_get("email")?,
        admin: flag("admin")?,
        pusher_user: flag("pusher_user")?,
        active: flag("active")?,
    })
}
