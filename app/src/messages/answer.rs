//! What the next message answers. The address asks for it (`?reply=7`), the draft keeps it.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::messages::conversation::asked;
use crate::messages::{Address, Drafts};
use crate::ui::{COMPOSER, focus};

/// The answer that is being written in one room.
#[derive(Clone, Copy)]
pub struct Answer {
    address: Address,
    drafts: Drafts,
    asked: Memo<Option<i64>>,
}

impl Answer {
    /// `opened`: whether the draft has been taken up that keeps it.
    pub fn new(address: Address, drafts: Drafts, opened: RwSignal<bool>) -> Self {
        let asked = asked(address.room, "reply");
        Effect::new(move |_| {
            if let (true, Some(message)) = (opened.get(), asked.get()) {
                drafts.change(address.room, |draft| draft.reply_to = Some(message));
                // Who begins an answer writes it.
                focus(COMPOSER);
            }
        });
        Self { address, drafts, asked }
    }

    /// The message that is answered, tracked.
    pub fn to(self) -> Option<i64> {
        self.asked.get().or_else(|| self.drafts.answers(self.address.room))
    }

    /// How to answer nothing after all: the same text is a message of its own then.
    pub fn dismiss(self) -> impl Fn() + Clone + Send + Sync + 'static {
        let navigate = use_navigate();
        move || {
            // A draft that answers nothing stays as it is, here and in other tabs.
            if untrack(|| self.drafts.answers(self.address.room)).is_some() {
                self.drafts.change(self.address.room, |draft| draft.reply_to = None);
            }
            if self.asked.get_untracked().is_some() {
                navigate(&self.address.path(), Default::default());
            }
        }
    }
}
