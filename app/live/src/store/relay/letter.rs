//! What one server says to the others at once, in pieces that NOTIFY takes.

use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, query};

/// Bytes of a piece. PostgreSQL takes less than 8,000, and before the piece stands its number.
const MAX_PIECE: usize = 7_900;

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The server's name.
    pub from: String,
    /// Whether something was committed there.
    pub committed: bool,
    pub words: Vec<String>,
}

impl Letter {
    pub async fn send(&self, sql: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let pieces = serde_json::json!(self.pieces()).to_string();
        query("SELECT pg_notify($1, piece) FROM json_array_elements_text($2::json) AS pieces (piece)")
            .bind(super::CHANNEL)
            .bind(pieces)
            .execute(sql)
            .await
            .map(drop)
    }

    /// The pieces, in order: its number (of equal ones PostgreSQL would bring one), `+` before more or `.` for the last.
    fn pieces(&self) -> Vec<String> {
        let text = serde_json::json!(self).to_string();
        let mut rest = text.as_str();
        let mut pieces = Vec::new();
        while pieces.is_empty() || !rest.is_empty() {
            let (piece, later) = rest.split_at(rest.floor_char_boundary(MAX_PIECE));
            let mark = if later.is_empty() { '.' } else { '+' };
            pieces.push(format!("{}{mark}{piece}", pieces.len()));
            rest = later;
        }
        pieces
    }
}

/// The letter of which only some pieces have come. Those of one come together: a NOTIFY is sent by a transaction as a whole.
#[derive(Default)]
pub struct Letters(String);

impl Letters {
    /// The letter of which this was the last piece. What is not a piece of ours is nobody's.
    pub fn complete(&mut self, piece: &str) -> Option<Letter> {
        let (_number, piece) = piece.split_at(piece.find(['+', '.'])?);
        self.0.push_str(&piece[1..]);
        piece.starts_with('.').then(|| std::mem::take(&mut self.0)).and_then(|text| serde_json::from_str(&text).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_of_any_length_arrives_as_it_was_sent() {
        let mut letters = Letters::default();
        for words in [vec![], vec!["a word".into()], vec!["\"grüße\"\n".repeat(5_000), String::new()]] {
            let sent = Letter { from: "one".into(), committed: true, words };
            let pieces = sent.pieces();
            assert!(pieces.iter().all(|piece| piece.len() < 8_000));
            let arrived: Vec<Letter> = pieces.iter().filter_map(|piece| letters.complete(piece)).collect();
            assert_eq!(arrived, [sent]);
            assert_eq!((letters.complete("something else"), letters.complete("0.not ours")), (None, None));
        }
    }
}
