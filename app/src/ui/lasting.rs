//! Views that stay on a page while the page reads anew.

use leptos::prelude::{Owner, on_cleanup};
use leptos::tachys::reactive_graph::OwnedView;

/// Builds views whose signals live as long as they are shown. A page that is asked for something else goes on showing what it
/// has until the answer is there; built in the closure that asks, the old view would lose its signals at once, and the next
/// notice about it would read one that is gone.
#[derive(Clone)]
pub struct Lasting(Owner);

impl Lasting {
    /// For views on the page, or in the component, that is being built now.
    pub fn here() -> Self {
        Self(Owner::current().unwrap_or_default())
    }

    pub fn view<V>(&self, view: impl FnOnce() -> V) -> OwnedView<V> {
        let owner = self.0.child();
        let view = owner.with(view);
        if cfg!(feature = "ssr") {
            // There nothing is replaced, and the view is written once the closure that built it is gone.
            let owner = owner.clone();
            self.0.with(|| on_cleanup(move || drop(owner)));
        }
        OwnedView::new_with_owner(view, owner)
    }
}
