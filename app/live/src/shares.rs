//! What all have in common, counted for each who takes of it, so that one leaves room for the others; server only.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How much each taker has, of those who have any.
#[derive(Clone)]
pub struct Shares<K>(Arc<Mutex<HashMap<K, usize>>>);

/// One that is taken. It is given back when this is dropped.
pub struct Share<K: Eq + Hash> {
    taker: K,
    of: Shares<K>,
}

impl<K> Default for Shares<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Clone + Eq + Hash> Shares<K> {
    /// One more for `taker`, who may have `most` at a time.
    pub fn take(&self, taker: K, most: usize) -> Option<Share<K>> {
        let mut taken = self.taken();
        let count = taken.get(&taker).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        taken.insert(taker.clone(), count + 1);
        Some(Share { taker, of: self.clone() })
    }
}

impl<K> Shares<K> {
    fn taken(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        // A panic while it was held would be a bug elsewhere; the numbers are still good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut taken = self.of.taken();
        if let Some(count) = taken.get_mut(&self.taker) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.taker);
            }
        }
    }
}

/// What counts as one address: who has IPv6 has a network of 2^64 addresses (RFC 6177).
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_taker_fills_its_own_share_and_no_others() {
        let shares = Shares::default();
        let mut crowded: Vec<Share<&str>> = (0..10).filter_map(|_| shares.take("crowded", 10)).collect();
        assert_eq!(crowded.len(), 10);
        assert!(shares.take("crowded", 10).is_none());
        assert!(shares.take("other", 10).is_some());
        assert_eq!(shares.taken().len(), 1, "who has given all back is forgotten");
        crowded.pop();
        assert!(shares.take("crowded", 10).is_some());
    }
}
