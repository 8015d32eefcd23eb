//! The SQL of people.

use sqlx::any::AnyRow;
use sqlx::{Row, query, query_as, query_scalar};

use crate::error::{Error, Kind};
use crate::object::{Action, Entity, Object};
use crate::people::{Account, MAX_EMAIL, MAX_NAME, MAX_PASSWORD, MIN_PASSWORD, Person};
use crate::store::{Access, Db, Flag, Tx, access};

/// What a new account needs, checked.
pub struct NewPerson {
    name: String,
    email: String,
}

impl NewPerson {
    /// # Errors
    /// `Invalid`, with what to change.
    pub fn check(name: &str, email: &str) -> Result<Self, Error> {
        let (name, email) = (name.trim(), normal_email(email));
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(Error::invalid(format!("Please enter a name of at most {MAX_NAME} characters.")));
        }
        let well_formed = email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
        if !well_formed || email.len() > MAX_EMAIL || email.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(Error::invalid("Please enter an email address, like ada@example.org."));
        }
        Ok(Self { name: name.to_owned(), email })
    }

    pub fn email(&self) -> &str {
        &self.email
    }
}

/// The form in which addresses are stored and compared.
pub fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// # Errors
/// `Invalid`, with what to change.
pub fn check_password(password: &str) -> Result<(), Error> {
    let length = password.chars().count();
    if length < MIN_PASSWORD {
        Err(Error::invalid(format!("Please choose a password of at least {MIN_PASSWORD} characters.")))
    } else if length > MAX_PASSWORD {
        Err(Error::invalid(format!("Please choose a password of at most {MAX_PASSWORD} characters.")))
    } else {
        Ok(())
    }
}

/// Whether anybody has an account yet.
pub async fn nobody_yet(db: &Db) -> Result<bool, Error> {
    let anyone: Option<i64> = query_scalar("SELECT 1 FROM users LIMIT 1").fetch_optional(db.read()).await?;
    Ok(anyone.is_none())
}

/// The same inside a transaction, where it stays true until the end: of two first visitors one becomes the administrator.
pub async fn first(tx: &mut Tx) -> Result<bool, Error> {
    tx.lock(Object::Team).await?;
    let anyone: Option<i64> = query_scalar("SELECT 1 FROM users LIMIT 1").fetch_optional(tx.sql()).await?;
    Ok(anyone.is_none())
}

/// Makes an account, with the role `pusher_user`, and returns its id.
///
/// # Errors
/// `Invalid` when the address is taken.
pub async fn add(tx: &mut Tx, new: &NewPerson, password_hash: &str, admin: bool) -> Result<i64, Error> {
    let now = tx.now().0;
    let id: Result<i64, sqlx::Error> = query_scalar(
        "INSERT INTO users (name, email, password_hash, admin, pusher_user, created)
         VALUES ($1, $2, $3, $4, 1, $5) RETURNING id",
    )
    .bind(new.name.as_str())
    .bind(new.email.as_str())
    .bind(password_hash)
    .bind(i64::from(admin))
    .bind(now)
    .fetch_one(tx.sql())
    .await;
    let id = id.map_err(|error| match error.as_database_error() {
        Some(refused) if refused.is_unique_violation() => {
            Error::invalid("There is an account with this email address already. Please sign in instead.")
        }
        _ => error.into(),
    })?;
    tx.notice(Object::Team, Action::Joined, Entity::User, id);
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
    let sql = query_as("SELECT id, password_hash, active FROM users WHERE email = $1");
    Ok(sql.bind(email).fetch_optional(db.read()).await?)
}

/// Everyone who is active, by name.
pub async fn everyone(db: &Db, _team: &Access<access::Team>) -> Result<Vec<Person>, Error> {
    let rows = query("SELECT id, name FROM users WHERE active = 1 ORDER BY name, id").fetch_all(db.read()).await?;
    rows.iter().map(person).collect()
}

/// Everyone with addresses and roles, by name.
pub async fn accounts(db: &Db, _team: &Access<access::Team, access::Write>) -> Result<Vec<Account>, Error> {
    let rows = query("SELECT id, name, email, admin, pusher_user, active FROM users ORDER BY name, id")
        .fetch_all(db.read())
        .await?;
    rows.iter().map(account).collect()
}

/// Gives or takes the role that admits to live updates. Open sockets of this person end with the commit.
///
/// # Errors
/// `NotFound` when there is no such person.
pub async fn set_pusher_user(
    tx: &mut Tx,
    _team: &Access<access::Team, access::Write>,
    user: i64,
    given: bool,
) -> Result<(), Error> {
    let changed = query("UPDATE users SET pusher_user = $1 WHERE id = $2")
        .bind(i64::from(given))
        .bind(user)
        .execute(tx.sql())
        .await?;
    if changed.rows_affected() == 0 {
        return Err(Kind::NotFound.into());
    }
    tx.notice(Object::User(user), Action::RoleChanged, Entity::User, user);
    Ok(())
}

/// Ends a person's time here, or begins it again. With the commit that ends it all their sessions and sockets end.
///
/// # Errors
/// `NotFound` when there is no such person; `Invalid` for one's own account.
pub async fn set_active(
    tx: &mut Tx,
    team: &Access<access::Team, access::Write>,
    user: i64,
    active: bool,
) -> Result<(), Error> {
    if user == team.viewer().id {
        return Err(Error::invalid("You cannot deactivate yourself. Another administrator can."));
    }
    let changed = query("UPDATE users SET active = $1 WHERE id = $2")
        .bind(i64::from(active))
        .bind(user)
        .execute(tx.sql())
        .await?;
    if changed.rows_affected() == 0 {
        return Err(Kind::NotFound.into());
    }
    if !active {
        let ended = query_scalar("DELETE FROM sessions WHERE user_id = $1 RETURNING id").bind(user);
        for session in ended.fetch_all(tx.sql()).await? {
            tx.notice(Object::User(user), Action::SignedOut, Entity::Session, session);
        }
    }
    tx.notice(Object::User(user), Action::RoleChanged, Entity::User, user);
    Ok(())
}

/// Reads `id` and `name`.
pub fn person(row: &AnyRow) -> Result<Person, Error> {
    Ok(Person { id: row.try_get("id")?, name: row.try_get("name")? })
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
