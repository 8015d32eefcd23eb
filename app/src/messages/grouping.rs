//! What belongs together in a conversation: several messages of one author in a row stand under one name, and each day begins
//! with its date.

use std::collections::HashMap;

use earshot_live::timestamp::Timestamp;

use crate::messages::Message;

/// Microseconds between two messages of one author that belong together.
const TOGETHER: i64 = 5 * 60 * 1_000_000;

/// How a message stands to the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It is the first of its day, as far as the page shows.
    pub begins_day: bool,
    /// The one before it has the same author and was said just before.
    pub goes_on: bool,
}

/// The standing of each message, by id. `day` counts the reader's days.
pub fn standings<'a>(
    messages: impl IntoIterator<Item = &'a Message>,
    day: impl Fn(Timestamp) -> i64,
) -> HashMap<i64, Standing> {
    let mut before: Option<&Message> = None;
    let mut standings = HashMap::new();
    for message in messages {
        let begins_day = before.is_none_or(|before| day(before.posted) != day(message.posted));
        let goes_on = before.is_some_and(|before| {
            !begins_day
                && before.author.id == message.author.id
                && message.posted.0 - before.posted.0 < TOGETHER
                && message.reply_to.is_none()
        });
        standings.insert(message.id, Standing { begins_day, goes_on });
        before = Some(message);
    }
    standings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Quote;
    use crate::people::Person;

    const MINUTE: i64 = 60 * 1_000_000;

    fn message(id: i64, author: i64, minute: i64) -> Message {
        let author = Person { id: author, name: "Ada".into(), picture: None };
        Message { id, author, posted: Timestamp(minute * MINUTE), ..Message::default() }
    }

    #[test]
    fn one_authors_messages_of_five_minutes_and_one_day_belong_together() {
        let mut answer = message(6, 2, 1444);
        answer.reply_to = Some(Quote { id: 1, author: answer.author.clone(), line: None });
        let messages =
            [message(1, 1, 0), message(2, 1, 4), message(3, 1, 10), message(4, 2, 11), message(5, 2, 1442), answer];
        let standings = standings(&messages, |at| at.0 / MINUTE / 1440);
        let of = |of: fn(&Standing) -> bool| (1..=6).filter(|id| of(&standings[id])).collect::<Vec<i64>>();
        assert_eq!(of(|standing| standing.begins_day), [1, 5]);
        assert_eq!(of(|standing| standing.goes_on), [2]);
    }
}
