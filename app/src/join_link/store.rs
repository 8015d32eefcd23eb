//! The SQL of the join link.

use earshot_live::error::{Error, Kind};
use earshot_live::store::{Db, Sql, Tx};
use sqlx::{query, query_scalar};

use crate::access::{self, Access, Held};

/// The token in force. The first who asks makes it.
///
/// # Errors
/// When the database refuses.
pub async fn token(db: &Db, team: &Access<access::Team, access::Write>) -> Result<String, Error> {
    let known: Option<String> = query_scalar("SELECT token FROM join_links").fetch_optional(db.read()).await?;
    match known {
        Some(token) => Ok(token),
        None => {
            let mut tx = db.begin(&team.viewer().name).await?;
            let held = Held::team_write(&mut tx, team.viewer()).await?;
            let token = make(&mut tx, &held).await?;
            tx.commit().await?;
            Ok(token)
        }
    }
}

/// Another link from now on: the one before admits nobody.
///
/// # Errors
/// When the database refuses.
pub async fn renew(tx: &mut Tx, team: &Held<access::Team, access::Write>) -> Result<(), Error> {
    query("DELETE FROM join_links").execute(tx.sql()).await?;
    make(tx, team).await.map(drop)
}

/// Whether `token` is the one in force.
pub async fn admits(sql: impl Sql<'_>, token: &str) -> Result<bool, Error> {
    let found: Option<i64> =
        query_scalar("SELECT 1 FROM join_links WHERE token = $1").bind(token).fetch_optional(sql).await?;
    Ok(found.is_some())
}

/// # Errors
/// `Forbidden` when `token` is not the one in force: a wrong one, an old one and none look the same.
pub async fn check(sql: impl Sql<'_>, token: &str) -> Result<(), Error> {
    let sentence = "Ask for the join link: one needs it to sign up here, and this is not the one in force.";
    if admits(sql, token).await? { Ok(()) } else { Err(Error { kind: Kind::Forbidden, sentence: sentence.to_owned() }) }
}

/// Of two who make it at the same time one does.
async fn make(tx: &mut Tx, _: &Held<access::Team, access::Write>) -> Result<String, Error> {
    let token = format!("{:032x}", rand::random::<u128>());
    let sql = "INSERT INTO join_links (id, token) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET id = 1 RETURNING token";
    Ok(query_scalar(sql).bind(token).fetch_one(tx.sql()).await?)
}
