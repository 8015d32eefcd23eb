//! Channels: who is heard on each, and who is present there. A channel lives as long as somebody is subscribed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use app::pusher::frame::{Frame, Member};
use bytes::Bytes;
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::hub::dispatcher::Publication;
use crate::hub::limits::MAX_MEMBERS;
use crate::hub::socket::{Socket, SocketId};
use crate::hub::websocket;

/// A socket that is heard on a channel, until the right to it ends.
pub struct Subscription {
    socket: Arc<Socket>,
    live: AtomicBool,
    /// Who is present by it.
    user: Option<String>,
}

impl Subscription {
    pub fn send(&self, frames: &Bytes) {
        self.socket.send_while(&self.live, frames);
    }

    /// Lets it wait until the socket is flushed. Whether nothing waited there before.
    pub fn queue(&self, frames: &Bytes) -> bool {
        self.socket.queue_while(&self.live, frames)
    }

    pub fn socket(&self) -> Arc<Socket> {
        self.socket.clone()
    }

    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }
}

/// Shared with whoever brings something to them while others come and go.
pub type Listeners = IndexMap<SocketId, Arc<Subscription>>;

#[derive(Default)]
struct Channel {
    listeners: Arc<Listeners>,
    present: IndexMap<String, Present>,
}

/// Somebody, however many sockets they have here.
struct Present {
    info: Option<Value>,
    sockets: usize,
}

/// As many are present as there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

#[derive(Default)]
pub struct Channels {
    channels: HashMap<Arc<str>, Channel>,
    /// Who has come and gone: still to be published.
    pub news: Vec<Publication>,
}

impl Channels {
    /// From now on the socket is heard, and `member` is present.
    ///
    /// # Errors
    /// `Full` when a new member finds no place.
    pub fn add(
        &mut self,
        name: &Arc<str>,
        socket: &Arc<Socket>,
        member: Option<Member>,
    ) -> Result<Arc<Subscription>, Full> {
        let present = self.channels.get(name).map(|channel| &channel.present);
        let known = |member: &Member| present.is_some_and(|present| present.contains_key(&member.user_id));
        if member.as_ref().is_some_and(|member| !known(member)) && present.map_or(0, IndexMap::len) >= MAX_MEMBERS {
            return Err(Full);
        }
        let channel = self.channels.entry(name.clone()).or_default();
        let user = member.as_ref().map(|member| member.user_id.clone());
        if let Some(member) = member {
            let present = channel.present.entry(member.user_id.clone());
            let present = present.or_insert_with(|| Present { info: member.user_info.clone(), sockets: 0 });
            present.sockets += 1;
            if present.sockets == 1 {
                self.news.push(news(name, "pusher_internal:member_added", &member, Some(socket.id)));
            }
        }
        let subscription = Arc::new(Subscription { socket: socket.clone(), live: AtomicBool::new(true), user });
        Arc::make_mut(&mut channel.listeners).insert(socket.id, subscription.clone());
        Ok(subscription)
    }

    pub fn remove(&mut self, name: &Arc<str>, subscription: &Subscription) {
        subscription.live.store(false, Relaxed);
        let Some(channel) = self.channels.get_mut(name) else { return };
        Arc::make_mut(&mut channel.listeners).swap_remove(&subscription.socket.id);
        let user = subscription.user.as_ref();
        if let Some((user, present)) = user.and_then(|user| Some((user, channel.present.get_mut(user)?))) {
            present.sockets -= 1;
            if present.sockets == 0 {
                channel.present.shift_remove(user);
                let gone = Member { user_id: user.clone(), user_info: None };
                self.news.push(news(name, "pusher_internal:member_removed", &gone, None));
            }
        }
        if channel.listeners.is_empty() {
            self.channels.remove(name);
        }
    }

    /// The subscriptions that are heard on the channel at this moment.
    pub fn listeners(&self, name: &str) -> Arc<Listeners> {
        self.channels.get(name).map(|channel| channel.listeners.clone()).unwrap_or_default()
    }

    /// Who is present on the channel, in the order in which they came.
    pub fn users(&self, name: &str) -> Vec<&str> {
        self.channels.get(name).into_iter().flat_map(|channel| channel.present.keys()).map(String::as_str).collect()
    }

    /// The same, as a newcomer is told.
    pub fn presence(&self, name: &str) -> Value {
        let present = || self.channels.get(name).into_iter().flat_map(|channel| &channel.present);
        let hash: serde_json::Map<_, _> =
            present().map(|(user, present)| (user.clone(), present.info.clone().unwrap_or_default())).collect();
        let ids: Vec<&String> = present().map(|(user, _)| user).collect();
        json!({ "presence": { "count": ids.len(), "ids": ids, "hash": hash } })
    }

    /// Channels on which somebody is heard.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.channels.keys().map(|name| &**name)
    }
}

fn news(channel: &Arc<str>, event: &str, member: &Member, except: Option<SocketId>) -> Publication {
    let frame = websocket::text(&Frame::on_channel(&**channel, event, member).to_json());
    Publication { channel: channel.clone(), frame, except, ends: None }
}
