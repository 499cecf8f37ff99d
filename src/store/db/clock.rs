//! The clock of the store. Times are microseconds since 1970, as in the tables.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A second in microseconds.
pub(in crate::store) const SECOND: i64 = 1_000_000;

/// Tells the time: the system's by default, or one that a test sets.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    /// Continues the time that the database told at an instant.
    Database(i64, Instant),
    /// Stands still until a test moves it.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that only [`Clock::advance`] and [`Clock::sleep`] move. Its clones share the time.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(start.as_microsecond().into())))
    }

    /// Moves a manual clock forward. Other clocks move by themselves.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(time) = &self.0 {
            time.fetch_add(microseconds(by), Ordering::Relaxed);
        }
    }

    /// Waits until the clock has moved by `time`. A manual clock is advanced instead.
    pub async fn sleep(&self, time: Duration) {
        match self.0 {
            Source::Manual(_) => self.advance(time),
            _ => tokio::time::sleep(time).await,
        }
    }

    /// The time.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        Timestamp::from_microsecond(self.now()).unwrap_or_default()
    }

    /// The clock of the database, which several servers agree on and which shows `time` now. A
    /// manual clock is not replaced.
    pub(in crate::store) fn of_database(&self, time: i64) -> Self {
        match &self.0 {
            Source::Manual(_) => self.clone(),
            _ => Self(Source::Database(time, Instant::now())),
        }
    }

    /// The time in microseconds.
    pub(in crate::store) fn now(&self) -> i64 {
        match &self.0 {
            Source::System => Timestamp::now().as_microsecond(),
            Source::Database(time, read_at) => time + microseconds(read_at.elapsed()),
            Source::Manual(time) => time.load(Ordering::Relaxed),
        }
    }

    /// How long it is until `time`, or zero if that has passed.
    pub(in crate::store) fn until(&self, time: i64) -> Duration {
        Duration::from_micros(u64::try_from(time - self.now()).unwrap_or_default())
    }
}

fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
