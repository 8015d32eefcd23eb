//! Objects on a page by id, each in a signal of its own: a reload changes what has changed and leaves the rest alone.
//!
//! reactive_stores, which has keyed lists too, follows fields of structs by their paths and replaces a list as a whole. Here a reload
//! names the ids that it has asked for, and what the answer does not hold goes: that is about a set of ids, and one signal for each.

use std::collections::BTreeMap;

use leptos::prelude::*;

/// What stands in a [`Keyed`] list.
pub trait HasId {
    /// The primary key.
    fn id(&self) -> i64;
}

/// A list of objects in the order of their ids.
pub struct Keyed<T: 'static>(RwSignal<BTreeMap<i64, ArcRwSignal<T>>>);

impl<T> Clone for Keyed<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Keyed<T> {}

impl<T: HasId + PartialEq + Send + Sync + 'static> Keyed<T> {
    /// A list of these.
    pub fn new(items: Vec<T>) -> Self {
        Self(RwSignal::new(items.into_iter().map(|item| (item.id(), ArcRwSignal::new(item))).collect()))
    }

    /// Every object with its id, tracked.
    pub fn all(&self) -> Vec<(i64, ArcRwSignal<T>)> {
        self.0.with(|items| items.iter().map(|(id, item)| (*id, item.clone())).collect())
    }

    /// The lowest id, not tracked.
    pub fn first(&self) -> Option<i64> {
        self.0.try_with_untracked(|items| items.keys().next().copied()).flatten()
    }

    /// Every object, not tracked.
    pub fn now(&self) -> Vec<T>
    where
        T: Clone,
    {
        let now = |items: &BTreeMap<i64, ArcRwSignal<T>>| items.values().map(|item| item.get_untracked()).collect();
        self.0.try_with_untracked(now).unwrap_or_default()
    }

    /// The ids of all, not tracked.
    pub fn ids(&self) -> Vec<i64> {
        self.0.try_with_untracked(|items| items.keys().copied().collect()).unwrap_or_default()
    }

    /// Takes over `items` in place of everything. What was here already keeps its place on the page.
    pub fn replace(&self, items: Vec<T>) {
        self.apply(&self.ids(), items);
    }

    /// Lets go of everything before the object `first`.
    pub fn cut_before(&self, first: i64) {
        self.0.try_update(|items| *items = items.split_off(&first));
    }

    /// Takes over what a reload of the ids `asked` has `found`. What was not found is gone, or not the viewer's to see.
    pub fn apply(&self, asked: &[i64], found: Vec<T>) {
        let gone = |id: &i64| !found.iter().any(|item| item.id() == *id);
        let gone: Vec<i64> = asked.iter().copied().filter(gone).collect();
        let known = self.0.try_with_untracked(Clone::clone).unwrap_or_default();
        let (changed, new): (Vec<T>, Vec<T>) = found.into_iter().partition(|item| known.contains_key(&item.id()));
        for item in changed {
            let signal = &known[&item.id()];
            if signal.with_untracked(|old| *old != item) {
                signal.set(item);
            }
        }
        if !new.is_empty() || gone.iter().any(|id| known.contains_key(id)) {
            // The page may have been left while the answer was on its way.
            self.0.try_update(|items| {
                items.retain(|id, _| !gone.contains(id));
                items.extend(new.into_iter().map(|item| (item.id(), ArcRwSignal::new(item))));
            });
        }
    }
}
