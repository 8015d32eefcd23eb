//! How much each network holds of what all share, so that one leaves room for the others.

use std::collections::HashMap;
use std::net::IpAddr;

#[derive(Default)]
pub struct Networks(HashMap<IpAddr, usize>);

impl Networks {
    /// Counts one more, if the network has fewer than `most`.
    pub fn admit(&mut self, network: IpAddr, most: usize) -> bool {
        let count = self.0.get(&network).copied().unwrap_or_default();
        let admitted = count < most;
        if admitted {
            self.0.insert(network, count + 1);
        }
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
        let mut networks = Networks::default();
        let (crowded, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        assert!((0..10).all(|_| networks.admit(crowded, 10)));
        assert!(!networks.admit(crowded, 10));
        assert!(networks.admit(other, 10));
        networks.leave(crowded);
        assert!(networks.admit(crowded, 10));
        networks.leave(other);
        assert_eq!(networks.0.len(), 1, "who has left is forgotten");
    }
}
