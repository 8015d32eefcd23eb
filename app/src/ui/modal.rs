//! The state of a dialog in front of the page. The dialog is in the page only while it is shown.

use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::web_sys::HtmlDialogElement;

/// A browser tells of a closed dialog in an event of its own, somewhat later. Until then the dialog is in the page, and it may be
/// opened again.
#[derive(Clone, Copy)]
pub struct Modal {
    /// The element that is opened: the `node_ref` of a `dialog`.
    pub element: NodeRef<Dialog>,
    shown: RwSignal<bool>,
}

impl Modal {
    /// A closed one, which lasts as long as the component that asks for it.
    pub fn here() -> Self {
        let element = NodeRef::new();
        Effect::new(move |_| element.get().iter().for_each(show));
        Self { element, shown: RwSignal::new(false) }
    }

    /// Whether the dialog belongs into the page, tracked.
    pub fn shown(self) -> bool {
        self.shown.get()
    }

    pub fn is_open(self) -> bool {
        self.element.try_get_untracked().flatten().is_some_and(|dialog| dialog.open())
    }

    pub fn open(self) {
        if !self.shown.get_untracked() {
            self.shown.set(true);
        }
        self.element.get_untracked().iter().for_each(show);
    }

    /// The browser gives the focus back to where it was.
    pub fn close(self) {
        if let Some(dialog) = self.element.try_get_untracked().flatten() {
            dialog.close();
        }
    }

    /// What the dialog does `on:close`.
    pub fn closed(self) {
        if !self.is_open() {
            self.shown.set(false);
        }
    }
}

fn show(dialog: &HtmlDialogElement) {
    // It can only fail when the dialog is open or gone.
    let _ = dialog.show_modal();
}
