//! What is known of channels on other servers: how many are heard there, and who is present.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use earshot_live::pusher::frame::Member;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::limits::PEER_TIMEOUT;

/// What has changed on a channel of one server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChannelChange {
    pub channel: Arc<str>,
    /// How many sockets are heard there now.
    pub listeners: usize,
    /// Who is present there and was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Member>,
    /// The user who was present there and is not any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
}

#[derive(Default)]
pub struct There {
    pub listeners: usize,
    pub present: IndexMap<String, Option<Value>>,
}

/// Another server.
struct Peer {
    /// When it was heard last.
    heard: Instant,
    channels: HashMap<Arc<str>, There>,
}

/// The other servers, by their names.
#[derive(Default)]
pub struct Elsewhere(HashMap<String, Peer>);

impl Elsewhere {
    /// Notes that the server lives. Whether nothing was known of it.
    pub fn heard(&mut self, server: &str) -> bool {
        let heard = Instant::now();
        if let Some(peer) = self.0.get_mut(server) {
            peer.heard = heard;
            return false;
        }
        self.0.insert(server.to_owned(), Peer { heard, channels: HashMap::new() }).is_none()
    }

    /// Servers that have not been heard for long.
    pub fn silent(&self) -> Vec<String> {
        let silent = self.0.iter().filter(|(_, peer)| peer.heard.elapsed() > PEER_TIMEOUT);
        silent.map(|(server, _)| server.clone()).collect()
    }

    pub fn forget(&mut self, server: &str) {
        self.0.remove(server);
    }

    /// The channel as it is on each server that has it.
    pub fn on(&self, channel: &str) -> impl Iterator<Item = &There> {
        self.0.values().filter_map(move |peer| peer.channels.get(channel))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.values().flat_map(|peer| peer.channels.keys()).map(|name| &**name)
    }

    /// Takes it in, and returns who has gone by it: with the last listener everyone. What is said of a server that is not known
    /// is no part of anything.
    pub fn apply(
        &mut self,
        server: &str,
        ChannelChange { channel, listeners, joined, left }: ChannelChange,
    ) -> Vec<String> {
        let Some(Peer { channels, .. }) = self.0.get_mut(server) else { return Vec::new() };
        let there = channels.entry(channel.clone()).or_default();
        there.listeners = listeners;
        there.present.extend(joined.map(|member| (member.user_id, member.user_info)));
        if listeners == 0 {
            return channels.remove(&channel).into_iter().flat_map(|there| there.present.into_keys()).collect();
        }
        left.into_iter().filter(|user| there.present.shift_remove(user).is_some()).collect()
    }

    /// What ends on the server when there is nothing any more but `all`.
    pub fn ending(&self, server: &str, all: &[ChannelChange]) -> Vec<ChannelChange> {
        let stays: HashSet<(&str, Option<&str>)> = all.iter().map(|change| (&*change.channel, change.user())).collect();
        let mut ending = Vec::new();
        for (channel, there) in self.0.get(server).into_iter().flat_map(|peer| &peer.channels) {
            let end = |listeners, left| ChannelChange { channel: channel.clone(), listeners, joined: None, left };
            let gone = there.present.keys().filter(|user| !stays.contains(&(&**channel, Some(user))));
            ending.extend(gone.map(|user| end(there.listeners, Some(user.clone()))));
            if !stays.contains(&(&**channel, None)) {
                ending.push(end(0, None));
            }
        }
        ending
    }
}

impl ChannelChange {
    fn user(&self) -> Option<&str> {
        self.joined.as_ref().map(|member| member.user_id.as_str())
    }
}
