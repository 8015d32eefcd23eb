//! What becomes of subscriptions when a commit may have touched somebody's rights: they hear nothing until each was asked for again,
//! and then go on, or end. What they would have heard meanwhile waits for the answer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use earshot_live::error::{Error, Kind};
use earshot_live::object::{Notice, Object};
use earshot_live::pusher::close;

use crate::Hub;
use crate::backend::Backend;
use crate::registry::Suspended;

impl Hub {
    /// Suspends whatever rests on rights that the commit behind these notices may have touched, and has them asked for again. To
    /// come before the first word of the commit.
    pub(crate) fn suspend_after(&self, backend: &Arc<dyn Backend>, notices: &[Notice]) {
        for notice in notices {
            let suspended = self.change(|registry| registry.suspend(backend.affects(notice)));
            if !suspended.is_empty() {
                tokio::spawn(self.clone().ask_again(backend.clone(), suspended));
            }
        }
    }

    async fn ask_again(self, backend: Arc<dyn Backend>, suspended: Vec<Suspended>) {
        // A person with many pages is asked for once.
        let mut answers = HashMap::<(i64, Object), Result<(), Error>>::new();
        for Suspended { id, who, subscriptions } in suspended {
            if let Err(error) = backend.still(who).await {
                let code = if error.kind == Kind::SignedOut { close::UNAUTHORISED } else { close::RECONNECT };
                self.change(|registry| registry.end_sockets(code, &[id]));
                continue;
            }
            for (channel, object, number) in subscriptions {
                let answer = match answers.entry((who.user, object)) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unknown) => unknown.insert(backend.may_listen(who, object).await),
                };
                self.change(|registry| registry.answer(id, &channel, number, answer));
            }
        }
    }
}
