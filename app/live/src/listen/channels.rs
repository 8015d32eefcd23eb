//! Who on this page listens to what, and how far each has got. Nothing here knows of sockets or browsers.

use std::collections::BTreeMap;

use crate::listen::Actions;
use crate::object::{Notice, Object};

/// Tells one [`Listener`] of a page from the others.
pub type ListenerId = u64;

/// One mounted `Listen`.
pub struct Listener {
    /// By which it is taken off again.
    pub id: ListenerId,
    /// What it listens to.
    pub object: Object,
    /// The number of the last notice that this listener has seen, or that its page was rendered with.
    pub seq: i64,
    /// What runs for what happens.
    pub actions: Actions,
}

/// A channel lives as long as somebody listens.
#[derive(Default)]
pub struct Channels {
    listeners: BTreeMap<Object, Vec<Listener>>,
}

impl Channels {
    /// Whether the listener is the first on its channel.
    pub fn add(&mut self, listener: Listener) -> bool {
        let channel = self.listeners.entry(listener.object).or_default();
        channel.push(listener);
        channel.len() == 1
    }

    /// The channel that nobody listens to any more, if the listener was the last on it.
    pub fn remove(&mut self, id: ListenerId) -> Option<Object> {
        let (object, channel) = self.listeners.iter_mut().find(|(_, channel)| channel.iter().any(|l| l.id == id))?;
        let object = *object;
        channel.retain(|listener| listener.id != id);
        if !channel.is_empty() {
            return None;
        }
        self.listeners.remove(&object);
        Some(object)
    }

    /// Everything that somebody listens to.
    pub fn objects(&self) -> impl Iterator<Item = Object> {
        self.listeners.keys().copied()
    }

    /// Whether somebody has not seen number `seq`. Who is further than the object ever was has seen another database.
    pub fn behind(&self, object: Object, seq: i64) -> bool {
        self.listeners.get(&object).into_iter().flatten().any(|listener| listener.seq != seq)
    }

    /// The number from which everyone on the channel has caught up.
    pub fn lowest(&self, object: Object) -> Option<i64> {
        self.listeners.get(&object)?.iter().map(|listener| listener.seq).min()
    }

    /// The number that the furthest listener on the channel has reached.
    pub fn highest(&self, object: Object) -> i64 {
        self.listeners.get(&object).into_iter().flatten().map(|listener| listener.seq).max().unwrap_or(0)
    }

    /// Gives a notice to everyone for whom it is next in line; an old one is ignored. Whether somebody has missed what came
    /// before it.
    pub fn hear(&mut self, notice: &Notice) -> bool {
        let number = notice.reference.seq;
        let mut missed = false;
        for listener in self.listeners.get_mut(&notice.object).into_iter().flatten() {
            if listener.seq.checked_add(1) == Some(number) {
                listener.seq = number;
                listener.actions.run(notice);
            }
            missed |= listener.seq < number;
        }
        missed
    }

    /// Whoever is not at number `seq` reads everything anew, and goes on from there.
    pub fn start_again(&mut self, object: Object, seq: i64) {
        for listener in self.listeners.get_mut(&object).into_iter().flatten().filter(|listener| listener.seq != seq) {
            listener.seq = seq;
            listener.actions.read_afresh();
        }
    }

    /// Whoever shows the object reads it anew, as when nobody may hear it any more: what is left is found out.
    pub fn afresh(&self, object: Object) {
        self.listeners.get(&object).into_iter().flatten().for_each(|listener| listener.actions.read_afresh());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::object::Reference;
    use crate::testing::{MESSAGE, POSTED, ROOM};
    use crate::timestamp::Timestamp;

    const HERE: Object = ROOM.object(7);

    type Log = Arc<Mutex<Vec<i64>>>;

    /// What stands in the log when everything was read anew.
    const AFRESH: i64 = -1;

    fn notice(seq: i64) -> Notice {
        let reference = Reference { entity: MESSAGE, id: seq * 10, seq, changed: Timestamp(0), by: "Ada".into() };
        Notice { object: HERE, action: POSTED, reference }
    }

    fn listener(id: ListenerId, seq: i64) -> (Listener, Log) {
        let log = Log::default();
        let (heard, afresh) = (log.clone(), log.clone());
        let hear = move |notice: &Notice| heard.lock().unwrap().push(notice.reference.seq);
        let actions = Actions::new(move || afresh.lock().unwrap().push(AFRESH)).on(POSTED, hear);
        (Listener { id, object: HERE, seq, actions }, log)
    }

    #[test]
    fn a_channel_opens_with_its_first_listener_and_closes_with_its_last() {
        let mut channels = Channels::default();
        assert!(channels.add(listener(1, 0).0));
        assert!(!channels.add(listener(2, 0).0));
        assert_eq!(channels.remove(1), None);
        assert_eq!(channels.remove(2), Some(HERE));
        assert_eq!(channels.remove(2), None);
        assert_eq!(channels.objects().count(), 0);
    }

    #[test]
    fn the_next_in_line_runs_an_old_one_is_ignored_and_a_gap_is_reported() {
        let mut channels = Channels::default();
        let (listener, log) = listener(1, 40);
        channels.add(listener);
        assert!(!channels.hear(&notice(41)));
        assert!(!channels.hear(&notice(41)));
        assert!(channels.hear(&notice(43)));
        assert_eq!(channels.lowest(HERE), Some(41));
        assert!(!channels.hear(&notice(42)));
        assert!(!channels.hear(&notice(43)));
        assert_eq!(*log.lock().unwrap(), [41, 42, 43]);
    }

    #[test]
    fn listeners_on_one_channel_catch_up_each_from_where_they_are() {
        let mut channels = Channels::default();
        let (early, early_log) = listener(1, 2);
        let (late, late_log) = listener(2, 4);
        channels.add(early);
        channels.add(late);
        assert_eq!(channels.highest(HERE), 4);
        assert_eq!(channels.lowest(HERE), Some(2));
        assert!(channels.behind(HERE, 5));
        for seq in 3..=5 {
            channels.hear(&notice(seq));
        }
        assert_eq!(*early_log.lock().unwrap(), [3, 4, 5]);
        assert_eq!(*late_log.lock().unwrap(), [5]);
        assert!(!channels.behind(HERE, 5));
    }

    #[test]
    fn who_is_too_far_behind_reads_everything_anew_and_goes_on() {
        let mut channels = Channels::default();
        let (early, early_log) = listener(1, 2);
        let (there, there_log) = listener(2, 90);
        channels.add(early);
        channels.add(there);
        channels.start_again(HERE, 90);
        assert!(!channels.hear(&notice(91)));
        assert_eq!(*early_log.lock().unwrap(), [AFRESH, 91]);
        assert_eq!(*there_log.lock().unwrap(), [91]);
    }

    #[test]
    fn who_has_reached_the_largest_number_hears_nothing_more_and_misses_nothing() {
        let mut channels = Channels::default();
        let (last, log) = listener(1, i64::MAX);
        channels.add(last);
        let before = Notice { reference: Reference { seq: i64::MAX, ..notice(1).reference }, ..notice(1) };
        assert!(!channels.hear(&before));
        assert_eq!(*log.lock().unwrap(), [0; 0]);
    }
}
