//! The SQL of reactions.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use earshot_live::error::{Error, Kind};
use earshot_live::store::{Db, Tx};
use sqlx::{Row, query, query_scalar};

use crate::access::{self, Held};
use crate::entities::{MESSAGE, REACTED};
use crate::people::store::person;
use crate::reactions::{MAX_DIFFERENT, Reaction};

/// The emoji that `typed` is, in the one form in which it is kept.
///
/// # Errors
/// `Invalid` when it is none, or more than one.
pub fn check_emoji(typed: &str) -> Result<&'static str, Error> {
    let emoji = emojis::get(typed.trim()).ok_or_else(|| Error::invalid("Please choose one emoji."))?;
    Ok(emoji.as_str())
}

/// Puts the viewer's emoji under the message, or takes it away again. Whoever counts the different ones is alone in the room.
///
/// # Errors
/// `Invalid` when it is no emoji or the message has too many different ones; `NotFound` when the message has gone.
pub async fn toggle(tx: &mut Tx, access: &Held<access::Message>, typed: &str) -> Result<(), Error> {
    let (emoji, message, user, now) = (check_emoji(typed)?, access.id(), access.viewer().id, tx.now().0);
    let there: Option<i64> = query_scalar("SELECT 1 FROM messages WHERE id = $1 AND deleted IS NULL")
        .bind(message)
        .fetch_optional(tx.sql())
        .await?;
    there.ok_or(Kind::NotFound)?;
    let taken = query("DELETE FROM reactions WHERE message_id = $1 AND user_id = $2 AND emoji = $3")
        .bind(message)
        .bind(user)
        .bind(emoji)
        .execute(tx.sql())
        .await?;
    if taken.rows_affected() == 0 {
        room_for(tx, message, emoji).await?;
        query("INSERT INTO reactions (message_id, emoji, user_id, added) VALUES ($1, $2, $3, $4)")
            .bind(message)
            .bind(emoji)
            .bind(user)
            .bind(now)
            .execute(tx.sql())
            .await?;
    }
    tx.notice(access.object(), REACTED, MESSAGE.object(message));
    Ok(())
}

/// What stands under the messages of a room with these ids, by message.
pub async fn under(db: &Db, room: i64, ids: RangeInclusive<i64>) -> Result<HashMap<i64, Vec<Reaction>>, Error> {
    let rows = query(
        "SELECT r.message_id, r.emoji, u.id, u.name, u.picture FROM reactions r JOIN users u ON u.id = r.user_id
         WHERE r.message_id IN (SELECT m.id FROM messages m WHERE m.room_id = $1 AND m.id >= $2 AND m.id <= $3)
         ORDER BY r.message_id, r.added, r.user_id, r.emoji",
    )
    .bind(room)
    .bind(*ids.start())
    .bind(*ids.end())
    .fetch_all(db.read())
    .await?;
    let mut under: HashMap<i64, Vec<Reaction>> = HashMap::new();
    for row in &rows {
        let (emoji, person) = (row.try_get("emoji")?, person(row)?);
        let reactions = under.entry(row.try_get("message_id")?).or_default();
        match reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) => reaction.people.push(person),
            None => reactions.push(Reaction { emoji, people: vec![person] }),
        }
    }
    Ok(under)
}

/// Takes everything away from under a message.
pub async fn clear(tx: &mut Tx, access: &Held<access::Message, access::Write>) -> Result<(), Error> {
    query("DELETE FROM reactions WHERE message_id = $1").bind(access.id()).execute(tx.sql()).await?;
    Ok(())
}

async fn room_for(tx: &mut Tx, message: i64, emoji: &str) -> Result<(), Error> {
    let others: i64 = query_scalar("SELECT COUNT(DISTINCT emoji) FROM reactions WHERE message_id = $1 AND emoji <> $2")
        .bind(message)
        .bind(emoji)
        .fetch_one(tx.sql())
        .await?;
    if others < MAX_DIFFERENT as i64 {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "There are {MAX_DIFFERENT} different emoji under this message already. Please join one."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reactions::QUICK;

    #[test]
    fn only_one_emoji_is_one_and_it_has_one_form() {
        for emoji in QUICK {
            assert_eq!(check_emoji(emoji), Ok(emoji));
        }
        assert_eq!(check_emoji("❤"), Ok("❤️"));
        assert_eq!(check_emoji(" 👍🏽 "), Ok("👍🏽"));
        for no in ["", "a", "👍👍", "👍a", "<b>", ":smile:", "1", "\u{200d}", "👍\0", "❤️\u{fe0f}"] {
            assert!(check_emoji(no).is_err(), "{no:?}");
        }
    }
}
