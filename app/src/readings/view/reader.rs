//! The one who reads at a room's page: what they see is marked as read, and where the new began for them is kept.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use earshot_live::listen::reloader;
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::inbox::view::{Attention, Inbox};
use crate::readings::{Reading, api};
use crate::ui::visible;

/// How long one looks at a message before it counts as read.
const GLANCE: Duration = Duration::from_millis(400);
/// After this the next request may say that more was read.
const PAUSE: Duration = Duration::from_millis(1_500);

#[derive(Clone, Copy)]
pub struct Reader {
    /// What comes after this message is new to who looks at the page.
    pub since: RwSignal<i64>,
    /// Somebody wants to come back to what is unread: until then nothing is marked.
    paused: RwSignal<bool>,
}

/// How somebody looks at a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    visible: bool,
    /// The newest messages are in sight, or would be.
    following: bool,
    newest: i64,
}

impl Look {
    fn sees_the_newest(self) -> bool {
        self.visible && self.following
    }
}

impl Reader {
    /// The reader of `room`, for as long as this is mounted. `newest`: the newest message of the room, if the page shows it;
    /// `following`: whether it is in sight.
    pub fn of(room: i64, reading: Reading, newest: Memo<Option<i64>>, following: Signal<bool>) -> Self {
        let reader = Self { since: RwSignal::new(reading.upto), paused: RwSignal::new(false) };
        let (attention, inbox, visible) = (expect_context::<Attention>(), expect_context::<Inbox>(), visible());
        let look = Memo::new(move |_| {
            let (shown, newest) = (newest.get(), newest.get().unwrap_or_default());
            Look { visible: visible.get(), following: following.get() && shown.is_some(), newest }
        });
        Effect::new(move |before: Option<Look>| {
            let (now, since) = (look.get(), reader.since.get_untracked());
            let moved = moved(since, before.unwrap_or(now), now);
            if moved != since {
                reader.since.set(moved);
            }
            now
        });
        // The newest message that was seen and is not marked yet, 0 for none. It outlives the page.
        let unmarked = Arc::new(AtomicI64::new(0));
        let (seen, left) = (unmarked.clone(), unmarked.clone());
        let mark = reloader(move |_: Vec<()>| {
            let unmarked = unmarked.clone();
            async move {
                sleep(GLANCE).await;
                let newest = unmarked.load(Relaxed);
                if newest > 0 {
                    api::mark(room, newest).await?;
                    // More may have been seen meanwhile.
                    let _ = unmarked.compare_exchange(newest, 0, Relaxed, Relaxed);
                    sleep(PAUSE).await;
                }
                Ok(())
            }
        });
        let waits = Memo::new(move |_| inbox.waits_in(room));
        Effect::new(move |upto: Option<i64>| {
            let (look, upto) = (look.get(), upto.unwrap_or(reading.upto));
            let paused = reader.paused.get();
            if paused {
                seen.store(0, Relaxed);
            }
            let reads = look.sees_the_newest() && !paused;
            attention.turn(room, reads);
            if reads && (look.newest > upto || waits.get()) {
                seen.store(look.newest, Relaxed);
                mark(());
                return look.newest;
            }
            upto
        });
        on_cleanup(move || {
            attention.turn(room, false);
            let newest = left.swap(0, Relaxed);
            // Who leaves the page has read it all the same.
            if newest > 0 {
                spawn_local(async move { drop(api::mark(room, newest).await) });
            }
        });
        provide_context(reader);
        reader
    }

    /// From message `first` on all is new again, until the page is left.
    pub fn put_back(&self, first: i64) {
        self.paused.set(true);
        self.since.set(first - 1);
    }
}

/// Where the new begins for somebody for whom it began after `since`, and who looked like `before` and looks like `now`.
fn moved(since: i64, before: Look, now: Look) -> i64 {
    if !before.sees_the_newest() {
        return since;
    }
    if !now.visible {
        // Who turns away has seen what is there.
        before.newest
    } else if now.following && since >= before.newest {
        // What comes while one looks on is not new.
        now.newest
    } else {
        since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(visible: bool, following: bool, newest: i64) -> Look {
        Look { visible, following, newest }
    }

    /// Where the new begins after these looks, one after the other.
    fn after(since: i64, looks: &[Look]) -> i64 {
        looks.windows(2).fold(since, |since, pair| moved(since, pair[0], pair[1]))
    }

    #[test]
    fn what_was_unread_stays_new_as_long_as_one_looks() {
        assert_eq!(after(10, &[look(true, true, 20), look(true, true, 21), look(true, false, 21)]), 10);
    }

    #[test]
    fn what_comes_while_one_looks_is_not_new() {
        assert_eq!(after(20, &[look(true, true, 20), look(true, true, 21), look(true, true, 22)]), 22);
    }

    #[test]
    fn what_comes_while_one_looks_away_is_new_when_one_comes_back() {
        let away = [look(true, true, 20), look(false, true, 20), look(false, true, 21), look(true, true, 21)];
        assert_eq!(after(20, &away), 20);
        assert_eq!(after(10, &away), 20);
    }

    #[test]
    fn what_comes_below_while_one_reads_above_is_new() {
        let above = [look(true, true, 20), look(true, false, 20), look(true, false, 21), look(true, true, 21)];
        assert_eq!(after(20, &above), 20);
    }
}
