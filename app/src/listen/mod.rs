//! Listen: the browser side of asynchronous refresh. A page says what it listens to ([`Listen`]); one client serves all of it.
//! What the client does about each event is decided in `protocol`, which knows neither sockets nor browsers, with its books in
//! `channels` and `connection`; `browser` and `transport` carry it out. What is to be read anew is gathered by [`reloader`].

pub mod api;
mod backoff;
mod browser;
pub mod channels;
mod client;
mod connection;
pub mod event;
mod keyed;
pub mod presence;
pub mod protocol;
pub mod reload;
mod transport;
mod view;

use std::sync::Arc;

use crate::object::{Action, Notice};

pub use browser::provide_client;
pub use client::{Client, Status};
pub use keyed::{HasId, Keyed};
pub use presence::Attendee;
pub use reload::{Stale, reloader};
pub use view::{Listen, LiveStatus};

/// Ids that one request for a reload may name.
pub const MAX_RELOAD: usize = 200;
/// Notices of one object that one answer holds. Who has more to catch up on asks again.
pub const NOTICES_PAGE: usize = 200;
/// Objects that one request may catch up on.
pub const MAX_OBJECTS: usize = 100;

/// What a listener runs when a notice arrives, one handler for each action, and what it does when it cannot hear of each.
#[derive(Clone)]
pub struct ActionList {
    actions: Arc<[(Action, Handler)]>,
    afresh: Arc<dyn Fn() + Send + Sync>,
}

pub type Handler = Arc<dyn Fn(&Notice) + Send + Sync>;

/// An action list names one action twice: which of the two should run?
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the action list names '{0}' twice")]
pub struct DuplicateAction(pub Action);

impl ActionList {
    /// `afresh` reads anew all that the actions keep fresh. It runs when the notices that were missed are not kept any more,
    /// and when the right to listen has ended.
    ///
    /// # Errors
    /// When one action stands there twice.
    pub fn new(
        actions: impl IntoIterator<Item = (Action, Handler)>,
        afresh: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, DuplicateAction> {
        let actions: Vec<_> = actions.into_iter().collect();
        for (index, (action, _)) in actions.iter().enumerate() {
            if actions[..index].iter().any(|(earlier, _)| earlier == action) {
                return Err(DuplicateAction(*action));
            }
        }
        Ok(Self { actions: actions.into(), afresh: Arc::new(afresh) })
    }

    /// One handler for several actions.
    ///
    /// # Errors
    /// When one action stands there twice.
    pub fn each(
        actions: &[Action],
        run: impl Fn(&Notice) + Send + Sync + 'static,
        afresh: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, DuplicateAction> {
        let run: Handler = Arc::new(run);
        Self::new(actions.iter().map(|action| (*action, run.clone())), afresh)
    }

    fn run(&self, notice: &Notice) {
        for (_, handler) in self.actions.iter().filter(|(action, _)| *action == notice.action) {
            handler(notice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_list_names_each_action_once() {
        let nothing = |_: &Notice| {};
        assert!(ActionList::each(&[Action::Posted, Action::Edited], nothing, || {}).is_ok());
        let twice = ActionList::each(&[Action::Posted, Action::Edited, Action::Posted], nothing, || {});
        assert_eq!(twice.err(), Some(DuplicateAction(Action::Posted)));
    }
}
