//! The issuer's keys as last seen: looked for again when they are old or do not suffice, kept while they cannot be had.
//!
//! However many tokens wait, one look is under way at a time; what it brings, a failure too, is for all of them. It runs
//! to its end even if the request that began it is gone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::OwnedMutexGuard;

use super::jwks::KeySet;
use super::source::{Look, Pace, Source, Stamp};
use super::token::Token;
use super::{OidcError, Refusal};

/// The keys of one issuer.
#[derive(Clone)]
pub(super) struct Keys(Arc<Inner>);

struct Inner {
    source: Source,
    pace: Pace,
    /// Held during a look.
    looking: Arc<tokio::sync::Mutex<()>>,
    known: Mutex<Known>,
}

/// What is known.
#[derive(Default)]
struct Known {
    keys: Option<Arc<KeySet>>,
    stamp: Option<Stamp>,
    /// When the source last said that these are the keys.
    confirmed_at: Option<Timestamp>,
    /// When the last look began.
    looked_at: Option<Timestamp>,
    /// How many looks have ended.
    looks: u64,
    /// Why the last look failed.
    problem: Option<String>,
}

impl Keys {
    pub(super) fn new(source: Source) -> Self {
        Self(Arc::new(Inner {
            pace: source.pace(),
            source,
            looking: Arc::default(),
            known: Mutex::default(),
        }))
    }

    /// Checks the signature of a token. If the keys that are known do not suffice, those of now decide.
    pub(super) async fn verify(&self, token: &Token<'_>, now: Timestamp) -> Result<(), OidcError> {
        let keys = self.current(now).await?;
        let refusal = match keys.verify(token) {
            Ok(()) => return Ok(()),
            Err(refusal) => refusal,
        };
        // Without a `kid`, a bad signature is how a new key shows.
        let may_be_new_key = refusal == Refusal::UnknownKey
            || (refusal == Refusal::Signature && token.kid.is_none());
        if !may_be_new_key {
            return Err(refusal.into());
        }
        self.look(now, self.0.pace.unknown_key).await;
        let (newer, problem) = {
            let known = self.known();
            (known.keys.clone(), known.problem.clone())
        };
        match (newer, problem) {
            // It might be a key that was made since.
            (_, Some(problem)) => Err(unavailable(problem)),
            (Some(newer), None) if !Arc::ptr_eq(&newer, &keys) => Ok(newer.verify(token)?),
            (_, None) => Err(refusal.into()),
        }
    }

    /// The keys that are known; looks for them if there are none or they are old.
    async fn current(&self, now: Timestamp) -> Result<Arc<KeySet>, OidcError> {
        let pace = &self.0.pace;
        let (is_known, is_stale) = {
            let known = self.known();
            let is_stale = is_over(known.confirmed_at, pace.stale, now);
            (known.keys.is_some(), is_stale)
        };
        if !is_known {
            self.look(now, pace.no_keys).await;
        } else if is_stale && pace.waits {
            self.look(now, SignedDuration::ZERO).await;
        } else if is_stale && self.is_due(now, pace.unknown_key) {
            let keys = self.clone();
            if let Ok(turn) = self.0.looking.clone().try_lock_owned() {
                tokio::spawn(keys.look_in_turn(turn, now));
            }
        }
        let known = self.known();
        known.keys.clone().ok_or_else(|| {
            let problem = known.problem.clone();
            unavailable(problem.unwrap_or_else(|| "they were not looked for yet".to_owned()))
        })
    }

    /// Looks at the source, unless a look that began less than `pause` ago, or one that ends meanwhile, does as well.
    async fn look(&self, now: Timestamp, pause: SignedDuration) {
        let looks = self.known().looks;
        let turn = self.0.looking.clone().lock_owned().await;
        if self.known().looks == looks && self.is_due(now, pause) {
            // Failing means that it panicked: then nothing new is known.
            drop(tokio::spawn(self.clone().look_in_turn(turn, now)).await);
        }
    }

    async fn look_in_turn(self, _turn: OwnedMutexGuard<()>, now: Timestamp) {
        let stamp = {
            let mut known = self.known();
            known.looked_at = Some(now);
            known.stamp
        };
        let look = self.0.source.look(stamp).await;
        self.known().learn(look, now);
    }

    fn is_due(&self, now: Timestamp, pause: SignedDuration) -> bool {
        is_over(self.known().looked_at, pause, now)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn learn(&mut self, look: Result<Look, String>, now: Timestamp) {
        self.looks += 1;
        match look {
            Ok(look) => {
                if let Look::Loaded(keys, stamp) = look {
                    (self.keys, self.stamp) = (Some(Arc::new(keys)), stamp);
                }
                self.confirmed_at = Some(now);
                if self.problem.take().is_some() {
                    tracing::info!("the issuer's keys can be had again");
                }
            }
            Err(problem) => {
                // A problem that stays is said once.
                if self.problem.as_ref() != Some(&problem) {
                    let are_kept = self.keys.is_some();
                    tracing::warn!(problem, are_kept, "the issuer's keys cannot be had");
                }
                self.problem = Some(problem);
            }
        }
    }
}

/// Whether `pause` lies between two times. A clock that was set back does not make it endless.
fn is_over(since: Option<Timestamp>, pause: SignedDuration, now: Timestamp) -> bool {
    since.is_none_or(|since| now.duration_since(since).abs() >= pause)
}

/// The keys are not to be had.
pub(super) fn unavailable(cause: String) -> OidcError {
    OidcError::Unavailable {
        detail: "the keys of the token's issuer cannot be had just now; try again",
        cause,
    }
}
