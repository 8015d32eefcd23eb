//! Subscriptions whose right is asked for again.

use std::sync::Arc;

use earshot_live::error::Error;
use earshot_live::object::Object;
use earshot_live::pusher::close;

use crate::backend::{Affected, Holder};
use crate::registry::{Registry, Wanted};
use crate::socket::SocketId;

/// A socket whose rights may be others now.
pub struct Suspended {
    pub id: SocketId,
    pub who: Holder,
    /// What hears nothing until it was asked for again: its channel, its object, and the number of the question.
    pub subscriptions: Vec<(Arc<str>, Object, u64)>,
}

impl Registry {
    /// Suspends whatever rests on the rights of those whom a change affects, and says what that is.
    pub fn suspend(&mut self, affected: Affected) -> Vec<Suspended> {
        let holders = &self.holders;
        let ids = match affected {
            Affected::User(user) => holders.sockets_of(user),
            Affected::Session(who) => {
                holders.sockets_of(who.user).into_iter().filter(|id| holders.of(*id) == Some(who)).collect()
            }
            Affected::Nobody | Affected::Everyone(_) => Vec::new(),
        };
        ids.into_iter().filter_map(|id| self.suspend_socket(id)).collect()
    }

    fn suspend_socket(&mut self, id: SocketId) -> Option<Suspended> {
        let who = self.holder(id)?;
        let mut subscriptions = Vec::new();
        for (name, wanted) in &mut self.sockets.get_mut(&id)?.channels {
            match wanted {
                Wanted::Checking { overtaken } => *overtaken = true,
                Wanted::Heard(subscription) => {
                    subscriptions
                        .extend(subscription.object.map(|object| (name.clone(), object, subscription.suspend())));
                }
            }
        }
        Some(Suspended { id, who, subscriptions })
    }

    /// Takes the answer to a question that has the number: the subscription goes on with what it was held back from, or ends.
    pub fn answer(&mut self, id: SocketId, channel: &str, number: u64, answer: &Result<(), Error>) {
        let Some(subscription) = self.subscription(id, channel).filter(|waiting| waiting.waits_for(number)) else {
            return;
        };
        match answer {
            Ok(()) if subscription.resume().is_ok() => {}
            Err(error) if !error.may_pass() => self.end_subscription(id, channel),
            // What is missing, or cannot be found out now, is found out when it comes back.
            _ => self.end_sockets(close::RECONNECT, &[id]),
        }
    }
}
