//! Gathers for a moment what has become stale, and reads it anew in one request.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::error::Error;
use crate::listen::MAX_RELOAD;

/// Milliseconds for which is gathered.
pub const GATHER: u32 = 30;
/// Milliseconds before a request that did not get through is made again.
const AGAIN: u32 = 2_000;

/// What is to be read anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    /// Everything that is shown.
    All,
    /// The object with this id.
    One(i64),
}

impl Stale {
    /// The ids in `stale`, or nothing when everything is.
    pub fn ids(stale: &[Stale]) -> Option<Vec<i64>> {
        stale.iter().map(|stale| if let Stale::One(id) = stale { Some(*id) } else { None }).collect()
    }
}

/// Returns what is to be called with each thing that has become stale. `reload` gets them together, never twice at the same
/// time: what comes while it runs makes it run exactly once more. It is tried again as long as the server cannot answer.
pub fn reloader<T, F, Done>(reload: F) -> impl Fn(T) + Clone + Send + Sync + 'static
where
    T: Copy + Ord + Send + 'static,
    F: Fn(Vec<T>) -> Done + Send + Sync + 'static,
    Done: Future<Output = Result<(), Error>> + 'static,
{
    let (changed, stale) = unbounded();
    let task = Arc::new(Mutex::new(Some((stale, reload))));
    // An effect, because only a browser has anything to reload.
    Effect::new(move |_| {
        let taken = task.lock().ok().and_then(|mut task| task.take());
        if let Some((stale, reload)) = taken {
            spawn_local(run(stale, reload, TimeoutFuture::new));
        }
    });
    move |stale| {
        // The page that would have reloaded it is gone: nothing to do.
        let _ = changed.unbounded_send(stale);
    }
}

/// What [`reloader`] runs, until nobody can say any more that something is stale. `sleep` takes milliseconds.
pub async fn run<T, F, Done, Slept>(mut stale: UnboundedReceiver<T>, reload: F, sleep: impl Fn(u32) -> Slept)
where
    T: Copy + Ord,
    F: Fn(Vec<T>) -> Done,
    Done: Future<Output = Result<(), Error>>,
    Slept: Future<Output = ()>,
{
    while let Some(first) = stale.next().await {
        sleep(GATHER).await;
        let mut gathered = BTreeSet::from([first]);
        while let Ok(more) = stale.try_recv() {
            gathered.insert(more);
        }
        let gathered: Vec<T> = gathered.into_iter().collect();
        for some in gathered.chunks(MAX_RELOAD) {
            while reload(some.to_vec()).await.is_err_and(|error| error.may_pass()) {
                sleep(AGAIN).await;
            }
        }
    }
}
