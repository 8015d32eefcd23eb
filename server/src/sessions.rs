//! Sessions of tower-sessions, kept in our database. What ends one announces it, so that its sockets close.

use std::collections::HashMap;

use app::context::{ADDRESS, AGENT, USER_ID};
use app::error::Kind;
use app::moment::Moment;
use app::object::{Action, Entity, Object};
use app::store::{APPLICATION, Db, Tx, Viewer, session_key};
use async_trait::async_trait;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{Row, query};
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

/// How long a session lasts after signing in.
const LIFETIME: Duration = Duration::days(30);
const COOKIE: &str = "earshot";

/// The layer that finds a request's session. `secure`: send the cookie over https only.
pub fn layer(db: Db, secure: bool) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions { db })
        .with_name(COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(secure)
        .with_expiry(Expiry::OnInactivity(LIFETIME))
}

#[derive(Clone)]
pub struct Sessions {
    db: Db,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

impl Sessions {
    /// Ends every session that has expired.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_expired(db: &Db) -> std::result::Result<(), sqlx::Error> {
        let mut tx = db.begin(APPLICATION).await?;
        let ended = query("DELETE FROM sessions WHERE expires <= $1 RETURNING id, user_id");
        let ended = ended.bind(Moment::now().0).fetch_all(tx.sql()).await?;
        announce(&mut tx, &ended)?;
        tx.commit().await
    }
}

/// Who is signed in by `session`.
///
/// # Errors
/// `SignedOut` when nobody is.
pub async fn viewer(db: &Db, session: &Session) -> std::result::Result<Viewer, app::error::Error> {
    let id = session.id().ok_or(Kind::SignedOut)?;
    Viewer::of_key(db, &session_key(&id.to_string())).await
}

/// Whoever listens in one of these sessions is to fall silent.
fn announce(tx: &mut Tx, ended: &[AnyRow]) -> std::result::Result<(), sqlx::Error> {
    for row in ended {
        if let Some(user) = row.try_get::<Option<i64>, _>("user_id")? {
            tx.notice(Object::User(user), Action::SignedOut, Entity::Session, row.try_get("id")?);
        }
    }
    Ok(())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // 128 random bits: another session with the same id is not to be expected, and the unique key would refuse it.
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let text = |name: &str| record.data.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut tx = self.db.begin(APPLICATION).await.map_err(backend)?;
        let now = tx.now().0;
        query(
            "INSERT INTO sessions (key, user_id, data, expires, agent, address, used)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (key) DO UPDATE SET user_id = excluded.user_id, data = excluded.data, expires = excluded.expires",
        )
        .bind(key(&record.id))
        .bind(record.data.get(USER_ID).and_then(Value::as_i64))
        .bind(data)
        .bind(micros(record.expiry_date))
        .bind(text(AGENT))
        .bind(text(ADDRESS))
        .bind(now)
        .execute(tx.sql())
        .await
        .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row = query("SELECT data, expires FROM sessions WHERE key = $1 AND expires > $2")
            .bind(key(id))
            .bind(Moment::now().0)
            .fetch_optional(self.db.read())
            .await
            .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let data: String = row.try_get("data").map_err(backend)?;
        let data: HashMap<String, Value> =
            serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?;
        let expires: i64 = row.try_get("expires").map_err(backend)?;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(expires) * 1_000).map_err(backend)?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let mut tx = self.db.begin(APPLICATION).await.map_err(backend)?;
        let ended = query("DELETE FROM sessions WHERE key = $1 RETURNING id, user_id");
        let ended = ended.bind(key(id)).fetch_all(tx.sql()).await.map_err(backend)?;
        announce(&mut tx, &ended).map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

fn key(id: &Id) -> String {
    session_key(&id.to_string())
}

fn micros(at: OffsetDateTime) -> i64 {
    (at.unix_timestamp_nanos() / 1_000) as i64
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}
