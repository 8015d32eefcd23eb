//! What becomes of subscriptions when a commit may have touched somebody's rights: they hear nothing until each was asked for again,
//! and then go on, or end. What they would have heard meanwhile waits for the answer.

use std::sync::Arc;

use earshot_live::error::Kind;
use earshot_live::pusher::close;
use tokio::time::timeout;

use crate::Hub;
use crate::backend::{Affected, Backend, Holder};
use crate::limits::ANSWER_TIMEOUT;
use crate::registry::Suspended;
use crate::socket::SocketId;

impl Hub {
    /// Suspends whatever rests on rights that a commit may have touched, and has them asked for again. To come before the first
    /// word of the commit.
    pub(crate) fn suspend_affected(&self, backend: &Arc<dyn Backend>, affected: &[Affected]) {
        for affected in affected {
            for suspended in self.change(|registry| registry.suspend(*affected)) {
                tokio::spawn(self.clone().find_out(backend.clone(), suspended));
            }
        }
    }

    /// Has it asked whether `holder` may still have a socket that stands for them.
    pub(crate) fn ask_about(&self, id: SocketId, who: Holder) {
        if let Some(backend) = self.backend() {
            let suspended = Suspended { id, who, question: 0, subscriptions: Vec::new() };
            tokio::spawn(self.clone().find_out(backend, suspended));
        }
    }

    /// Whoever cannot be asked about in time, for whatever reason, comes back and is asked about then.
    async fn find_out(self, backend: Arc<dyn Backend>, suspended: Suspended) {
        let id = suspended.id;
        let asking = tokio::spawn(self.clone().ask_again(backend, suspended));
        let stop = asking.abort_handle();
        if !matches!(timeout(ANSWER_TIMEOUT, asking).await, Ok(Ok(()))) {
            stop.abort();
            self.change(|registry| registry.end_sockets(close::RECONNECT, &[id]));
        }
    }

    async fn ask_again(self, backend: Arc<dyn Backend>, Suspended { id, who, question, subscriptions }: Suspended) {
        if let Err(error) = backend.still(who).await {
            let code = if error.kind == Kind::SignedOut { close::UNAUTHORISED } else { close::RECONNECT };
            return self.change(|registry| registry.end_sockets(code, &[id]));
        }
        for (channel, object) in subscriptions {
            let answer = backend.may_listen(who, object).await;
            self.change(|registry| registry.answer(id, &channel, question, &answer));
        }
    }
}
