//! Where one looks.

use leptos::prelude::*;

/// The room whose newest messages somebody looks at on this page: what is said there needs no other word.
#[derive(Clone, Copy)]
pub struct Attention(RwSignal<Option<i64>>);

/// Makes the page's attention, to be found by every component below.
pub fn provide_attention() -> Attention {
    let attention = Attention(RwSignal::new(None));
    provide_context(attention);
    attention
}

impl Attention {
    /// Tracked.
    pub fn get(&self) -> Option<i64> {
        self.0.get()
    }

    pub fn now(&self) -> Option<i64> {
        self.0.try_get_untracked().flatten()
    }

    /// One begins or ceases to look at `room`.
    pub fn turn(&self, room: i64, looks: bool) {
        let now = self.now();
        if looks && now != Some(room) {
            self.0.try_set(Some(room));
        } else if !looks && now == Some(room) {
            self.0.try_set(None);
        }
    }
}
