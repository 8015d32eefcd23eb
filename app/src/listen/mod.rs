//! Listen: the browser side of asynchronous refresh. A page says what it listens to ([`Listen`]); one socket serves all of it
//! (`line`, `switchboard`, `transport`); who listens to what and how far each has got is kept in `channels`; what is to be read anew is gathered by
//! [`reloader`].

pub mod api;
mod backoff;
mod channels;
mod connection;
mod event;
mod keyed;
mod line;
mod reload;
mod switchboard;
mod transport;
mod view;

use std::sync::Arc;

use crate::object::{Action, Notice};

pub use keyed::{HasId, Keyed};
pub use reload::reloader;
pub use switchboard::provide_line;
pub use view::{Listen, LiveStatus};

/// Ids that one request for a reload may name.
pub const MAX_RELOAD: usize = 200;

/// What a listener runs when a notice arrives, one handler for each action.
#[derive(Clone)]
pub struct ActionList(Arc<[(Action, Handler)]>);

pub type Handler = Arc<dyn Fn(&Notice) + Send + Sync>;

/// An action list names one action twice: which of the two should run?
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the action list names '{0}' twice")]
pub struct DuplicateAction(pub Action);

impl ActionList {
    /// # Errors
    /// When one action stands there twice.
    pub fn new(actions: impl IntoIterator<Item = (Action, Handler)>) -> Result<Self, DuplicateAction> {
        let actions: Vec<_> = actions.into_iter().collect();
        for (index, (action, _)) in actions.iter().enumerate() {
            if actions[..index].iter().any(|(earlier, _)| earlier == action) {
                return Err(DuplicateAction(*action));
            }
        }
        Ok(Self(actions.into()))
    }

    /// One handler for several actions.
    ///
    /// # Errors
    /// When one action stands there twice.
    pub fn each(actions: &[Action], run: impl Fn(&Notice) + Send + Sync + 'static) -> Result<Self, DuplicateAction> {
        let run: Handler = Arc::new(run);
        Self::new(actions.iter().map(|action| (*action, run.clone())))
    }

    fn run(&self, notice: &Notice) {
        for (_, handler) in self.0.iter().filter(|(action, _)| *action == notice.action) {
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
        assert!(ActionList::each(&[Action::Posted, Action::Edited], nothing).is_ok());
        let twice = ActionList::each(&[Action::Posted, Action::Edited, Action::Posted], nothing);
        assert_eq!(twice.err(), Some(DuplicateAction(Action::Posted)));
    }
}
