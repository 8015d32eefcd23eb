//! A great many messages at once, for a database that nobody uses yet.

use earshot_live::error::Error;
use earshot_live::store::Tx;
use earshot_live::timestamp::Timestamp;
use sqlx::{AssertSqlSafe, query};

use crate::access::{self, Access};

/// Messages in one statement. SQLite takes 32,766 parameters.
pub const AT_ONCE: usize = 1_000;

/// Something that was said.
pub struct Said<'a> {
    pub access: &'a Access<access::Room>,
    pub client_id: String,
    pub body: String,
    pub posted: Timestamp,
}

/// Writes them in their order, and leaves no notices: pages that come later are rendered with all of it, and begin to listen at
/// the seq at which their object is then. So a million messages cost a million rows, and not three.
///
/// # Errors
/// When the database refuses.
pub async fn post_all(tx: &mut Tx, said: &[Said<'_>]) -> Result<(), Error> {
    for said in said.chunks(AT_ONCE) {
        let row = |n: usize| format!("(${}, ${}, ${}, ${}, ${})", n + 1, n + 2, n + 3, n + 4, n + 5);
        let rows: Vec<String> = (0..said.len()).map(|number| row(5 * number)).collect();
        let sql = "INSERT INTO messages (room_id, author_id, client_id, body, posted) VALUES ".to_owned();
        let mut insert = query(AssertSqlSafe(sql + &rows.join(", ")));
        for Said { access, client_id, body, posted } in said {
            let insert_one = insert.bind(access.id()).bind(access.viewer().id).bind(client_id.as_str());
            insert = insert_one.bind(body.as_str()).bind(posted.0);
        }
        insert.execute(tx.sql()).await?;
    }
    Ok(())
}
