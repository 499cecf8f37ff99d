//! The cache of the issuer's keys: reloaded when they are stale or a key is unknown, and kept while
//! the issuer is unavailable.
//!
//! Only one reload runs at a time, and its result, also a failure, serves all waiting requests. It
//! continues even if the request that started it is gone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::OwnedMutexGuard;

use super::jwks::KeySet;
use super::source::{Loaded, Pace, Source, Stamp};
use super::token::Token;
use super::{OidcError, Refusal};

#[derive(Clone)]
pub(super) struct Keys(Arc<Inner>);

struct Inner {
    source: Source,
    pace: Pace,
    /// Held during a reload.
    reloading: Arc<tokio::sync::Mutex<()>>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: Option<Arc<KeySet>>,
    stamp: Option<Stamp>,
    /// When the source last confirmed these keys.
    confirmed_at: Option<Timestamp>,
    /// When the last reload began.
    reloaded_at: Option<Timestamp>,
    /// How many reloads have ended.
    reloads: u64,
    /// Why the last reload failed.
    problem: Option<String>,
}

impl Keys {
    pub(super) fn new(source: Source) -> Self {
        Self(Arc::new(Inner {
            pace: source.pace(),
            source,
            reloading: Arc::default(),
            known: Mutex::default(),
        }))
    }

    /// Verifies the signature of a token, with reloaded keys if the cached ones do not suffice.
    pub(super) async fn verify(&self, token: &Token<'_>, now: Timestamp) -> Result<(), OidcError> {
        let keys = self.current(now).await?;
        let refusal = match keys.verify(token) {
            Ok(()) => return Ok(()),
            Err(refusal) => refusal,
        };
        // Without a `kid`, a wrong signature may mean a new key.
        let may_be_new_key = refusal == Refusal::UnknownKey
            || (refusal == Refusal::Signature && token.kid.is_none());
        if !may_be_new_key {
            return Err(refusal.into());
        }
        self.reload(now, self.0.pace.unknown_key).await;
        let (newer, problem) = {
            let known = self.known();
            (known.keys.clone(), known.problem.clone())
        };
        match (newer, problem) {
            // The token may be signed with a newer key.
            (_, Some(problem)) => Err(unavailable(problem)),
            (Some(newer), None) if !Arc::ptr_eq(&newer, &keys) => Ok(newer.verify(token)?),
            (_, None) => Err(refusal.into()),
        }
    }

    /// The cached keys, reloaded if there are none or they are stale.
    async fn current(&self, now: Timestamp) -> Result<Arc<KeySet>, OidcError> {
        let pace = &self.0.pace;
        let (is_known, is_stale) = {
            let known = self.known();
            let is_stale = is_over(known.confirmed_at, pace.stale, now);
            (known.keys.is_some(), is_stale)
        };
        if !is_known {
            self.reload(now, pace.no_keys).await;
        } else if is_stale && pace.waits {
            self.reload(now, SignedDuration::ZERO).await;
        } else if is_stale && self.is_due(now, pace.unknown_key) {
            let keys = self.clone();
            if let Ok(turn) = self.0.reloading.clone().try_lock_owned() {
                tokio::spawn(keys.reload_in_turn(turn, now));
            }
        }
        let known = self.known();
        known.keys.clone().ok_or_else(|| {
            let problem = known.problem.clone();
            unavailable(problem.unwrap_or_else(|| "they have not been loaded yet".to_owned()))
        })
    }

    /// Reloads the keys, unless the last reload began less than `pause` ago, or another one ends
    /// while this one waits.
    async fn reload(&self, now: Timestamp, pause: SignedDuration) {
        let reloads = self.known().reloads;
        let turn = self.0.reloading.clone().lock_owned().await;
        if self.known().reloads == reloads && self.is_due(now, pause) {
            // A join error means that the reload panicked; then the keys stay as they are.
            drop(tokio::spawn(self.clone().reload_in_turn(turn, now)).await);
        }
    }

    async fn reload_in_turn(self, _turn: OwnedMutexGuard<()>, now: Timestamp) {
        let stamp = {
            let mut known = self.known();
            known.reloaded_at = Some(now);
            known.stamp
        };
        let loaded = self.0.source.load(stamp).await;
        self.known().update(loaded, now);
    }

    fn is_due(&self, now: Timestamp, pause: SignedDuration) -> bool {
        is_over(self.known().reloaded_at, pause, now)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn update(&mut self, loaded: Result<Loaded, String>, now: Timestamp) {
        self.reloads += 1;
        match loaded {
            Ok(loaded) => {
                if let Loaded::Keys(keys, stamp) = loaded {
                    (self.keys, self.stamp) = (Some(Arc::new(keys)), stamp);
                }
                self.confirmed_at = Some(now);
                if self.problem.take().is_some() {
                    tracing::info!("the issuer's keys are available again");
                }
            }
            Err(problem) => {
                // Log a persistent problem once.
                if self.problem.as_ref() != Some(&problem) {
                    let has_cached_keys = self.keys.is_some();
                    tracing::warn!(
                        problem,
                        has_cached_keys,
                        "the issuer's keys are unavailable"
                    );
                }
                self.problem = Some(problem);
            }
        }
    }
}

/// Whether `pause` has passed. The absolute difference, so that a clock that is set back does not
/// make it endless.
fn is_over(since: Option<Timestamp>, pause: SignedDuration, now: Timestamp) -> bool {
    since.is_none_or(|since| now.duration_since(since).abs() >= pause)
}

pub(super) fn unavailable(cause: String) -> OidcError {
    OidcError::Unavailable {
        detail: "the keys of the token's issuer are unavailable; try again",
        cause,
    }
}
