//! The one error type: what a person is told. The cause behind `Internal` is logged where it arises and goes no further.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Why something asked for was not done. On the wire `{"kind":"not_found","sentence":"This does not exist, .."}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[error("{sentence}")]
pub struct Error {
    /// What kind of error it is, for programs.
    pub kind: Kind,
    /// Written for the person who asked: what is wrong and what can be done about it.
    pub sentence: String,
}

/// What kind of error it is: programs decide by it, and it has an HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What was sent cannot be accepted.
    Invalid,
    /// Nobody is known to ask, or their session has ended.
    SignedOut,
    /// The person is known and lacks a role. Never used where it would tell that an object exists.
    Forbidden,
    /// Unknown and forbidden objects look the same from outside.
    NotFound,
    /// Asked more often than is answered.
    TooOften,
    /// More bytes than are taken.
    TooLarge,
    /// Not now, but later: the server's queue is full, or its database or disk cannot be used at the moment.
    Busy,
    /// The server's own fault.
    Internal,
    /// The request or its answer did not get through.
    Unreachable,
    /// One that this version does not know: a page outlives a deploy. The sentence says what it is.
    #[serde(other)]
    Other,
}

impl Kind {
    /// The HTTP status of an answer that says this.
    pub fn status(self) -> u16 {
        match self {
            Kind::Invalid => 422,
            Kind::SignedOut => 401,
            Kind::Forbidden => 403,
            Kind::NotFound => 404,
            Kind::TooOften => 429,
            Kind::TooLarge => 413,
            Kind::Busy | Kind::Unreachable => 503,
            Kind::Internal | Kind::Other => 500,
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Kind::Invalid => "This was not filled in as expected. Please check it and send it again.",
            Kind::SignedOut => "Please sign in first.",
            Kind::Forbidden => "Your role does not allow this. An administrator can change that.",
            Kind::NotFound => "This does not exist, or it is not yours to see.",
            Kind::TooOften => "That was too often. Please wait a minute and try again.",
            Kind::TooLarge => "This is too large.",
            Kind::Busy => "The server is busy. Please try again in a moment.",
            Kind::Internal | Kind::Other => "Something went wrong on our side. Please try again.",
            Kind::Unreachable => "The server cannot be reached. Please try again.",
        }
    }
}

impl Error {
    /// What was sent cannot be accepted, and `sentence` says what to change.
    pub fn invalid(sentence: impl Into<String>) -> Self {
        Self { kind: Kind::Invalid, sentence: sentence.into() }
    }

    /// What was sent is larger than is taken, and `sentence` says how much that is.
    pub fn too_large(sentence: impl Into<String>) -> Self {
        Self { kind: Kind::TooLarge, sentence: sentence.into() }
    }

    /// Whether the same request may be answered when it is made again later.
    pub fn may_pass(&self) -> bool {
        matches!(self.kind, Kind::Unreachable | Kind::Busy | Kind::Internal | Kind::TooOften)
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self { kind, sentence: kind.sentence().to_owned() }
    }
}

impl FromServerFnError for Error {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let kind = match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Kind::Invalid,
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) | ServerFnErrorErr::Deserialization(_) => {
                Kind::Unreachable
            }
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Serialization(_) => Kind::Internal,
        };
        kind.into()
    }
}

#[cfg(feature = "ssr")]
impl axum::response::IntoResponse for Error {
    fn into_response(self) -> axum::response::Response {
        use axum::http::StatusCode;
        let status = StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, axum::Json(self)).into_response()
    }
}

#[cfg(feature = "ssr")]
impl From<sqlx::Error> for Error {
    /// A row that is not there is `NotFound`, what may work later is `Busy`, everything else `Internal`. All but a row and an
    /// exhausted pool goes to the log.
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|refused| refused.code());
        let said = |codes: &[&str]| code.as_deref().is_some_and(|code| codes.contains(&code));
        let (kind, sentence) = match &error {
            sqlx::Error::RowNotFound => return Kind::NotFound.into(),
            sqlx::Error::PoolTimedOut => return Kind::Busy.into(),
            sqlx::Error::Io(_) => (Kind::Busy, Some(OUT_OF_REACH)),
            _ if said(&NOT_NOW) => (Kind::Busy, Some(OUT_OF_REACH)),
            _ if said(&IN_EACH_OTHERS_WAY) => (Kind::Busy, None),
            _ if said(&DISK_FULL) => (Kind::Busy, Some(NO_SPACE)),
            _ => (Kind::Internal, None),
        };
        tracing::error!(%error, "the database refused");
        sentence.map_or_else(|| kind.into(), |sentence| Self { kind, sentence: sentence.to_owned() })
    }
}

#[cfg(feature = "ssr")]
const OUT_OF_REACH: &str = "The database cannot be reached at the moment. Please try again.";
#[cfg(feature = "ssr")]
const NO_SPACE: &str = "Nothing can be stored at the moment: the server's disk is full. Please tell an administrator.";

/// What SQLite and PostgreSQL say when they cannot write: SQLITE_FULL, SQLITE_IOERR_WRITE, _FSYNC, _SHMSIZE, disk_full.
#[cfg(feature = "ssr")]
const DISK_FULL: [&str; 5] = ["13", "778", "1034", "4874", "53100"];
/// What PostgreSQL says when it is ended, ends, begins, or has no connection left.
#[cfg(feature = "ssr")]
const NOT_NOW: [&str; 4] = ["57P01", "57P02", "57P03", "53300"];
/// What they say when two transactions wait for each other, or for too long.
#[cfg(feature = "ssr")]
const IN_EACH_OTHERS_WAY: [&str; 3] = ["5", "40P01", "55P03"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_later_version_refuses_is_told_and_not_asked_for_again() {
        let error = r#"{"kind":"teapot","sentence":"There is no coffee here."}"#;
        let error: Error = serde_json::from_str(error).unwrap();
        assert_eq!((error.kind, error.may_pass()), (Kind::Other, false));
        assert_eq!(error.sentence, "There is no coffee here.");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn a_lost_connection_is_no_fault_that_stays() {
        let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert_eq!(Error::from(sqlx::Error::Io(lost)).kind, Kind::Busy);
    }
}
