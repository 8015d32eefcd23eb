//! Gathers ids for a moment and reads them anew in one request.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::error::{Error, Kind};
use crate::listen::MAX_RELOAD;

/// Milliseconds for which ids are gathered.
const GATHER: u32 = 30;
/// Milliseconds before a request that did not get through is tried again.
const AGAIN: u32 = 2_000;

/// Returns what is to be called with each id that has changed. `reload` gets them together, never twice at the same time:
/// an id that comes while it runs makes it run exactly once more. It is tried again as long as the server cannot answer.
pub fn reloader<F, Done>(reload: F) -> impl Fn(i64) + Clone + Send + Sync + 'static
where
    F: Fn(Vec<i64>) -> Done + Send + Sync + 'static,
    Done: Future<Output = Result<(), Error>> + 'static,
{
    let (changed, ids) = unbounded();
    let task = Arc::new(Mutex::new(Some((ids, reload))));
    // An effect, because only a browser has anything to reload.
    Effect::new(move |_| {
        let taken = task.lock().ok().and_then(|mut task| task.take());
        if let Some((ids, reload)) = taken {
            spawn_local(run(ids, reload));
        }
    });
    move |id| {
        // The page that would have reloaded it is gone: nothing to do.
        let _ = changed.unbounded_send(id);
    }
}

async fn run<F, Done>(mut ids: UnboundedReceiver<i64>, reload: F)
where
    F: Fn(Vec<i64>) -> Done,
    Done: Future<Output = Result<(), Error>>,
{
    while let Some(first) = ids.next().await {
        TimeoutFuture::new(GATHER).await;
        let mut gathered = BTreeSet::from([first]);
        while let Ok(id) = ids.try_recv() {
            gathered.insert(id);
        }
        let gathered: Vec<i64> = gathered.into_iter().collect();
        for some in gathered.chunks(MAX_RELOAD) {
            while let Err(Error { kind: Kind::Unreachable | Kind::Busy | Kind::Internal, .. }) =
                reload(some.to_vec()).await
            {
                TimeoutFuture::new(AGAIN).await;
            }
        }
    }
}
