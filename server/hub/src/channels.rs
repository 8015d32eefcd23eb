//! Channels: who is heard on each, and who is present there. A channel lives as long as somebody is subscribed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use earshot_live::error::Error;
use earshot_live::object::Object;
use earshot_live::pusher::frame::{Frame, Member};
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::elsewhere::{ChannelChange, Elsewhere};
use crate::limits::MAX_MEMBERS;
use crate::publication::Publication;
use crate::socket::{Socket, SocketId};
use crate::subscription::Subscription;

/// Shared with whoever brings something to them while others come and go.
pub type Listeners = IndexMap<SocketId, Arc<Subscription>>;

#[derive(Default)]
struct Channel {
    /// The object to which the right was asked for. Other channels need none.
    object: Option<Object>,
    listeners: Arc<Listeners>,
    present: IndexMap<String, PresentUser>,
}

/// Somebody, however many sockets they have here.
struct PresentUser {
    info: Option<Value>,
    sockets: usize,
}

#[derive(Default)]
pub struct Channels {
    channels: HashMap<Arc<str>, Channel>,
    /// The same channels on other servers.
    pub elsewhere: Elsewhere,
    /// Who has come and gone: still to be published.
    pub news: Vec<Publication>,
    /// Counts the news.
    told: u64,
    /// What has changed here: still to be told to other servers.
    pub changes: Vec<ChannelChange>,
}

impl Channels {
    /// From now on the socket is heard, by the right to `object`, and `member` is present.
    ///
    /// # Errors
    /// `Invalid` when a new member finds no place.
    pub fn add(
        &mut self,
        name: &Arc<str>,
        socket: &Arc<Socket>,
        object: Option<Object>,
        member: Option<Member>,
    ) -> Result<Arc<Subscription>, Error> {
        let new_anywhere = member.as_ref().is_some_and(|member| !self.is_present(name, &member.user_id));
        if new_anywhere && self.present(name).len() >= MAX_MEMBERS {
            return Err(Error::invalid("As many are present here as there may be."));
        }
        let channel = self.channels.entry(name.clone()).or_default();
        channel.object = object;
        let user = member.as_ref().map(|member| member.user_id.clone());
        let new_here = member.as_ref().is_some_and(|member| {
            let info = member.user_info.clone();
            let present = channel.present.entry(member.user_id.clone());
            let present = present.or_insert_with(|| PresentUser { info, sockets: 0 });
            present.sockets += 1;
            present.sockets == 1
        });
        let subscription = Arc::new(Subscription::new(socket.clone(), user, self.told));
        Arc::make_mut(&mut channel.listeners).insert(socket.id, subscription.clone());
        let listeners = channel.listeners.len();
        if let Some(member) = member.as_ref().filter(|_| new_anywhere) {
            self.tell_joined(name, member, Some(socket.id));
        }
        self.changes.push(ChannelChange {
            channel: name.clone(),
            listeners,
            joined: member.filter(|_| new_here),
            left: None,
        });
        Ok(subscription)
    }

    /// The object whose right the channel rests on.
    pub fn object(&self, name: &str) -> Option<Object> {
        self.channels.get(name)?.object
    }

    pub fn remove(&mut self, name: &Arc<str>, subscription: &Subscription) {
        subscription.end();
        let Some(channel) = self.channels.get_mut(name) else { return };
        Arc::make_mut(&mut channel.listeners).swap_remove(&subscription.socket().id);
        let listeners = channel.listeners.len();
        let user = subscription.user();
        let present = user.and_then(|user| channel.present.get_mut(user));
        let left = user.filter(|_| {
            present.is_some_and(|present| {
                present.sockets -= 1;
                present.sockets == 0
            })
        });
        if let Some(user) = left {
            channel.present.shift_remove(user);
        }
        if listeners == 0 {
            self.channels.remove(name);
        }
        if let Some(user) = left.filter(|user| !self.is_present(name, user)) {
            self.tell_left(name, user);
        }
        self.changes.push(ChannelChange {
            channel: name.clone(),
            listeners,
            joined: None,
            left: left.map(str::to_owned),
        });
    }

    /// The subscriptions that are heard on the channel at this moment.
    pub fn listeners(&self, name: &str) -> Arc<Listeners> {
        self.channels.get(name).map(|channel| channel.listeners.clone()).unwrap_or_default()
    }

    /// How many are heard on the channel, on all servers.
    pub fn count(&self, name: &str) -> usize {
        let here = self.channels.get(name).map_or(0, |channel| channel.listeners.len());
        here + self.elsewhere.on(name).map(|there| there.listeners).sum::<usize>()
    }

    /// Who is present on the channel, and what is told of them: first those who are here, in the order in which they came.
    pub fn present(&self, name: &str) -> IndexMap<&str, Option<&Value>> {
        let here = self.channels.get(name).into_iter().flat_map(|channel| &channel.present);
        let here = here.map(|(user, present)| (user.as_str(), present.info.as_ref()));
        let there = self.elsewhere.on(name).flat_map(|there| &there.present);
        let mut all: IndexMap<_, _> = here.collect();
        for (user, info) in there {
            all.entry(user).or_insert(info.as_ref());
        }
        all
    }

    pub fn is_present(&self, name: &str, user: &str) -> bool {
        self.channels.get(name).is_some_and(|channel| channel.present.contains_key(user))
            || self.elsewhere.on(name).any(|there| there.present.contains_key(user))
    }

    /// Who is present, as a newcomer is told.
    pub fn presence(&self, name: &str) -> Value {
        let present = self.present(name);
        let ids: Vec<&&str> = present.keys().collect();
        json!({ "presence": { "count": ids.len(), "ids": ids, "hash": present } })
    }

    /// Channels on which somebody is heard, on whichever server.
    pub fn names(&self) -> HashSet<&str> {
        self.channels.keys().map(|name| &**name).chain(self.elsewhere.names()).collect()
    }

    /// All that there is here, for servers that know nothing of it.
    pub fn here(&self) -> Vec<ChannelChange> {
        let mut here = Vec::new();
        for (name, channel) in &self.channels {
            let change = |joined| ChannelChange {
                channel: name.clone(),
                listeners: channel.listeners.len(),
                joined,
                left: None,
            };
            here.push(change(None));
            here.extend(channel.present.iter().map(|(user, present)| {
                change(Some(Member { user_id: user.clone(), user_info: present.info.clone() }))
            }));
        }
        here
    }

    /// Takes in what has changed on another server.
    pub fn change_elsewhere(&mut self, server: &str, change: ChannelChange) {
        let name = change.channel.clone();
        let joined = change.joined.clone().filter(|member| !self.is_present(&name, &member.user_id));
        let gone = self.elsewhere.apply(server, change);
        if let Some(member) = joined {
            self.tell_joined(&name, &member, None);
        }
        for user in gone {
            if !self.is_present(&name, &user) {
                self.tell_left(&name, &user);
            }
        }
    }

    /// Forgets servers that have fallen silent.
    pub fn forget_silent(&mut self) {
        for server in self.elsewhere.silent() {
            self.replace_elsewhere(&server, Vec::new());
            self.elsewhere.forget(&server);
        }
    }

    /// Takes in all that there is on another server, in place of what was known of it.
    pub fn replace_elsewhere(&mut self, server: &str, all: Vec<ChannelChange>) {
        for change in self.elsewhere.ending(server, &all).into_iter().chain(all) {
            self.change_elsewhere(server, change);
        }
    }

    fn tell_joined(&mut self, channel: &Arc<str>, member: &Member, except: Option<SocketId>) {
        self.tell("pusher_internal:member_added", channel, member, except);
    }

    fn tell_left(&mut self, channel: &Arc<str>, user: &str) {
        let gone = Member { user_id: user.to_owned(), user_info: None };
        self.tell("pusher_internal:member_removed", channel, &gone, None);
    }

    fn tell(&mut self, event: &str, channel: &Arc<str>, member: &Member, except: Option<SocketId>) {
        self.told += 1;
        let frame = Frame::on_channel(&**channel, event, member);
        self.news.push(Publication { news: self.told, ..Publication::new(channel.clone(), &frame, except) });
    }
}
