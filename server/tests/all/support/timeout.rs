//! How a test waits: for something that happens, and never for ever.

use std::time::Duration;

use tokio::time::{sleep, timeout};

/// How long something that has to come may take on a slow machine that does other things besides.
pub const TIMEOUT: Duration = Duration::from_secs(60);
/// Between two looks at something that does not tell by itself.
pub const PAUSE: Duration = Duration::from_millis(5);

/// The outcome, which has to come in time. `what`: what is waited for.
pub async fn in_time<T>(what: &str, coming: impl Future<Output = T>) -> T {
    timeout(TIMEOUT, coming).await.unwrap_or_else(|_| panic!("waits in vain: {what}"))
}

/// Asks until there is an answer.
pub async fn until_some<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let answered = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            sleep(PAUSE).await;
        }
    };
    in_time(what, answered).await
}

/// Asks until it is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    until_some(what, async || is_so().await.then_some(())).await;
}
