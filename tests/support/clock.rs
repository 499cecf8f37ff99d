//! The clock of a simulated device.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// Tells a device the time, in microseconds since 1970.
#[derive(Clone, Debug)]
pub(crate) enum Clock {
    /// The machine's clock plus an offset in microseconds.
    Real(i64),
    /// A clock that only the test moves.
    Moved(Arc<AtomicI64>),
    /// The clock of a server in this process plus an offset in microseconds.
    Server(crick_api::store::Clock, i64),
}

impl Clock {
    /// The machine's clock.
    pub(crate) fn right() -> Self {
        Self::Real(0)
    }

    /// The machine's clock plus an offset.
    pub(crate) fn ahead(seconds: i64) -> Self {
        Self::Real(seconds * SECOND)
    }

    /// A clock that only the test moves. It starts in the middle of a second.
    pub(crate) fn moved_by_hand() -> Self {
        let now = machine_now() / SECOND * SECOND + SECOND / 2;
        Self::Moved(Arc::new(AtomicI64::new(now)))
    }

    pub(crate) fn now(&self) -> i64 {
        match self {
            Self::Real(ahead) => machine_now() + ahead,
            Self::Moved(now) => now.load(Ordering::Relaxed),
            Self::Server(clock, ahead) => clock.timestamp().as_microsecond() + ahead,
        }
    }

    /// Steps a clock that is moved by hand forward or back.
    pub(crate) fn step(&self, seconds: i64) {
        match self {
            Self::Real(_) | Self::Server(..) => {
                panic!("only a clock that is moved by hand can be set")
            }
            Self::Moved(now) => now.fetch_add(seconds * SECOND, Ordering::Relaxed),
        };
    }

    /// The time in whole seconds, as Watson stores it.
    pub(crate) fn second(&self) -> i64 {
        self.now().div_euclid(SECOND)
    }

    /// Waits until, or moves the clock so that, `second` is over.
    pub(crate) fn pass(&self, second: i64) {
        while self.second() <= second {
            match self {
                Self::Real(_) => {
                    let left = (second + 1) * SECOND - self.now();
                    std::thread::sleep(Duration::from_micros(left.max(1_000).unsigned_abs()));
                }
                Self::Moved(now) => {
                    now.fetch_add(SECOND, Ordering::Relaxed);
                }
                Self::Server(clock, _) => clock.advance(Duration::from_secs(1)),
            }
        }
    }
}

fn machine_now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a year after 1970");
    i64::try_from(since.as_micros()).expect("a year before 292277")
}
