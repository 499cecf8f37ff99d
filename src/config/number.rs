//! Whole numbers with bounds.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Number<const MIN: u64, const MAX: u64>(u64);

/// A number of things, each of which costs little.
pub(super) type Count<const MIN: u64> = Number<MIN, 0xffff_ffff>;

/// The size of a body, which is held in memory: at most 1 GiB.
pub(super) type Bytes<const MIN: u64> = Number<MIN, { 1 << 30 }>;

/// A time to wait: at most a day.
pub(super) type Seconds<const MIN: u64> = Number<MIN, 86_400>;

impl<const MIN: u64, const MAX: u64> Number<MIN, MAX> {
    /// The nearest number within the bounds.
    pub(super) fn clamped(number: u64) -> Self {
        Self(number.clamp(MIN, MAX))
    }
}

impl<const MIN: u64> Count<MIN> {
    /// The number, which fits because of its bounds.
    #[must_use]
    pub fn get(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }
}

impl<const MIN: u64> Bytes<MIN> {
    /// The number, which fits because of its bounds.
    #[must_use]
    pub fn get(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl<const MIN: u64> Seconds<MIN> {
    /// The time.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl<const MIN: u64, const MAX: u64> TryFrom<u64> for Number<MIN, MAX> {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        match number {
            _ if number < MIN => Err(format!("must be at least {MIN}")),
            _ if number > MAX => Err(format!("must be at most {MAX}")),
            _ => Ok(Self(number)),
        }
    }
}

impl<const MIN: u64, const MAX: u64> FromStr for Number<MIN, MAX> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number: u64 = text.parse().map_err(|_| "expected a whole number")?;
        number.try_into()
    }
}

impl<const MIN: u64, const MAX: u64> From<Number<MIN, MAX>> for u64 {
    fn from(number: Number<MIN, MAX>) -> Self {
        number.0
    }
}

impl<const MIN: u64, const MAX: u64> fmt::Display for Number<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
