//! The places for connections. A network has a quarter of them at most: whoever fills those leaves the others theirs.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use app::people::limits::network;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::networks::Networks;
use crate::proxies::Proxies;

pub struct Places {
    all: Arc<Semaphore>,
    per_network: usize,
    networks: Arc<Mutex<Networks>>,
    /// They bring everyone's connections.
    proxies: Proxies,
}

/// One that is taken, until it is dropped.
pub struct Place {
    _one_of_all: OwnedSemaphorePermit,
    of_network: Option<(IpAddr, Arc<Mutex<Networks>>)>,
}

impl Places {
    pub fn new(count: usize, proxies: Proxies) -> Self {
        let (all, per_network) = (Arc::new(Semaphore::new(count)), (count / 4).max(1));
        Self { all, per_network, networks: Arc::default(), proxies }
    }

    /// Waits until there is a place for whoever comes next.
    pub async fn free(&self) -> Option<OwnedSemaphorePermit> {
        self.all.clone().acquire_owned().await.ok()
    }

    /// The place for a connection from there, if its network has not all of its own.
    pub fn take(&self, free: OwnedSemaphorePermit, from: IpAddr) -> Option<Place> {
        if self.proxies.contain(from) {
            return Some(Place { _one_of_all: free, of_network: None });
        }
        let network = network(from);
        let admitted = self.networks.lock().unwrap_or_else(PoisonError::into_inner).admit(network, self.per_network);
        admitted.then(|| Place { _one_of_all: free, of_network: Some((network, self.networks.clone())) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((network, networks)) = &self.of_network {
            networks.lock().unwrap_or_else(PoisonError::into_inner).leave(*network);
        }
    }
}
