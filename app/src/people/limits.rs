//! How often one may sign in, sign up, or ask for a mail: per network, per account, and for each account per network.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use earshot_live::error::{Error, Kind};
use earshot_live::shares::network;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::sessions::USE_NOTED_EVERY;

/// A whole office signs in from one address.
const PER_NETWORK: (u32, Duration) = (100, Duration::from_secs(1));
/// Tries for one account from one network: nobody keeps anybody's account locked from elsewhere.
const PER_ACCOUNT_AND_NETWORK: (u32, Duration) = (20, Duration::from_secs(6));
/// Tries for one account from everywhere.
const PER_ACCOUNT: (u32, Duration) = (1_000, Duration::from_secs(1));
/// Nobody's mailbox is filled by others.
const PER_MAILBOX: (u32, Duration) = (5, Duration::from_secs(600));
/// How often it is noted that a session is in use.
const PER_SESSION: (u32, Duration) = (1, USE_NOTED_EVERY);

type Limiter<K, C> = Arc<RateLimiter<K, DefaultKeyedStateStore<K>, C, NoOpMiddleware<<C as Clock>::Instant>>>;

#[derive(Clone)]
pub struct Limits<C: Clock = DefaultClock> {
    networks: Limiter<IpAddr, C>,
    accounts_by_network: Limiter<(String, IpAddr), C>,
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
            networks: limiter(PER_NETWORK, clock),
            accounts_by_network: limiter(PER_ACCOUNT_AND_NETWORK, clock),
            accounts: limiter(PER_ACCOUNT, clock),
            mailboxes: limiter(PER_MAILBOX, clock),
            sessions: limiter(PER_SESSION, clock),
        }
    }

    /// Counts one try from `address` for the account with `email`.
    ///
    /// # Errors
    /// `TooOften` when the address, the account, or the two together have none left for now.
    pub fn count(&self, address: IpAddr, email: &str) -> Result<(), Error> {
        self.count_address(address)?;
        let key = (email.to_owned(), network(address));
        // A try that its network has no right to does not count against the account.
        self.accounts_by_network.check_key(&key).map_err(|_| Kind::TooOften)?;
        self.accounts.check_key(&key.0).map_err(|_| Kind::TooOften.into())
    }

    /// Counts one try from `address`, for an account that is not named.
    ///
    /// # Errors
    /// `TooOften` when it has none left for now.
    pub fn count_address(&self, address: IpAddr) -> Result<(), Error> {
        self.networks.check_key(&network(address)).map_err(|_| Kind::TooOften.into())
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
        self.networks.retain_recent();
        self.accounts_by_network.retain_recent();
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

    fn limits() -> (Limits<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Limits::by(&clock), clock)
    }

    fn address(n: u32) -> IpAddr {
        IpAddr::from(n.to_be_bytes())
    }

    #[test]
    fn who_guesses_at_an_account_does_not_lock_it_elsewhere() {
        let (limits, _clock) = limits();
        let guesses = |count| (0..count).filter(|_| limits.count(address(1), "ada@example.org").is_ok()).count();
        assert_eq!(guesses(PER_ACCOUNT.0), PER_ACCOUNT_AND_NETWORK.0 as usize);
        assert_eq!(limits.count(address(2), "ada@example.org"), Ok(()));
        assert_eq!(limits.count(address(1), "bob@example.org"), Err(Kind::TooOften.into()));
    }

    #[test]
    fn one_account_is_limited_whatever_the_address_and_others_are_not() {
        let (limits, clock) = limits();
        for n in 0..PER_ACCOUNT.0 {
            assert_eq!(limits.count(address(n), "ada@example.org"), Ok(()));
        }
        assert_eq!(limits.count(address(9_999), "ada@example.org"), Err(Kind::TooOften.into()));
        assert_eq!(limits.count(address(9_999), "bob@example.org"), Ok(()));
        clock.advance(PER_ACCOUNT.1);
        assert_eq!(limits.count(address(9_999), "ada@example.org"), Ok(()));
        assert_eq!(limits.count(address(9_999), "ada@example.org"), Err(Kind::TooOften.into()));
    }

    #[test]
    fn one_network_is_limited_whatever_the_account_and_the_address_in_it() {
        let (limits, clock) = limits();
        let address = |n: u32| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, n as u16]);
        for n in 0..PER_NETWORK.0 {
            assert_eq!(limits.count(address(n), &n.to_string()), Ok(()));
        }
        assert_eq!(limits.count(address(999), "another"), Err(Kind::TooOften.into()));
        assert_eq!(limits.count([0x2001, 0xdb8, 0, 2, 0, 0, 0, 1].into(), "another"), Ok(()));
        clock.advance(PER_NETWORK.1);
        assert_eq!(limits.count(address(999), "another"), Ok(()));
    }

    #[test]
    fn an_address_of_ipv4_is_one_in_either_form() {
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), IpAddr::from([192, 0, 2, 1]));
    }
}
