//! Reads anew what has become stale: the first at once, and what comes meanwhile together in the next request.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt;
use futures::channel::mpsc::{TryRecvError, UnboundedReceiver, unbounded};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::error::{Error, Kind};
use crate::listen::MAX_RELOAD;
use crate::object::Notice;
use crate::timeout::{TIMEOUT, within};

/// After this a request that did not get through is made again.
const AGAIN: Duration = Duration::from_secs(2);

/// What is to be read anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    /// Everything that is shown.
    All,
    /// The object with this id.
    One(i64),
}

impl From<&Notice> for Stale {
    /// What the notice is about.
    fn from(notice: &Notice) -> Self {
        Stale::One(notice.reference.id)
    }
}

impl Stale {
    /// The ids in `stale`, or nothing when everything is.
    pub fn ids(stale: &[Stale]) -> Option<Vec<i64>> {
        stale.iter().map(|stale| if let Stale::One(id) = stale { Some(*id) } else { None }).collect()
    }
}

/// Returns what is to be called with each thing that has become stale. `reload` runs at once, and never twice at the same time:
/// what comes while it runs makes it run exactly once more, for all of it. What fails is tried again as long as the page is there.
pub fn reloader<T, F, Done>(reload: F) -> impl Fn(T) + Copy + Send + Sync + 'static
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
            spawn_local(run(stale, reload, gloo_timers::future::sleep));
        }
    });
    let changed = StoredValue::new(changed);
    move |stale| {
        // The page that would have reloaded it is gone: nothing to do.
        let _ = changed.try_with_value(|changed| changed.unbounded_send(stale));
    }
}

/// What [`reloader`] runs, until nobody can say any more that something is stale.
pub async fn run<T, F, Done, Slept>(mut incoming: UnboundedReceiver<T>, reload: F, sleep: impl Fn(Duration) -> Slept)
where
    T: Copy + Ord,
    F: Fn(Vec<T>) -> Done,
    Done: Future<Output = Result<(), Error>>,
    Slept: Future<Output = ()>,
{
    let mut stale = BTreeSet::new();
    loop {
        if stale.is_empty() {
            match incoming.next().await {
                Some(first) => stale.insert(first),
                None => return,
            };
        }
        loop {
            match incoming.try_recv() {
                Ok(more) => stale.insert(more),
                Err(TryRecvError::Empty) => break,
                // The page was left.
                Err(TryRecvError::Closed) => return,
            };
        }
        let some: Vec<T> = stale.iter().copied().take(MAX_RELOAD).collect();
        let done = within(sleep(TIMEOUT), reload(some.clone())).await;
        if done.is_err_and(|error| is_to_be_tried_again(&error)) {
            sleep(AGAIN).await;
        } else {
            stale.retain(|one| !some.contains(one));
        }
    }
}

/// A right that is missing may be given back, unless the page is left for the want of it.
fn is_to_be_tried_again(error: &Error) -> bool {
    error.may_pass() || error.kind == Kind::NotFound
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use std::future::pending;

    use futures::channel::mpsc::UnboundedSender;
    use futures::channel::oneshot;
    use tokio::task::JoinHandle;

    use super::*;

    type Answer = Result<(), Error>;

    type Request = (Vec<u32>, oneshot::Sender<Answer>);

    /// A reloader whose every request is shown to the test, which answers it.
    fn reloads() -> (UnboundedSender<u32>, UnboundedReceiver<Request>, JoinHandle<()>) {
        let (stale, incoming) = unbounded();
        let (asked, requests) = unbounded();
        let reload = move |stale: Vec<u32>| {
            let (answer, answered) = oneshot::channel();
            asked.unbounded_send((stale, answer)).unwrap();
            async { answered.await.unwrap() }
        };
        let sleep = |time| async move {
            if time >= TIMEOUT {
                pending().await
            }
        };
        let running = tokio::spawn(run(incoming, reload, sleep));
        (stale, requests, running)
    }

    /// Lets the reloader go on until it waits for something: it has one thread with the test.
    async fn rest() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_comes_during_a_reload_makes_exactly_one_more() {
        let (stale, mut requests, running) = reloads();
        stale.unbounded_send(1).unwrap();
        let (asked, answer) = requests.next().await.unwrap();
        assert_eq!(asked, [1]);
        for id in [1, 2, 1] {
            stale.unbounded_send(id).unwrap();
        }
        rest().await;
        assert!(requests.try_recv().is_err(), "two at the same time");
        answer.send(Ok(())).unwrap();
        let (asked, answer) = requests.next().await.unwrap();
        assert_eq!(asked, [1, 2]);
        drop(stale);
        answer.send(Ok(())).unwrap();
        running.await.unwrap();
        assert!(requests.next().await.is_none(), "one too many");
    }

    #[tokio::test]
    async fn what_may_succeed_later_is_asked_for_again_and_what_was_wrong_is_not() {
        for (kind, again) in [(Kind::Unreachable, true), (Kind::NotFound, true), (Kind::Invalid, false)] {
            let (stale, mut requests, _running) = reloads();
            stale.unbounded_send(1).unwrap();
            let (_, answer) = requests.next().await.unwrap();
            answer.send(Err(kind.into())).unwrap();
            stale.unbounded_send(2).unwrap();
            let (asked, _) = requests.next().await.unwrap();
            assert_eq!(asked.contains(&1), again, "{kind:?}");
        }
    }
}
