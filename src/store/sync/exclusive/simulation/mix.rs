//! Random histories: which events occur in them, and how often.

use fastrand::Rng;

use super::database::FrameId;
use super::event::{Between, Event, Fault, HeldPush, SyncEvent};
use crate::store::db::clock::SECOND;

const FRAMES: [FrameId; 3] = ['f', 'g', 'h'];
/// The order of the steps of two processes: the one that pulls first saves last.
const NESTED: [u8; 6] = [0, 1, 1, 0, 1, 0];

/// Which events occur, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mix {
    /// Device 0 suffers the common faults, device 1 none.
    OneFaulty,
    /// Every event.
    Full,
    /// Edits and syncs without faults, in quick succession.
    Quick,
    /// One device is restored from a backup, once.
    Restored,
    /// Every event, and many of these rarer kinds.
    Dense(u32),
}

impl Mix {
    pub(super) const SPECIAL: [Self; 9] = [
        Self::Quick,
        Self::Restored,
        Self::Dense(LIVES),
        Self::Dense(PROCESSES),
        Self::Dense(DATABASE),
        Self::Dense(CLOCKS),
        Self::Dense(HALF_SAVED),
        Self::Dense(RESEND),
        Self::Dense(LIVES | FORGET),
    ];

    pub(super) fn devices(self) -> usize {
        match self {
            Self::OneFaulty | Self::Quick | Self::Restored => 2,
            Self::Full | Self::Dense(_) => 3,
        }
    }

    pub(super) fn servers(self) -> usize {
        match self {
            Self::OneFaulty | Self::Quick | Self::Restored => 1,
            Self::Full | Self::Dense(_) => 3,
        }
    }

    /// The events of one history.
    pub(super) fn history(self, rng: &mut Rng, number: u64) -> Vec<Event> {
        let steps = 4 + number % 14;
        let mut events = Vec::new();
        match self {
            Self::OneFaulty => (0..steps).for_each(|_| one_faulty_step(rng, &mut events)),
            Self::Full => {
                // Some are long enough for a backup of 20 syncs ago.
                let steps = if number % 200 == 199 { 400 } else { steps };
                // Each history has only some rare kinds, so that their effects can be told apart.
                let rare = rng.u32(..) & rng.u32(..) & rng.u32(..);
                (0..steps).for_each(|_| full_step(rng, rare, &mut events));
            }
            Self::Quick => (0..2 * steps).for_each(|_| quick_step(rng, &mut events)),
            Self::Restored => {
                (0..steps).for_each(|_| restored_step(rng, &mut events));
                let at = rng.usize(..events.len());
                events.insert(at, Event::Backup(0));
                let at = rng.usize(at + 1..=events.len());
                events.insert(at, Event::Restore(0, 0));
            }
            Self::Dense(rare) => (0..steps + 10).for_each(|_| {
                full_step(rng, rare, &mut events);
                if rng.u8(..3) == 0 {
                    events.push(rare_step(rng, rare, 0));
                }
            }),
        }
        events
    }
}

fn pick_frame(rng: &mut Rng) -> FrameId {
    FRAMES[rng.usize(..FRAMES.len())]
}

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}

const FAULTS: [Fault; 12] = [
    Fault::None,
    Fault::None,
    Fault::None,
    Fault::None,
    Fault::None,
    Fault::None,
    Fault::PullLost,
    Fault::PullResponseLost,
    Fault::PushLost,
    Fault::PushResponseLost,
    Fault::Killed,
    Fault::HalfSaved,
];

fn any_wait(rng: &mut Rng) -> Event {
    Event::Wait(pick(
        rng,
        &[100_000, 300_000, 2_000_000, 5_000_000, 60_000_000],
    ))
}

fn one_faulty_step(rng: &mut Rng, events: &mut Vec<Event>) {
    events.push(any_wait(rng));
    let k = rng.f64();
    let event = if rng.f64() < 0.15 {
        match rng.u8(..4) {
            0 => Event::Crash(0),
            1 => Event::Remove(0, pick_frame(rng)),
            2 => Event::TwoProcesses {
                device: 0,
                other: rng.bool().then(|| (1, pick_frame(rng))),
                order: NESTED,
                servers: (0, 0),
            },
            _ => Event::HeldPush {
                device: 0,
                held: HeldPush::Unnoticed,
                servers: (0, 0),
            },
        }
    } else if k < 0.30 {
        Event::Edit(0, pick_frame(rng))
    } else if k < 0.62 {
        Event::Sync(SyncEvent {
            fault: pick(rng, &FAULTS),
            late: (0, pick(rng, &[0, 0, 1_200_000, 3_500_000, 30_000_000])),
            ..SyncEvent::plain(0)
        })
    } else if k < 0.72 {
        Event::Edit(1, pick_frame(rng))
    } else if k < 0.84 {
        Event::Sync(SyncEvent::plain(1))
    } else if k < 0.88 {
        Event::ClockStep(0, pick(rng, &[-3600, -10, 10, 3600]) * SECOND)
    } else if k < 0.93 {
        Event::Backup(0)
    } else if k < 0.97 {
        Event::Restore(0, rng.usize(..1_000))
    } else if k > 0.985 {
        Event::Wipe(0)
    } else {
        return;
    };
    events.push(event);
}

fn quick_step(rng: &mut Rng, events: &mut Vec<Event>) {
    events.push(Event::Wait(pick(rng, &[100_000, 300_000])));
    let device = rng.usize(..2);
    events.push(match rng.u8(..3) {
        0 => Event::Edit(device, pick_frame(rng)),
        _ => Event::Sync(SyncEvent::plain(device)),
    });
}

fn restored_step(rng: &mut Rng, events: &mut Vec<Event>) {
    events.push(any_wait(rng));
    events.push(match rng.u8(..8) {
        0..3 => Event::Edit(0, pick_frame(rng)),
        3..6 => Event::Sync(SyncEvent {
            fault: pick(rng, &FAULTS[..11]),
            ..SyncEvent::plain(0)
        }),
        6 => Event::Edit(1, pick_frame(rng)),
        _ => Event::Sync(SyncEvent::plain(1)),
    });
}

/// The rare kinds of events, as a set of bits.
pub(super) const CLOCKS: u32 = 1;
pub(super) const LIVES: u32 = 1 << 1;
pub(super) const PROCESSES: u32 = 1 << 2;
pub(super) const HALF_SAVED: u32 = 1 << 3;
pub(super) const DATABASE: u32 = 1 << 4;
pub(super) const RESEND: u32 = 1 << 5;
pub(super) const FORGET: u32 = 1 << 6;

/// One step with every kind of event. Devices 0 and 1 suffer every fault, device 2 none.
fn full_step(rng: &mut Rng, rare: u32, events: &mut Vec<Event>) {
    events.push(any_wait(rng));
    let device = pick(rng, &[0, 0, 0, 0, 0, 0, 1, 1, 1, 2]);
    let faulty = pick(rng, &[0, 0, 1]);
    let event = match rng.u32(..100) {
        0..27 => Event::Edit(device, pick_frame(rng)),
        27..32 => Event::Rename(device, pick_frame(rng)),
        32..35 => Event::Remove(device, pick_frame(rng)),
        35..72 if device == 2 => Event::Sync(SyncEvent {
            servers: (rng.usize(..3), rng.usize(..3)),
            ..SyncEvent::plain(2)
        }),
        35..72 => Event::Sync(any_sync(rng, rare, device)),
        72..75 => Event::Crash(rng.usize(..3)),
        75..79 => Event::Flush(rng.usize(..3)),
        79..81 => Event::Delete(pick_frame(rng)),
        81..83 => Event::Script(faulty, rng.bool().then(|| pick_frame(rng))),
        83..85 => Event::HeldPush {
            device: faulty,
            held: pick(
                rng,
                &[
                    HeldPush::Unnoticed,
                    HeldPush::Stuck,
                    HeldPush::Finishes,
                    HeldPush::Cancelled,
                ],
            ),
            servers: (rng.usize(..3), rng.usize(..3)),
        },
        85 => Event::Revoke(faulty),
        86 => Event::Renew(faulty),
        87 => Event::DatabaseClockStep(pick(rng, &[-30, -1, 1, 30]) * SECOND),
        _ => rare_step(rng, rare, faulty),
    };
    events.push(event);
}

fn any_sync(rng: &mut Rng, rare: u32, device: usize) -> SyncEvent {
    let delays = [0, 0, 0, 1_200_000, 3_500_000, 30_000_000, 600_000_000];
    let faults = if rare & HALF_SAVED == 0 {
        &FAULTS[..11]
    } else {
        &FAULTS[..]
    };
    let between = match rng.u32(..20) {
        0 => Between::Edit(pick_frame(rng)),
        1 => Between::Sync(1 - device, pick_frame(rng)),
        2 => Between::Sync(2, pick_frame(rng)),
        3 => Between::CrashBeforeResponse,
        4 => Between::CrashAfterResponse,
        _ => Between::Nothing,
    };
    let fault = pick(rng, faults);
    let servers = (rng.usize(..3), rng.usize(..3));
    SyncEvent {
        device,
        fault,
        between,
        late: (pick(rng, &delays), pick(rng, &delays)),
        servers: if rng.bool() {
            servers
        } else {
            (servers.0, servers.0)
        },
        is_push_killed: rng.u8(..20) == 0,
        is_flushed: rng.u8(..4) == 0,
    }
}

fn rare_step(rng: &mut Rng, rare: u32, device: usize) -> Event {
    let mut events = vec![Event::ClockGain(
        device,
        pick(rng, &[-10_000, 0, 100, 100_000, 1_000_000]),
    )];
    if rare & CLOCKS != 0 {
        let by = pick(rng, &[-3600, -10, 10, 3600]) * SECOND;
        events.push(Event::ClockStep(device, by));
    }
    if rare & LIVES != 0 {
        events.extend([
            Event::Backup(device),
            Event::Backup(device),
            Event::Restore(device, rng.usize(..1_000)),
            Event::RestoreFinished(device, pick(rng, &[1, 1, 2, 5, 20])),
            Event::Wipe(device),
        ]);
    }
    if rare & PROCESSES != 0 {
        let mut order = [0, 0, 0, 1, 1, 1];
        rng.shuffle(&mut order);
        events.push(Event::TwoProcesses {
            device,
            other: rng.bool().then(|| (1 - device, pick_frame(rng))),
            order,
            servers: (rng.usize(..3), rng.usize(..3)),
        });
    }
    if rare & DATABASE != 0 {
        events.extend([Event::BackUpDatabase, Event::RestoreDatabase]);
    }
    if rare & RESEND != 0 {
        events.push(Event::Resend(device));
    }
    if rare & FORGET != 0 {
        events.push(Event::Forget(device, rng.usize(..3)));
    }
    pick(rng, &events)
}
