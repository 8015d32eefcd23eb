//! The window of a room's messages that a page shows: always without holes, and of a length that a browser can carry.

use earshot_live::listen::Keyed;
use leptos::prelude::*;

use crate::messages::{Message, PAGE, Page, Place, Quote};

/// Messages beyond which the oldest are let go, as long as nobody reads them.
const MAX_SHOWN: usize = 2 * PAGE;

#[derive(Clone, Copy)]
pub struct MessageWindow {
    pub messages: Keyed<Message>,
    /// Whether there are older ones.
    pub more: RwSignal<bool>,
    /// Whether there are newer ones. Without them it reaches to the newest, and grows as people talk.
    pub newer: RwSignal<bool>,
    /// Whether the page before, or the page after, is on its way.
    pub loading: RwSignal<bool>,
    /// Whether the reader looks at the newest message, and moves on with it.
    pub following: RwSignal<bool>,
    /// The message that is being edited: it stays until that has ended, whatever happens to it.
    pub held: RwSignal<Option<i64>>,
}

impl MessageWindow {
    pub fn new(page: Page) -> Self {
        Self {
            messages: Keyed::new(page.messages),
            more: RwSignal::new(page.more),
            newer: RwSignal::new(page.newer),
            loading: RwSignal::new(false),
            following: RwSignal::new(!page.newer),
            held: RwSignal::new(None),
        }
    }

    /// Takes over what a reload of the messages `asked` has `found`.
    pub fn apply(&self, asked: &[i64], mut found: Vec<Message>) {
        // A message outside the window would leave a hole beside it.
        found.retain(|message| self.covers(message.id));
        let held = self.held.try_get_untracked().flatten();
        let asked: Vec<i64> = asked.iter().copied().filter(|id| Some(*id) != held).collect();
        self.messages.apply(&asked, found);
        self.cut();
    }

    /// These messages and those that quote them, which changes with them.
    pub fn with_answers(&self, ids: &[i64]) -> Vec<i64> {
        let mut all = ids.to_vec();
        for message in self.messages.now() {
            if message.reply_to.is_some_and(|quote| ids.contains(&quote.id)) && !ids.contains(&message.id) {
                all.push(message.id);
            }
        }
        all
    }

    /// Puts older messages before those that are shown.
    pub fn prepend(&self, older: Page) {
        self.messages.apply(&[], older.messages);
        self.more.try_set(older.more);
        self.loading.try_set(false);
    }

    /// Puts newer messages behind those that are shown.
    pub fn append(&self, newer: Page) {
        self.messages.apply(&[], newer.messages);
        self.newer.try_set(newer.newer);
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
        self.newer.try_set(page.newer);
        self.loading.try_set(false);
    }

    /// Whether it reaches to the newest message; nothing once the page was left.
    pub fn is_live(&self) -> Option<bool> {
        self.newer.try_get_untracked().map(|newer| !newer)
    }

    /// The place to read for showing the same window anew.
    pub fn place(&self) -> Place {
        self.messages
            .first()
            .filter(|_| self.is_live() == Some(false))
            .map_or(Place::Newest, |first| Place::After(first - 1))
    }

    /// The message of this id as others would quote it, as far as it is shown.
    pub fn quote(&self, id: i64) -> Option<Quote> {
        self.messages.now().into_iter().find(|message| message.id == id).map(|message| message.quote())
    }

    /// The last message of `author` that can be edited.
    pub fn last_of(&self, author: i64) -> Option<i64> {
        let messages = self.messages.now();
        messages.iter().rfind(|message| message.author.id == author && message.deleted.is_none()).map(|m| m.id)
    }

    fn covers(&self, id: i64) -> bool {
        let ids = self.messages.ids();
        let open = |end: &RwSignal<bool>| !end.try_get_untracked().unwrap_or_default();
        (open(&self.more) || ids.first().is_none_or(|oldest| id >= *oldest))
            && (open(&self.newer) || ids.last().is_none_or(|newest| id <= *newest))
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
    use earshot_live::timestamp::Timestamp;

    use super::*;
    use crate::people::Person;

    fn message(id: i64) -> Message {
        let author = Person { id: 1, name: "Ada".into(), picture: None };
        Message {
            id,
            author,
            body: format!("number {id}"),
            files: Vec::new(),
            mentions: Vec::new(),
            posted: Timestamp(id),
            client_id: id.to_string(),
            ..Message::default()
        }
    }

    fn page(ids: std::ops::RangeInclusive<i64>, more: bool) -> Page {
        Page { messages: ids.map(message).collect(), more, newer: false, seq: 0 }
    }

    #[test]
    fn what_lies_beside_the_window_makes_no_hole() {
        Owner::new().with(|| {
            let window = MessageWindow::new(Page { newer: true, ..page(50..=60, true) });
            window.apply(&[7, 55, 70], vec![message(7), message(55), message(70)]);
            assert_eq!(window.messages.ids(), (50..=60).collect::<Vec<_>>());
        });
    }

    #[test]
    fn who_follows_keeps_one_page_and_who_reads_older_ones_keeps_them() {
        Owner::new().with(|| {
            for (following, kept) in [(true, PAGE), (false, 150)] {
                let window = MessageWindow::new(page(1..=50, false));
                window.following.set(following);
                let new: Vec<i64> = (51..=150).collect();
                window.apply(&new, new.iter().copied().map(message).collect());
                assert_eq!(window.messages.ids().len(), kept);
                assert_eq!(window.more.get_untracked(), following);
            }
        });
    }

    #[test]
    fn a_window_in_the_middle_grows_to_the_newest_and_is_live_from_then_on() {
        Owner::new().with(|| {
            let window = MessageWindow::new(Page { newer: true, ..page(50..=60, true) });
            assert_eq!(window.place(), Place::After(49));
            window.append(page(61..=70, true));
            window.apply(&[71], vec![message(71)]);
            assert_eq!((window.messages.ids().last(), window.place()), (Some(&71), Place::Newest));
        });
    }

    #[test]
    fn what_quotes_a_message_is_read_anew_with_it() {
        Owner::new().with(|| {
            let window = MessageWindow::new(page(1..=3, false));
            let answer = Message { reply_to: window.quote(2), ..message(4) };
            window.apply(&[4], vec![answer]);
            assert_eq!((window.with_answers(&[2]), window.with_answers(&[3, 4])), (vec![2, 4], vec![3, 4]));
        });
    }

    #[test]
    fn a_message_that_is_being_edited_stays_when_it_is_deleted() {
        Owner::new().with(|| {
            let window = MessageWindow::new(page(1..=3, false));
            window.held.set(Some(2));
            window.apply(&[1, 2], vec![]);
            assert_eq!(window.messages.ids(), [2, 3]);
            window.replace(page(4..=5, true));
            assert_eq!(window.messages.ids(), [2, 4, 5]);
        });
    }
}
