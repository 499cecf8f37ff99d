//! The result of a push.

use std::time::Duration;

/// What became of the frames of a push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushOutcome {
    /// The number of frames in the push.
    pub received: usize,
    /// How many of them were new or different.
    pub written: u64,
    /// How long to delay the response, so that two syncs do not end within the same second of the
    /// device's clock.
    pub hold: Duration,
}
