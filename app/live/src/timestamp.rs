//! A point in time, as it is stored and sent. Formatting for the reader's own zone happens in the browser (`ui::zone`).

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Microseconds since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The server's clock. What browsers show was stamped by it.
    pub fn now() -> Self {
        Self((OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000) as i64)
    }

    /// Milliseconds since 1970, the unit of JavaScript's `Date`.
    pub fn millis(self) -> f64 {
        (self.0 / 1_000) as f64
    }

    /// `2026-11-23T19:44:05Z`, for `<time datetime>`.
    pub fn rfc3339(self) -> String {
        let t = self.utc();
        let (date, time) = (t.date(), t.time());
        format!("{date}T{:02}:{:02}:{:02}Z", time.hour(), time.minute(), time.second())
    }

    /// The browser's clock, to tell today from other days.
    pub fn in_browser() -> Self {
        Self((js_sys::Date::now() * 1_000.0) as i64)
    }

    /// `19:44`
    pub fn clock(self) -> String {
        let t = self.utc();
        format!("{:02}:{:02}", t.hour(), t.minute())
    }

    /// `25 November 2026`
    pub fn date(self) -> String {
        let t = self.utc();
        format!("{} {} {}", t.day(), t.month(), t.year())
    }

    fn utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_timestamp_is_written_in_utc() {
        let timestamp = Timestamp(1_764_013_445_123_456);
        assert_eq!(timestamp.rfc3339(), "2025-11-24T19:44:05Z");
        assert_eq!(timestamp.clock(), "19:44");
        assert_eq!(timestamp.date(), "24 November 2025");
    }
}
