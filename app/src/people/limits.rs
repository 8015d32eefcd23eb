//! How often one may sign in or sign up: per address, and per account, whatever the address.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota};

use crate::error::{Error, Kind};

/// A whole office signs in from one address.
const PER_ADDRESS: (u32, Duration) = (100, Duration::from_secs(1));
const PER_ACCOUNT: (u32, Duration) = (20, Duration::from_secs(6));

#[derive(Clone)]
pub struct Limits {
    addresses: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    accounts: Arc<DefaultKeyedRateLimiter<String>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            addresses: Arc::new(DefaultKeyedRateLimiter::keyed(quota(PER_ADDRESS))),
            accounts: Arc::new(DefaultKeyedRateLimiter::keyed(quota(PER_ACCOUNT))),
        }
    }
}

impl Limits {
    /// Counts one try from `address` for the account with `email`.
    ///
    /// # Errors
    /// `TooOften` when either has none left for now.
    pub fn count(&self, address: IpAddr, email: &str) -> Result<(), Error> {
        self.addresses.check_key(&address).map_err(|_| Kind::TooOften)?;
        self.accounts.check_key(&email.to_owned()).map_err(|_| Kind::TooOften)?;
        Ok(())
    }

    /// Forgets whoever has all their tries again. To be called now and then, or memory grows with every address seen.
    pub fn forget_rested(&self) {
        self.addresses.retain_recent();
        self.accounts.retain_recent();
    }
}

/// `burst` at once, then one per `pause`.
fn quota((burst, pause): (u32, Duration)) -> Quota {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    Quota::with_period(pause).unwrap_or_else(|| Quota::per_second(burst)).allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_is_limited_whatever_the_address_and_others_are_not() {
        let limits = Limits::default();
        let address = |n: u32| IpAddr::from(n.to_be_bytes());
        for n in 0..PER_ACCOUNT.0 {
            assert_eq!(limits.count(address(n), "ada@example.org"), Ok(()));
        }
        assert_eq!(limits.count(address(999), "ada@example.org"), Err(Kind::TooOften.into()));
        assert_eq!(limits.count(address(999), "bob@example.org"), Ok(()));
    }

    #[test]
    fn one_address_is_limited_whatever_the_account() {
        let limits = Limits::default();
        let address = IpAddr::from([192, 0, 2, 1]);
        for n in 0..PER_ADDRESS.0 {
            assert_eq!(limits.count(address, &n.to_string()), Ok(()));
        }
        assert_eq!(limits.count(address, "another"), Err(Kind::TooOften.into()));
    }
}
