//! Sessions of tower-sessions, kept in our database.

use std::collections::HashMap;

use app::access::{Viewer, session_key};
use app::context::{ADDRESS, AGENT, PROOF, USER_ID, is_asked_as};
use app::sessions::store::{self, Kept};
use async_trait::async_trait;
use axum::http::{HeaderMap, Uri};
use earshot_live::error::Kind;
use earshot_live::store::Db;
use earshot_live::timestamp::Timestamp;
use serde_json::Value;
use sqlx::{Row, query};
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

/// How long a session lasts after its last use.
const LIFETIME: Duration = Duration::days(30);
const COOKIE: &str = "earshot";

/// The layer that finds a request's session. `url`: by which browsers know this server.
pub fn layer(db: Db, url: &Uri, https: bool) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions { db })
        .with_name(cookie_name(url))
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(https)
        .with_expiry(Expiry::OnInactivity(LIFETIME))
}

/// Browsers send the cookies of a host to each of its ports: two servers on one host take no other's for their own.
fn cookie_name(url: &Uri) -> String {
    url.port_u16().map_or_else(|| COOKIE.to_owned(), |port| format!("{COOKIE}-{port}"))
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
    /// The record as it is stored.
    fn kept(record: &Record) -> Result<Kept<'_>> {
        let text = |name: &str| record.data.get(name).and_then(Value::as_str).unwrap_or_default();
        Ok(Kept {
            key: key(&record.id),
            user: record.data.get(USER_ID).and_then(Value::as_i64),
            proof: text(PROOF),
            agent: text(AGENT),
            address: text(ADDRESS),
            data: serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?,
            expires: Timestamp((record.expiry_date.unix_timestamp_nanos() / 1_000) as i64),
        })
    }
}

/// Who is signed in by `session`.
///
/// # Errors
/// `SignedOut` when nobody is.
pub async fn viewer(
    db: &Db,
    session: &Session,
    request: &HeaderMap,
) -> std::result::Result<Viewer, earshot_live::error::Error> {
    let id = session.id().ok_or(Kind::SignedOut)?;
    let viewer = Viewer::of_key(db, &session_key(&id.to_string())).await?;
    is_asked_as(&viewer, request).map(|()| viewer)
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // 128 random bits: another session with the same id is not to be expected, and the unique key would refuse it.
        store::begin(&self.db, &Self::kept(record)?).await.map_err(backend)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let prolonged = store::prolong(&self.db, &Self::kept(record)?).await;
        // Not worth refusing what was asked for.
        prolonged.unwrap_or_else(|error| tracing::warn!(%error, "the use of a session was not noted"));
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row = query("SELECT data, expires FROM sessions WHERE key = $1 AND expires > $2")
            .bind(key(id))
            .bind(Timestamp::now().0)
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
        store::end_by_key(&self.db, &key(id)).await.map_err(backend)
    }
}

fn key(id: &Id) -> String {
    session_key(&id.to_string())
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_on_two_ports_of_one_host_have_two_cookies() {
        let name = |url| cookie_name(&Uri::from_static(url));
        assert_ne!(name("http://127.0.0.1:3000"), name("http://127.0.0.1:3001"));
        assert_eq!(name("https://chat.example.org"), COOKIE);
    }
}
