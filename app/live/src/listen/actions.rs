//! The action list of a [`Listen`](crate::listen::Listen): what a page does about each action.

use std::sync::Arc;

use crate::object::{Action, Entity, Notice};

/// What a handler waits for: an action on whatever it happened to, or on one kind of object alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    action: Action,
    entity: Option<Entity>,
}

impl From<Action> for Occurrence {
    fn from(action: Action) -> Self {
        Self { action, entity: None }
    }
}

impl From<(Action, Entity)> for Occurrence {
    fn from((action, entity): (Action, Entity)) -> Self {
        Self { action, entity: Some(entity) }
    }
}

impl Occurrence {
    fn is(self, notice: &Notice) -> bool {
        self.action == notice.action && self.entity.is_none_or(|entity| entity == notice.reference.entity)
    }

    fn overlaps(self, other: Self) -> bool {
        let apart = matches!((self.entity, other.entity), (Some(one), Some(another)) if one != another);
        self.action == other.action && !apart
    }
}

/// Two handlers of an action list wait for the same: which of them should run?
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the action list names '{0}' twice")]
pub struct DuplicateAction(pub Action);

type Handler = Arc<dyn Fn(&Notice) + Send + Sync>;

/// What a page does about each action, and how it begins anew when it cannot hear of each.
#[derive(Clone)]
pub struct Actions {
    handlers: Vec<(Occurrence, Handler)>,
    afresh: Arc<dyn Fn() + Send + Sync>,
    twice: Option<DuplicateAction>,
}

impl Actions {
    /// `afresh` reads anew all that the actions keep fresh. It runs when the notices that were missed are not kept any more,
    /// and when the right to listen has ended.
    pub fn new(afresh: impl Fn() + Send + Sync + 'static) -> Self {
        Self { handlers: Vec::new(), afresh: Arc::new(afresh), twice: None }
    }

    /// From now on `run` runs when `what` happens: `EDITED`, or `(DELETED, MESSAGE)`. What is named twice
    /// fails the page on which the list is used.
    #[must_use]
    pub fn on(mut self, what: impl Into<Occurrence>, run: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        let what = what.into();
        if self.handlers.iter().any(|(other, _)| other.overlaps(what)) {
            self.twice = Some(DuplicateAction(what.action));
        }
        self.handlers.push((what, Arc::new(run)));
        self
    }

    /// The list, if one handler at most waits for each thing that happens.
    ///
    /// # Errors
    /// When two do.
    pub fn checked(self) -> Result<Self, DuplicateAction> {
        self.twice.map_or(Ok(self), Err)
    }

    pub(super) fn run(&self, notice: &Notice) {
        for (_, handler) in self.handlers.iter().filter(|(what, _)| what.is(notice)) {
            handler(notice);
        }
    }

    pub(super) fn read_afresh(&self) {
        (self.afresh)();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    use super::*;
    use crate::object::Reference;
    use crate::testing::{DELETED, EDITED, MESSAGE, POSTED, RENAMED, ROOM, USER};
    use crate::timestamp::Timestamp;

    fn list(what: impl IntoIterator<Item = Occurrence>) -> Result<Actions, DuplicateAction> {
        what.into_iter().fold(Actions::new(|| {}), |list, what| list.on(what, |_| {})).checked()
    }

    #[test]
    fn an_action_list_names_each_action_once() {
        assert!(list([POSTED.into(), EDITED.into()]).is_ok());
        assert!(list([(DELETED, MESSAGE).into(), (DELETED, ROOM).into()]).is_ok());
        for twice in [
            [DELETED.into(), DELETED.into()],
            [(DELETED, ROOM).into(), (DELETED, ROOM).into()],
            [(DELETED, ROOM).into(), DELETED.into()],
        ] {
            assert_eq!(list(twice).err(), Some(DuplicateAction(DELETED)));
        }
    }

    #[test]
    fn the_handler_of_what_has_happened_runs_and_no_other() {
        let runs: [Arc<AtomicU32>; 3] = Default::default();
        let count = |index: usize| {
            let runs = runs[index].clone();
            move |_: &Notice| {
                runs.fetch_add(1, SeqCst);
            }
        };
        let actions =
            Actions::new(|| {}).on((DELETED, MESSAGE), count(0)).on((DELETED, ROOM), count(1)).on(RENAMED, count(2));
        for (action, entity) in [(DELETED, MESSAGE), (DELETED, USER), (RENAMED, ROOM), (POSTED, MESSAGE)] {
            let reference = Reference { entity, id: 1, seq: 1, changed: Timestamp(0), by: "Ada".into() };
            actions.run(&Notice { object: ROOM.object(7), action, reference });
        }
        assert_eq!(runs.each_ref().map(|runs| runs.load(SeqCst)), [1, 0, 1]);
    }
}
