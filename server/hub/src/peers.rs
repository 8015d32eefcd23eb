//! What the hubs of several servers tell each other, so that their clients notice nothing of it: who is heard and present where,
//! events that no commit has made, for whom a socket stands, and whose connections end.

use earshot_live::error::Error;
use earshot_live::pusher::close;
use earshot_live::pusher::frame::Frame;
use serde::{Deserialize, Serialize};

use crate::backend::Holder;
use crate::dispatcher::End;
use crate::elsewhere::ChannelChange;
use crate::holders::Bound;
use crate::publication::Publication;
use crate::socket::SocketId;
use crate::{Hub, websocket};

#[derive(Serialize, Deserialize)]
enum Word {
    /// All there is here, in place of what was said before.
    All(Vec<ChannelChange>),
    /// Asks this server for that, or each of them.
    Ask(Option<String>),
    Changed(ChannelChange),
    /// A frame for everyone on a channel, but for the socket that has sent it.
    Published {
        channel: String,
        frame: String,
        except: Option<SocketId>,
    },
    /// The socket, wherever it is, stands for this person and session.
    Bound(SocketId, Holder),
    /// It is not to stand for them any more, and ends.
    Unbound(SocketId, Holder),
    /// Every connection of this user ends.
    Terminated(String),
}

impl Hub {
    /// Has the frame brought to everyone on its channel but `except`, on all servers.
    pub fn publish_everywhere(&self, frame: &Frame, except: Option<SocketId>) {
        let channel = frame.channel.clone().unwrap_or_default();
        self.tell(|| Word::Published { channel: channel.clone(), frame: frame.to_json(), except });
        self.publish([Publication::new(channel, frame, except)]);
    }

    /// Ends every socket on which `user` has signed in, or for whom it stands, on all servers, behind what was published
    /// before.
    pub fn terminate(&self, user: &str) {
        self.tell(|| Word::Terminated(user.to_owned()));
        self.end(End::User(user.to_owned()));
    }

    /// Says for whom a socket stands that is not here, and waits until that was sent.
    pub(super) async fn tell_bound(&self, id: SocketId, holder: Holder) -> Result<(), Error> {
        self.tell(|| Word::Bound(id, holder));
        Ok(self.0.relay.catch_up().await?)
    }

    pub(super) fn unbind_everywhere(&self, id: SocketId, holder: Holder) {
        self.tell(|| Word::Unbound(id, holder));
        self.change(|registry| registry.unbind(id, holder));
    }

    pub(super) fn tell_changes(&self, changes: Vec<ChannelChange>) {
        changes.into_iter().for_each(|change| self.tell(|| Word::Changed(change)));
    }

    pub(super) fn tell_all(&self) {
        let registry = self.registry();
        self.tell(|| Word::All(registry.channels.here()));
    }

    pub(super) fn ask(&self, server: Option<&str>) {
        self.tell(|| Word::Ask(server.map(str::to_owned)));
    }

    /// Takes in what another server has said.
    pub(super) fn told_by(&self, server: &str, words: &[String]) {
        if self.registry().channels.elsewhere.heard(server) {
            self.ask(Some(server));
        }
        // A word that this version does not know is for others.
        for word in words.iter().filter_map(|word| serde_json::from_str(word).ok()) {
            self.take_in(server, word);
        }
    }

    fn take_in(&self, server: &str, word: Word) {
        match word {
            Word::All(all) => self.change(|registry| registry.channels.replace_elsewhere(server, all)),
            Word::Ask(whom) => {
                if whom.is_none_or(|whom| whom == self.0.relay.name()) {
                    self.tell_all();
                }
            }
            Word::Changed(change) => self.change(|registry| registry.channels.change_elsewhere(server, change)),
            Word::Published { channel, frame, except } => {
                // Its server has taken it, and is not told any more that it finds no place here.
                if !self.is_full() {
                    self.publish([Publication::of_bytes(channel.into(), websocket::text(&frame), except)]);
                }
            }
            Word::Bound(id, holder) => self.bound_elsewhere(id, holder),
            Word::Unbound(id, holder) => self.change(|registry| registry.unbind(id, holder)),
            Word::Terminated(user) => self.end(End::User(user)),
        }
    }

    /// Another server has signed for a socket. It cannot know how many its person has here, nor whether the session's end came
    /// to this server first.
    fn bound_elsewhere(&self, id: SocketId, holder: Holder) {
        let bound = self.registry().bind(id, holder);
        match bound {
            Bound::Here => {
                self.ask_about(id, holder);
                self.0.bound.notify_waiters();
            }
            Bound::TooMany => self.change(|registry| registry.end_sockets(close::OVER_CAPACITY, &[id])),
            Bound::NotHere | Bound::Refused => {}
        }
    }

    /// Forgets servers that have fallen silent: who was present there has gone.
    pub(super) fn forget_silent_peers(&self) {
        self.change(|registry| registry.channels.forget_silent());
    }

    fn tell(&self, word: impl FnOnce() -> Word) {
        self.0.relay.tell(|| serde_json::json!(word()).to_string());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Context;
    use crate::limits::{MAX_PENDING, MAX_SOCKETS_PER_USER};
    use crate::testing::{self, client, ends_with};

    #[tokio::test]
    async fn a_socket_for_which_another_server_signs_is_one_too_many_or_stands_for_nobody_who_has_gone() {
        let (Context { hub, .. }, program, _folder) = testing::context().await;
        let bound = |id, session| {
            let word = json!(Word::Bound(id, Holder { user: 1, session })).to_string();
            hub.told_by("another", &[word]);
        };
        let clients: Vec<_> = (0..MAX_SOCKETS_PER_USER).map(|_| client(&hub)).collect();
        clients.iter().for_each(|(id, _)| bound(*id, 1));
        let (one_more, mut far) = client(&hub);
        bound(one_more, 1);
        assert!(ends_with(&mut far, close::OVER_CAPACITY).await);

        hub.change(|registry| registry.close(clients[0].0));
        program.over.lock().unwrap().insert(2);
        let (late, mut far) = client(&hub);
        bound(late, 2);
        assert!(ends_with(&mut far, close::UNAUTHORISED).await);
    }

    #[tokio::test]
    async fn what_another_server_passes_on_waits_only_while_there_is_room() {
        let hub = Hub::default();
        let word = Word::Published { channel: "news".into(), frame: "{}".into(), except: None };
        let word = serde_json::json!(word).to_string();
        let waiting = || {
            hub.told_by("another", std::slice::from_ref(&word));
            hub.pending().len()
        };
        assert_eq!(waiting(), 1);
        let large = Frame::plain("large", "x".repeat(MAX_PENDING));
        hub.publish([Publication::new("news", &large, None)]);
        assert_eq!(waiting(), 2);
    }
}
