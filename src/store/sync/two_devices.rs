//! Detects that two devices use one exclusive token, because a configuration was copied.
//!
//! A device presents as `last_sync` the time at which its own previous sync ended, by its clock.
//! For one device, the difference between a `last_sync` and the end of the token's newest push
//! stays the same, except that late responses make it larger, and a clock that is set changes it.
//! For two devices, whenever the other one has synced meanwhile, the difference to the end of an
//! older push stays the same.
//!
//! What is sent does not depend on this. A single device must never be reported, whatever happens
//! to it; two devices may be found late. Therefore all of the latest syncs must fit two devices to
//! the second, and they are not reported before
//!
//! - several syncs of the other device were skipped, by different spans of time, so that neither
//!   timers nor late responses explain them, and
//! - a single device would have had to set its clock back several times, since a `last_sync` lies
//!   between the end of the device's previous sync and its next one however late responses are; or
//!   so many syncs were skipped that delays would each time have had to compensate to the second.

use serde::{Deserialize, Serialize};

use crate::store::db::clock::SECOND;

/// The number of syncs that are remembered.
const MAX_SYNCS: usize = 16;
/// How much a difference may vary: `last_sync` is in whole seconds.
const TOLERANCE: i64 = SECOND + SECOND / 2;
/// Shorter spans of time do not distinguish two devices from one.
const MIN_SPAN: i64 = 5 * SECOND;
/// Spans that differ by a multiple of this are the same, as those of two timers may be.
const TIMER: i64 = 60 * SECOND;
/// The number of different spans needed if one device would have had to set its clock back …
const MIN_SPANS: usize = 5;
/// … this many times,
const MIN_STEPS: usize = 3;
/// and the number needed if it would not.
const MIN_SPANS_ALONE: usize = 12;

/// The latest syncs of a token, oldest first, in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LatestSyncs(Vec<Sync>);

/// The `last_sync` that a sync presented, and when the response to its push was sent by the
/// database's clock; 0 if that is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sync(i64, i64);

impl LatestSyncs {
    /// Notes a sync that begins with a new `last_sync`, when the response to the token's newest
    /// push was sent at `ended_at`. Returns whether two devices use the token.
    pub(crate) fn observe(&mut self, last_sync: i64, ended_at: i64) -> bool {
        let is_known = self.end(ended_at);
        if !is_known {
            self.0.clear();
        }
        self.0.push(Sync(last_sync, 0));
        if self.0.len() > MAX_SYNCS {
            self.0.remove(0);
        }
        self.is_unexpected() && (0..self.0.len()).any(|from| is_two_devices(&self.0[from..]))
    }

    /// Notes a sync of a device that is new, wiped or restored, which reveals nothing about earlier
    /// syncs.
    pub(crate) fn restart(&mut self) {
        self.0.clear();
        self.0.push(Sync(0, 0));
    }

    /// Whether the difference to the end of the newest push has changed.
    fn is_unexpected(&self) -> bool {
        let [.., first, second, third] = self.0.as_slice() else {
            return false;
        };
        let (before, latest) = (second.0 - first.1, third.0 - second.1);
        (latest - before).abs() > TOLERANCE
    }

    /// Notes when the latest sync ended. Returns whether that is later than the previous end.
    fn end(&mut self, ended_at: i64) -> bool {
        let before = self.0.iter().rev().nth(1).map_or(0, |sync| sync.1);
        match self.0.last_mut() {
            Some(latest) => {
                latest.1 = ended_at;
                ended_at > before
            }
            None => false,
        }
    }
}

/// Whether these syncs show two devices.
fn is_two_devices(syncs: &[Sync]) -> bool {
    if syncs.len() < MIN_SPANS + 3 {
        return false;
    }
    let steps = clock_steps(syncs);
    let needed = match steps {
        MIN_STEPS.. => MIN_SPANS,
        _ => MIN_SPANS_ALONE,
    };
    let first = Chain {
        latest: 0,
        difference: None,
        links: 0,
    };
    let split = Split {
        syncs,
        needed,
        chains: [Some(first), None],
        spans: Vec::new(),
    };
    let mut tries = MAX_TRIES;
    split.fits(1, &mut tries)
}

/// How often a single device would have had to set its clock back.
fn clock_steps(syncs: &[Sync]) -> usize {
    const UNKNOWN: (i64, i64) = (i64::MIN, i64::MAX);
    let mut steps = 0;
    // Bounds of how far the device's clock is ahead.
    let (mut least, mut most) = UNKNOWN;
    for pair in syncs.windows(2) {
        let (before, sync) = (pair[0], pair[1]);
        if sync.1 != 0 {
            least = least.max(sync.0 - sync.1);
        }
        most = most.min(sync.0 + SECOND - before.1);
        if least > most.saturating_add(TOLERANCE) {
            steps += 1;
            (least, most) = UNKNOWN;
        }
    }
    steps
}

/// The maximum number of divisions to try: syncs in quick succession fit both devices.
const MAX_TRIES: usize = 2_000;

/// The syncs of one of two devices.
#[derive(Clone, Copy, Debug)]
struct Chain {
    /// The latest one.
    latest: usize,
    /// The lowest and the highest difference between a `last_sync` and the end of the device's
    /// previous sync.
    difference: Option<(i64, i64)>,
    /// The number of differences.
    links: usize,
}

/// A division of syncs between two devices.
#[derive(Clone, Debug)]
struct Split<'a> {
    syncs: &'a [Sync],
    needed: usize,
    chains: [Option<Chain>; 2],
    /// The spans of time by which syncs of the other device were skipped.
    spans: Vec<i64>,
}

impl Split<'_> {
    /// Whether the syncs from this one on can be divided.
    fn fits(&self, at: usize, tries: &mut usize) -> bool {
        let possible = self.spans.len() + self.syncs.len() - at;
        if possible < self.needed || *tries == 0 {
            return false;
        }
        *tries -= 1;
        if at == self.syncs.len() {
            let links = self
                .chains
                .map(|chain| chain.map_or(0, |chain| chain.links));
            return self.spans.len() >= self.needed && links.iter().all(|links| *links >= 2);
        }
        (0..2).any(|which| {
            self.with(at, which)
                .is_some_and(|split| split.fits(at + 1, tries))
        })
    }

    /// Assigns one more sync to one of the devices; `None` if it does not fit.
    fn with(&self, at: usize, which: usize) -> Option<Self> {
        let mut split = self.clone();
        let Some(chain) = &mut split.chains[which] else {
            split.chains[which] = Some(Chain {
                latest: at,
                difference: None,
                links: 0,
            });
            return Some(split);
        };
        let last_sync = self.syncs[at].0;
        let difference = last_sync - self.syncs[chain.latest].1;
        let (lowest, highest) = chain.difference.unwrap_or((difference, difference));
        let (lowest, highest) = (lowest.min(difference), highest.max(difference));
        if highest - lowest > TOLERANCE {
            return None;
        }
        let span = self.syncs[at - 1].1 - self.syncs[chain.latest].1;
        *chain = Chain {
            latest: at,
            difference: Some((lowest, highest)),
            links: chain.links + 1,
        };
        if span >= MIN_SPAN && !self.fits_other(at, which) && self.is_new(span) {
            split.spans.push(span);
        }
        Some(split)
    }

    /// Whether the sync also fits the other device, whose sync is the newest one.
    fn fits_other(&self, at: usize, which: usize) -> bool {
        let other = self.chains[1 - which].and_then(|chain| chain.difference);
        let difference = self.syncs[at].0 - self.syncs[at - 1].1;
        other.is_some_and(|(lowest, highest)| {
            (lowest - TOLERANCE..=highest + TOLERANCE).contains(&difference)
        })
    }

    fn is_new(&self, span: i64) -> bool {
        self.spans.iter().all(|other| {
            let apart = (span - other).rem_euclid(TIMER);
            apart.min(TIMER - apart) > 2 * TOLERANCE
        })
    }
}

#[cfg(test)]
mod simulation;
