//! What a new token may do, and until when: never more than the credentials by which it is made.

use jiff::{SignedDuration, Timestamp};

use crate::model::Scopes;
use crate::store::Caller;

/// The longest life of a token that expires, in days.
const MOST_DAYS: u16 = 3_650;

/// What a token may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What it may do.
    pub scopes: Scopes,
    /// When it stops being valid by itself; none: never.
    pub expires_at: Option<Timestamp>,
}

/// Why a token is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotGranted {
    /// It could do nothing.
    #[error("scopes names at least one of sync, read and write")]
    NoScope,
    /// Not from 1 to `MOST_DAYS`.
    #[error("expires_in_days is a number from 1 to {MOST_DAYS}")]
    Days,
    /// It could do more than who makes it.
    #[error("a token cannot make one that may more than itself: it may {0}")]
    MayMore(Scopes),
    /// It would be valid after who makes it is not.
    #[error("a token cannot make one that lives longer than itself: it expires at {0}")]
    LivesLonger(Timestamp),
}

impl NotGranted {
    /// Whether somebody with other credentials would get it.
    #[must_use]
    pub fn is_forbidden(self) -> bool {
        matches!(self, Self::MayMore(_) | Self::LivesLonger(_))
    }
}

impl Caller {
    /// What a token with these scopes may be given that is valid for so many days from `now`. Without days it is valid as
    /// long as the credentials of the caller.
    ///
    /// # Errors
    /// When it makes no sense, or goes beyond what the caller may.
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
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(NotGranted::Days);
    }
    now.checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .map_err(|_| NotGranted::Days)
}
