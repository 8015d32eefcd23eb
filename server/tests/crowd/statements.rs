//! Counts what the database is asked.

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;

static COUNT: AtomicUsize = AtomicUsize::new(0);

struct Counter;

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        COUNT.fetch_add(1, SeqCst);
    }
}

/// Counts from now on: sqlx logs each statement when it has run.
pub fn count() {
    static BEGUN: Once = Once::new();
    let statements = Targets::new().with_target("sqlx::query", LevelFilter::TRACE);
    BEGUN.call_once(|| tracing_subscriber::registry().with(Counter.with_filter(statements)).init());
}

pub fn so_far() -> usize {
    COUNT.load(SeqCst)
}
