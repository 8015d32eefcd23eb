//! How long a page waits for an answer. On a network that has changed meanwhile a request can hang for minutes.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};

use crate::error::{Error, Kind};

/// After this an answer is not expected any more.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// The answer, if it comes before `time` is over.
///
/// # Errors
/// The answer's own; `Unreachable` when it comes too late.
pub async fn within<T>(
    time: impl Future<Output = ()>,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match select(pin!(answer), pin!(time)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(Kind::Unreachable.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures::executor::block_on;

    use super::*;

    #[test]
    fn an_answer_that_does_not_come_in_time_is_none() {
        assert_eq!(block_on(within(pending(), ready(Ok(7)))).ok(), Some(7));
        let late = block_on(within(ready(()), pending::<Result<(), Error>>()));
        assert_eq!(late.map_err(|error| error.kind).err(), Some(Kind::Unreachable));
    }
}
