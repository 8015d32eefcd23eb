//! The places for connections. A network has a quarter of them at most: whoever fills those leaves the others theirs.

use std::net::IpAddr;
use std::sync::Arc;

use earshot_live::shares::{Share, Shares, network};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::proxies::Proxies;

pub struct Places {
    all: Arc<Semaphore>,
    per_network: usize,
    networks: Shares<IpAddr>,
    /// They bring everyone's connections.
    proxies: Proxies,
}

/// One that is taken, until it is dropped.
pub struct Place {
    _one_of_all: OwnedSemaphorePermit,
    _of_network: Option<Share<IpAddr>>,
}

impl Places {
    pub fn new(count: usize, proxies: Proxies) -> Self {
        let (all, per_network) = (Arc::new(Semaphore::new(count)), (count / 4).max(1));
        Self { all, per_network, networks: Shares::default(), proxies }
    }

    /// Waits until there is a place for whoever comes next.
    pub async fn free(&self) -> Option<OwnedSemaphorePermit> {
        self.all.clone().acquire_owned().await.ok()
    }

    /// The place for a connection from there, if its network has not all of its own.
    pub fn take(&self, free: OwnedSemaphorePermit, from: IpAddr) -> Option<Place> {
        if self.proxies.contain(from) {
            return Some(Place { _one_of_all: free, _of_network: None });
        }
        let share = self.networks.take(network(from), self.per_network)?;
        Some(Place { _one_of_all: free, _of_network: Some(share) })
    }
}
