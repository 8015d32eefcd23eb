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
    /// The number of the question that is to be answered.
    pub question: u64,
    /// What hears nothing until it is: the channels and their objects.
    pub subscriptions: Vec<(Arc<str>, Object)>,
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
        self.questions += 1;
        ids.into_iter().filter_map(|id| self.suspend_socket(id)).collect()
    }

    fn suspend_socket(&mut self, id: SocketId) -> Option<Suspended> {
        let (who, question) = (self.holder(id)?, self.questions);
        let mut subscriptions = Vec::new();
        for (name, wanted) in &mut self.sockets.get_mut(&id)?.channels {
            match wanted {
                Wanted::Checking { overtaken } => *overtaken = true,
                Wanted::Heard(subscription) => {
                    if let Some(object) = self.channels.object(name) {
                        subscription.suspend(question);
                        subscriptions.push((name.clone(), object));
                    }
                }
            }
        }
        Some(Suspended { id, who, question, subscriptions })
    }

    /// Takes the answer to a question: the subscription goes on with what it was held back from, or ends.
    pub fn answer(&mut self, id: SocketId, channel: &str, question: u64, answer: &Result<(), Error>) {
        let Some(subscription) = self.subscription(id, channel).filter(|waiting| waiting.waits_for(question)) else {
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

#[cfg(test)]
mod tests {
    use earshot_live::error::Kind;
    use earshot_live::pusher::channel;

    use super::*;
    use crate::Hub;
    use crate::testing::{ROOM, client, events, heard_until, listen};

    #[tokio::test]
    async fn an_answer_from_before_it_came_back_is_worth_nothing_to_a_subscription() {
        let hub = Hub::default();
        let (id, far) = client(&hub);
        let (who, name) = (Holder { user: 1, session: 1 }, channel::of(ROOM.object(7)));
        hub.registry().bind(id, who);
        let suspend = || hub.change(|registry| registry.suspend(Affected::User(1)))[0].question;
        listen(&hub, id, &name, None);
        let earlier = suspend();
        hub.change(|registry| registry.unsubscribe(id, &name));
        listen(&hub, id, &name, None);
        let later = suspend();
        hub.change(|registry| registry.answer(id, &name, earlier, &Ok(())));
        hub.change(|registry| registry.answer(id, &name, later, &Err(Kind::NotFound.into())));
        assert_eq!(events(&heard_until("pusher:subscription_error", &far).await), ["subscription_error"]);
        assert!(hub.registry().subscription(id, &name).is_none());
    }
}
