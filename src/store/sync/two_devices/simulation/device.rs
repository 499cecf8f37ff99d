//! Devices with their habits and faults, and what the server remembers of their token.

use std::collections::HashSet;

use fastrand::Rng;

use super::super::LatestSyncs;
use crate::store::db::clock::SECOND;

/// When a device syncs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Schedule {
    /// At multiples of a span of time.
    Every(i64),
    /// This long after the end of the previous sync.
    After(i64),
    /// At any time, this far apart on average.
    Random(i64),
}

/// How late the response to a push arrives.
#[derive(Clone, Copy, Debug)]
pub(super) enum Delays {
    None,
    Always(i64),
    /// Up to this.
    Any(i64),
    /// Up to this, one time in ten.
    Sometimes(i64),
    /// Up to three times this.
    Multiple(i64),
    /// Every other one is this late.
    EveryOther(i64),
    /// Just when the next sync begins.
    UntilNext,
    /// The sync ends this long after the previous sync's push.
    Sum(i64),
}

/// What a device does, and what happens to it. Rates are per thousand syncs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    pub(super) schedule: Schedule,
    /// How late it begins at most.
    pub(super) jitter: i64,
    pub(super) delays: Delays,
    pub(super) lost: u32,
    pub(super) clock_set: u32,
    pub(super) restored: u32,
    pub(super) wiped: u32,
    pub(super) two_processes: u32,
    pub(super) notes_lost: u32,
}

impl Habits {
    pub(super) const QUIET: Self = Self {
        schedule: Schedule::Every(300 * SECOND),
        jitter: 0,
        delays: Delays::None,
        lost: 0,
        clock_set: 0,
        restored: 0,
        wiped: 0,
        two_processes: 0,
        notes_lost: 0,
    };

    pub(super) fn any(rng: &mut Rng) -> Self {
        fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
            from[rng.usize(..from.len())]
        }
        let every = pick(rng, &[2, 5, 20, 37, 60, 60, 300, 300, 3_600]) * SECOND;
        let random = pick(rng, &[5, 60, 600, 7_200]) * SECOND;
        let schedules = [
            Schedule::Every(every),
            Schedule::Every(every),
            Schedule::After(every),
            Schedule::Random(random),
        ];
        let late = pick(rng, &[1, 2, 5, 30, 60, 120, 300, 600]) * SECOND;
        let delays = [
            Delays::None,
            Delays::Always(late),
            Delays::Always(every),
            Delays::Any(late),
            Delays::Sometimes(late),
            Delays::Multiple(late),
            Delays::Multiple(every),
            Delays::EveryOther(late),
            Delays::EveryOther(every),
            Delays::UntilNext,
            Delays::Sum(every + late),
            Delays::Sum(2 * every),
        ];
        let rates = [0, 0, 5, 30, 200];
        Self {
            schedule: pick(rng, &schedules),
            jitter: pick(rng, &[0, 0, 1, 10, 60]) * SECOND,
            delays: pick(rng, &delays),
            lost: pick(rng, &rates),
            clock_set: pick(rng, &rates),
            restored: pick(rng, &rates),
            wiped: pick(rng, &rates) / 5,
            two_processes: pick(rng, &rates),
            notes_lost: pick(rng, &rates),
        }
    }
}

/// What the server knows about the token.
#[derive(Clone, Debug, Default)]
pub(super) struct Token {
    under_way: i64,
    past: HashSet<i64>,
    pushed_at: i64,
    latest_syncs: LatestSyncs,
    pub(super) syncs: usize,
    /// The number of syncs after which two devices were found.
    pub(super) found_at: Option<usize>,
}

impl Token {
    fn pull(&mut self, last_sync: i64) {
        self.syncs += 1;
        if last_sync == self.under_way && !self.past.is_empty() {
            return; // Rule 1.
        }
        if last_sync == 0 || self.past.contains(&last_sync) {
            self.latest_syncs.restart();
        } else if self.latest_syncs.observe(last_sync, self.pushed_at) {
            self.found_at.get_or_insert(self.syncs);
        }
        self.past.insert(self.under_way);
        self.under_way = last_sync;
    }
}

#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) habits: Habits,
    pub(super) last_sync: i64,
    /// When its next sync begins.
    pub(super) next: i64,
    ahead: i64,
    /// How much its clock gains, in millionths.
    gain: i64,
    /// The ends of its latest two pushes.
    ends: [i64; 2],
    is_late: bool,
    saved: Vec<i64>,
}

impl Device {
    pub(super) fn new(rng: &mut Rng, ahead: i64) -> Self {
        let gains = [0, 0, 20, -20, 200, 10_000, 1_000_000];
        Self {
            habits: Habits::any(rng),
            last_sync: 0,
            next: 1_800_000_000 * SECOND,
            ahead: ahead + rng.i64(-SECOND..SECOND),
            gain: if ahead == 0 {
                gains[rng.usize(..gains.len())]
            } else {
                0
            },
            ends: [0; 2],
            is_late: false,
            saved: Vec::new(),
        }
    }

    /// Makes its clock run at the right speed.
    pub(super) fn set_clock_right(&mut self) {
        self.gain %= 100;
    }

    fn clock(&self, now: i64) -> i64 {
        let gained = (now - 1_800_000_000 * SECOND) / 1_000_000 * self.gain;
        (now + self.ahead + gained).div_euclid(SECOND) * SECOND
    }

    /// One attempt to sync.
    pub(super) fn sync(&mut self, rng: &mut Rng, token: &mut Token) {
        let habits = self.habits;
        let happens = |rng: &mut Rng, rate: u32| rng.u32(..1_000) < rate;
        if happens(rng, habits.clock_set) {
            let by = [
                -3_600,
                -600,
                -60,
                -10,
                10,
                60,
                300,
                3_600,
                rng.i64(-900..900),
            ];
            self.ahead += by[rng.usize(..by.len())] * SECOND;
        }
        if happens(rng, habits.wiped) {
            self.last_sync = 0;
        }
        let back = [1, 2, 5, 20][rng.usize(..4)];
        if happens(rng, habits.restored) && self.saved.len() > back {
            self.last_sync = self.saved[self.saved.len() - 1 - back];
        }
        let before = token.clone();
        token.pull(self.last_sync);
        let pushed_at = self.next + rng.i64(10_000..300_000);
        let is_lost = happens(rng, habits.lost);
        let next = self.next_begin(rng, pushed_at);
        if is_lost && rng.bool() {
            self.next = next;
            return; // The push did not arrive.
        }
        token.pushed_at = pushed_at;
        if happens(rng, habits.two_processes) {
            token.pull(self.last_sync);
            token.pushed_at = pushed_at + rng.i64(0..3 * SECOND);
        }
        if happens(rng, habits.notes_lost) {
            *token = Token {
                syncs: token.syncs,
                found_at: token.found_at,
                ..before
            };
        }
        if is_lost {
            self.next = next;
            return;
        }
        self.is_late = !self.is_late;
        let delay = match habits.delays {
            Delays::None => 0,
            Delays::Always(late) => late,
            Delays::Any(late) => rng.i64(0..=late),
            Delays::Sometimes(late) => match rng.u32(..10) {
                0 => rng.i64(0..=late),
                _ => 0,
            },
            Delays::Multiple(late) => late * rng.i64(0..4),
            Delays::EveryOther(late) => match self.is_late {
                true => late,
                false => 0,
            },
            Delays::UntilNext => next - pushed_at,
            Delays::Sum(sum) => (self.ends[1] + sum - pushed_at).max(0),
        };
        let ended = pushed_at + delay + rng.i64(5_000..200_000);
        self.ends = [self.ends[1], pushed_at];
        self.last_sync = self.clock(ended);
        self.saved.push(self.last_sync);
        self.next = next.max(ended + 1_000);
    }

    fn next_begin(&self, rng: &mut Rng, now: i64) -> i64 {
        let jitter = match self.habits.jitter {
            0 => 0,
            jitter => rng.i64(0..jitter),
        };
        jitter
            + match self.habits.schedule {
                Schedule::Every(span) => (now / span + 1) * span,
                Schedule::After(span) => now + span,
                Schedule::Random(span) => now + 1_000 - (rng.f64().ln() * span as f64) as i64,
            }
    }
}
