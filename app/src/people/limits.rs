//! How often one may sign in, sign up, or ask for a mail: per address, and per account, whatever the address.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::error::{Error, Kind};
use crate::sessions::USE_NOTED_EVERY;

/// A whole office signs in from one address.
const PER_ADDRESS: (u32, Duration) = (100, Duration::from_secs(1));
const PER_ACCOUNT: (u32, Duration) = (20, Duration::from_secs(6));
/// Nobody's mailbox is filled by others.
const PER_MAILBOX: (u32, Duration) = (5, Duration::from_secs(600));
/// How often it is noted that a session is in use.
const PER_SESSION: (u32, Duration) = (1, USE_NOTED_EVERY);

type Limiter<K, C> = Arc<RateLimiter<K, DefaultKeyedStateStore<K>, C, NoOpMiddleware<<C as Clock>::Instant>>>;

#[derive(Clone)]
pub struct Limits<C: Clock = DefaultClock> {
    addresses: Limiter<IpAddr, C>,
    accounts: Limiter<String, C>,
    mailboxes: Limiter<String, C>,
    sessions: Limiter<i64, C>,
}

impl Default for Limits {
    fn default() -> Self {
        Self::by(&DefaultClock::default())
    }
}

impl<C: Clock + Clone> Limits<C> {
    /// Over the time that the clock tells.
    pub fn by(clock: &C) -> Self {
        Self {
            addresses: limiter(PER_ADDRESS, clock),
            accounts: limiter(PER_ACCOUNT, clock),
            mailboxes: limiter(PER_MAILBOX, clock),
            sessions: limiter(PER_SESSION, clock),
        }
    }

    /// Counts one try from `address` for the account with `email`.
    ///
    /// # Errors
    /// `TooOften` when either has none left for now.
    pub fn count(&self, address: IpAddr, email: &str) -> Result<(), Error> {
        self.count_address(address)?;
        self.accounts.check_key(&email.to_owned()).map_err(|_| Kind::TooOften)?;
        Ok(())
    }

    /// Counts one try from `address`, for an account that is not named.
    ///
    /// # Errors
    /// `TooOften` when it has none left for now.
    pub fn count_address(&self, address: IpAddr) -> Result<(), Error> {
        self.addresses.check_key(&address).map_err(|_| Kind::TooOften.into())
    }

    /// Counts one mail to `email`, whether or not it is anybody's.
    ///
    /// # Errors
    /// `TooOften` when there have been too many.
    pub fn count_mail(&self, email: &str) -> Result<(), Error> {
        self.mailboxes.check_key(&email.to_owned()).map_err(|_| Kind::TooOften.into())
    }

    /// Whether it is time to note that `session` is in use. Who is told so does it.
    pub fn may_note_use(&self, session: i64) -> bool {
        self.sessions.check_key(&session).is_ok()
    }

    /// Forgets whoever has all their tries again. To be called now and then, or memory grows with every address seen.
    pub fn forget_rested(&self) {
        self.addresses.retain_recent();
        self.accounts.retain_recent();
        self.mailboxes.retain_recent();
        self.sessions.retain_recent();
    }
}

/// `burst` at once, then one per `pause`.
fn limiter<K: Clone + Eq + Hash, C: Clock + Clone>((burst, pause): (u32, Duration), clock: &C) -> Limiter<K, C> {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(pause).unwrap_or_else(|| Quota::per_second(burst)).allow_burst(burst);
    Arc::new(RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock.clone()))
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn one_account_is_limited_whatever_the_address_and_others_are_not() {
        let clock = FakeRelativeClock::default();
        let limits = Limits::by(&clock);
        let address = |n: u32| IpAddr::from(n.to_be_bytes());
        for n in 0..PER_ACCOUNT.0 {
            assert_eq!(limits.count(address(n), "ada@example.org"), Ok(()));
        }
        assert_eq!(limits.count(address(999), "ada@example.org"), Err(Kind::TooOften.into()));
        assert_eq!(limits.count(address(999), "bob@example.org"), Ok(()));
        clock.advance(PER_ACCOUNT.1);
        assert_eq!(limits.count(address(999), "ada@example.org"), Ok(()));
        assert_eq!(limits.count(address(999), "ada@example.org"), Err(Kind::TooOften.into()));
    }

    #[test]
    fn one_address_is_limited_whatever_the_account() {
        let clock = FakeRelativeClock::default();
        let limits = Limits::by(&clock);
        let address = IpAddr::from([192, 0, 2, 1]);
        for n in 0..PER_ADDRESS.0 {
            assert_eq!(limits.count(address, &n.to_string()), Ok(()));
        }
        assert_eq!(limits.count(address, "another"), Err(Kind::TooOften.into()));
        clock.advance(PER_ADDRESS.1);
        assert_eq!(limits.count(address, "another"), Ok(()));
    }
}
