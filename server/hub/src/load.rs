//! How much the server has to do. While requests queue up, whoever hears a notice is asked to reload a little later: within as
//! long as the queue takes, each at a moment of its own.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::Hub;
use crate::limits::{ANSWERS_PER_MILLISECOND, LONG_QUEUE};

/// The number of requests under way.
#[derive(Default)]
pub struct Load(AtomicUsize);

/// One of them.
struct UnderWay<'a>(&'a Load);

impl Load {
    fn begin(&self) -> UnderWay<'_> {
        self.0.fetch_add(1, Relaxed);
        UnderWay(self)
    }

    /// Milliseconds over which reloads are to be spread: none, unless the queue is long.
    pub fn jitter(&self) -> u32 {
        let queue = self.0.load(Relaxed);
        if queue < LONG_QUEUE { 0 } else { u32::try_from(queue / ANSWERS_PER_MILLISECOND).unwrap_or(u32::MAX) }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Relaxed);
    }
}

/// Counts a request until it is answered, or given up.
pub async fn count_requests(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    let _under_way = hub.0.load.begin();
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reloads_are_spread_over_as_long_as_the_queue_takes_and_at_once_when_it_is_short() {
        let load = Load::default();
        let mut queue: Vec<UnderWay> = (1..LONG_QUEUE).map(|_| load.begin()).collect();
        assert_eq!(load.jitter(), 0);
        queue.extend((queue.len()..1_000).map(|_| load.begin()));
        assert_eq!(load.jitter(), 100);
        drop(queue);
        assert_eq!(load.jitter(), 0);
    }
}
