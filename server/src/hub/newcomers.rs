//! Sockets on which nobody has signed for anything yet, by the network they come from. The key is public: who has nothing but
//! the key leaves room for the others.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::hub::limits::MAX_NEWCOMERS_PER_NETWORK;

#[derive(Default)]
pub struct Newcomers(HashMap<IpAddr, usize>);

impl Newcomers {
    /// Counts one more, if the network has room for it.
    pub fn admit(&mut self, network: IpAddr) -> bool {
        let count = self.0.entry(network).or_default();
        let admitted = *count < MAX_NEWCOMERS_PER_NETWORK;
        *count += usize::from(admitted);
        admitted
    }

    pub fn leave(&mut self, network: IpAddr) {
        if let Some(count) = self.0.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_fills_its_own_room_and_no_others() {
        let mut newcomers = Newcomers::default();
        let (crowded, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        assert!((0..MAX_NEWCOMERS_PER_NETWORK).all(|_| newcomers.admit(crowded)));
        assert!(!newcomers.admit(crowded));
        assert!(newcomers.admit(other));
        newcomers.leave(crowded);
        assert!(newcomers.admit(crowded));
        newcomers.leave(other);
        assert_eq!(newcomers.0.len(), 1, "who has left is forgotten");
    }
}
