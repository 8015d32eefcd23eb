//! The stretch of a room's messages that a page shows: always without holes, and of a length that a browser can carry.

use leptos::prelude::*;

use crate::listen::Keyed;
use crate::messages::{Message, PAGE, Page};

/// Messages beyond which the oldest are let go, as long as nobody reads them.
const MAX_SHOWN: usize = 2 * PAGE;

#[derive(Clone, Copy)]
pub struct Stretch {
    pub messages: Keyed<Message>,
    /// Whether there are older ones.
    pub more: RwSignal<bool>,
    /// Whether the page before is on its way.
    pub loading: RwSignal<bool>,
    /// Whether the reader looks at the newest message, and moves on with it.
    pub following: RwSignal<bool>,
    /// The message that is being edited: it stays until that has ended, whatever happens to it.
    pub held: RwSignal<Option<i64>>,
    /// The message before which the stretch ends. Without one it reaches to the newest.
    pub before: Option<i64>,
}

impl Stretch {
    pub fn new(page: Page, before: Option<i64>) -> Self {
        Self {
            messages: Keyed::new(page.messages),
            more: RwSignal::new(page.more),
            loading: RwSignal::new(false),
            following: RwSignal::new(true),
            held: RwSignal::new(None),
            before,
        }
    }

    /// Takes over what a reload of the messages `asked` has `found`.
    pub fn apply(&self, asked: &[i64], mut found: Vec<Message>) {
        // A message outside the stretch would leave a hole beside it.
        found.retain(|message| self.covers(message.id));
        let held = self.held.try_get_untracked().flatten();
        let asked: Vec<i64> = asked.iter().copied().filter(|id| Some(*id) != held).collect();
        self.messages.apply(&asked, found);
        self.cut();
    }

    /// Puts older messages before those that are shown.
    pub fn prepend(&self, older: Page) {
        self.messages.apply(&[], older.messages);
        self.more.try_set(older.more);
        self.loading.try_set(false);
    }

    /// Shows this page instead.
    pub fn replace(&self, page: Page) {
        let held = self.held.try_get_untracked().flatten();
        let mut messages = page.messages;
        if !messages.iter().any(|message| Some(message.id) == held) {
            messages.extend(self.messages.now().into_iter().filter(|message| Some(message.id) == held));
        }
        self.messages.replace(messages);
        self.more.try_set(page.more);
        self.loading.try_set(false);
    }

    fn covers(&self, id: i64) -> bool {
        let reached = !self.more.try_get_untracked().unwrap_or_default()
            || self.messages.first().is_none_or(|oldest| id >= oldest);
        reached && self.before.is_none_or(|before| id < before)
    }

    /// Who follows the talk for days keeps as much of it as somebody who has just come.
    fn cut(&self) {
        let follows = self.following.try_get_untracked() == Some(true);
        let held = self.held.try_get_untracked().flatten();
        let ids = self.messages.ids();
        if follows && held.is_none() && ids.len() > MAX_SHOWN {
            self.messages.cut_before(ids[ids.len() - PAGE]);
            self.more.try_set(true);
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::moment::Moment;
    use crate::people::Person;

    fn message(id: i64) -> Message {
        let author = Person { id: 1, name: "Ada".into() };
        Message {
            id,
            author,
            body: format!("number {id}"),
            posted: Moment(id),
            edited: None,
            client_id: id.to_string(),
        }
    }

    fn page(ids: std::ops::RangeInclusive<i64>, more: bool) -> Page {
        Page { messages: ids.map(message).collect(), more, seq: 0 }
    }

    #[test]
    fn what_lies_beside_the_stretch_makes_no_hole() {
        Owner::new().with(|| {
            let stretch = Stretch::new(page(50..=60, true), Some(61));
            stretch.apply(&[7, 55, 70], vec![message(7), message(55), message(70)]);
            assert_eq!(stretch.messages.ids(), (50..=60).collect::<Vec<_>>());
        });
    }

    #[test]
    fn who_follows_keeps_one_page_and_who_reads_older_ones_keeps_them() {
        Owner::new().with(|| {
            for (following, kept) in [(true, PAGE), (false, 150)] {
                let stretch = Stretch::new(page(1..=50, false), None);
                stretch.following.set(following);
                let new: Vec<i64> = (51..=150).collect();
                stretch.apply(&new, new.iter().copied().map(message).collect());
                assert_eq!(stretch.messages.ids().len(), kept);
                assert_eq!(stretch.more.get_untracked(), following);
            }
        });
    }

    #[test]
    fn a_message_that_is_being_edited_stays_when_it_is_deleted() {
        Owner::new().with(|| {
            let stretch = Stretch::new(page(1..=3, false), None);
            stretch.held.set(Some(2));
            stretch.apply(&[1, 2], vec![]);
            assert_eq!(stretch.messages.ids(), [2, 3]);
            stretch.replace(page(4..=5, true));
            assert_eq!(stretch.messages.ids(), [2, 4, 5]);
        });
    }
}
