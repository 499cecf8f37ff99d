//! Rate limits of a token, a user or an address.
//!
//! Each may use a minute's allowance at once, and it refills evenly (the "generic cell rate
//! algorithm"). A request that costs more than a whole allowance uses all of it; the crate
//! `governor` would always refuse it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::address::Address;
use crate::config::Settings;
use crate::metrics;

/// The time in which an allowance refills.
const MINUTE: Duration = Duration::from_secs(60);

/// The part of an address's allowance that failed authentications may use.
const FAILURES: u32 = 10;

/// Too many requests; the seconds to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany(pub(crate) u64);

/// The limits of the server; 0 in the settings disables one.
pub struct RateLimits {
    token: Option<Limiter<Uuid>>,
    address: Option<Limiter<Address>>,
    failures: Option<Limiter<Address>>,
}

impl RateLimits {
    /// Creates the limits.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let per_address = settings.rate_limit_address.get();
        Self {
            token: Limiter::new(settings.rate_limit_token.get()),
            address: Limiter::new(per_address),
            failures: Limiter::new(per_address.div_ceil(FAILURES)),
        }
    }

    /// Counts a request of `cost` against an address.
    ///
    /// # Errors
    /// When the allowance is insufficient; then nothing is counted.
    pub(crate) fn address(&self, address: Address, cost: u32) -> Result<(), TooMany> {
        take(self.address.as_ref(), address, cost, "address")
    }

    /// Counts a request of `cost` against a token or a user.
    ///
    /// # Errors
    /// When the allowance is insufficient; then nothing is counted.
    pub(crate) fn token(&self, key: Uuid, cost: u32) -> Result<(), TooMany> {
        take(self.token.as_ref(), key, cost, "token")
    }

    /// Counts a failed authentication against an address, in addition to the request. Other clients
    /// at the address are not refused because of it.
    ///
    /// # Errors
    /// When there were too many of these.
    pub(crate) fn failed_authentication(&self, address: Address) -> Result<(), TooMany> {
        take(self.failures.as_ref(), address, 1, "address")
    }
}

fn take<K: Copy + Eq + Hash>(
    limiter: Option<&Limiter<K>>,
    key: K,
    cost: u32,
    kind: &'static str,
) -> Result<(), TooMany> {
    let taken = limiter.map_or(Ok(()), |limiter| limiter.take(key, cost, Instant::now()));
    taken.map_err(|wait| {
        metrics::rate_limited(kind);
        TooMany(whole_seconds(wait))
    })
}

/// Seconds for `Retry-After`, rounded up.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// The allowances by key.
struct Limiter<K> {
    /// The time in which the allowance of one request refills.
    each: Duration,
    state: Mutex<State<K>>,
}

struct State<K> {
    /// When an allowance is full again. A full one is not stored.
    full_at: HashMap<K, Instant>,
    /// When full allowances are deleted next.
    forget_at: Instant,
}

impl<K: Copy + Eq + Hash> Limiter<K> {
    fn new(per_minute: u32) -> Option<Self> {
        let state = State {
            full_at: HashMap::new(),
            forget_at: Instant::now() + MINUTE,
        };
        (per_minute > 0).then(|| Self {
            each: MINUTE / per_minute,
            state: Mutex::new(state),
        })
    }

    /// Uses `cost` requests of an allowance, or returns the time to wait. A higher cost than the
    /// whole allowance uses all of it.
    fn take(&self, key: K, cost: u32, now: Instant) -> Result<(), Duration> {
        let mut state = self.state(now);
        let full_at = state.full_at(&key, now) + (self.each * cost).min(MINUTE);
        let wait = full_at.saturating_duration_since(now + MINUTE);
        if !wait.is_zero() {
            return Err(wait);
        }
        state.full_at.insert(key, full_at);
        Ok(())
    }

    /// Returns the allowances, and deletes full ones from time to time.
    fn state(&self, now: Instant) -> MutexGuard<'_, State<K>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.forget_at <= now {
            state.full_at.retain(|_, full_at| *full_at > now);
            state.full_at.shrink_to_fit();
            state.forget_at = now + MINUTE;
        }
        state
    }
}

impl<K: Eq + Hash> State<K> {
    fn full_at(&self, key: &K, now: Instant) -> Instant {
        self.full_at
            .get(key)
            .map_or(now, |full_at| now.max(*full_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A limit of one request a second.
    fn limiter() -> (Limiter<char>, Instant) {
        (Limiter::new(60).expect("a limit"), Instant::now())
    }

    #[test]
    fn a_minutes_allowance_may_be_used_at_once_and_grows_back() {
        let (limiter, now) = limiter();
        for _ in 0..60 {
            assert_eq!(limiter.take('a', 1, now), Ok(()));
        }
        assert_eq!(limiter.take('a', 1, now), Err(SECOND));
        assert_eq!(limiter.take('b', 60, now), Ok(()), "another's allowance");
        assert_eq!(limiter.take('a', 1, now + SECOND), Ok(()));
        assert_eq!(limiter.take('a', 2, now + SECOND), Err(2 * SECOND));
        assert_eq!(limiter.take('a', 60, now + 2 * MINUTE), Ok(()));
    }

    #[test]
    fn zero_is_no_limit_and_one_a_minute_still_allows_what_costs_two() {
        assert!(Limiter::<char>::new(0).is_none());
        let limiter = Limiter::new(1).expect("a limit");
        let now = Instant::now();
        assert_eq!(limiter.take('a', 2, now), Ok(()));
        assert_eq!(limiter.take('a', 1, now), Err(MINUTE));
    }

    #[test]
    fn allowances_that_are_full_are_forgotten() {
        let (limiter, now) = limiter();
        for key in 'a'..='z' {
            assert_eq!(limiter.take(key, 1, now), Ok(()));
        }
        assert_eq!(limiter.take('A', 60, now + MINUTE), Ok(()));
        let kept = |now| limiter.state(now).full_at.len();
        assert_eq!(kept(now + MINUTE + 30 * SECOND), 1, "no more than A's");
        assert_eq!(kept(now + 4 * MINUTE), 0);
    }

    #[test]
    fn retry_after_is_rounded_up() {
        let seconds = [1, 999, 1000, 1001].map(|ms| whole_seconds(Duration::from_millis(ms)));
        assert_eq!(seconds, [1, 1, 1, 2]);
    }
}
