//! The scopes and the expiry of a new token, which never exceed those of its creator.

use jiff::{SignedDuration, Timestamp};

use crate::model::Scopes;
use crate::store::Caller;

/// The longest life of a token that expires, in days.
const MAX_DAYS: u16 = 3_650;

/// What a new token gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What it allows.
    pub scopes: Scopes,
    /// When it expires; `None` if it does not.
    pub expires_at: Option<Timestamp>,
}

/// Why a token is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotGranted {
    /// It has no scope.
    #[error("scopes names at least one of sync, read and write")]
    NoScope,
    /// The number of days is out of range.
    #[error("expires_in_days is a number from 1 to {MAX_DAYS}")]
    Days,
    /// It has a scope that its creator does not have.
    #[error("a token cannot make one that may more than itself: it may {0}")]
    MayMore(Scopes),
    /// It would expire after its creator's credentials.
    #[error("a token cannot make one that lives longer than itself: it expires at {0}")]
    LivesLonger(Timestamp),
}

impl NotGranted {
    /// Whether other credentials could create it.
    #[must_use]
    pub fn is_forbidden(self) -> bool {
        matches!(self, Self::MayMore(_) | Self::LivesLonger(_))
    }
}

impl Caller {
    /// A grant with these scopes for so many days from `now`, or, without days, for as long as the
    /// caller's credentials are valid.
    ///
    /// # Errors
    /// When it is invalid, or exceeds the caller's credentials.
    pub fn grant(
        &self,
        scopes: Scopes,
        days: Option<u16>,
        now: Timestamp,
    ) -> Result<Grant, NotGranted> {
        if scopes.iter().next().is_none() {
            return Err(NotGranted::NoScope);
        }
        if !self.scopes.holds(scopes) {
            return Err(NotGranted::MayMore(self.scopes));
        }
        let wanted = days.map(|days| expiry(days, now)).transpose()?;
        match (wanted, self.expires_at) {
            (Some(wanted), Some(own)) if wanted > own => Err(NotGranted::LivesLonger(own)),
            (wanted, own) => Ok(Grant {
                scopes,
                expires_at: wanted.or(own),
            }),
        }
    }
}

fn expiry(days: u16, now: Timestamp) -> Result<Timestamp, NotGranted> {
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(NotGranted::Days);
    }
    now.checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .map_err(|_| NotGranted::Days)
}
