//! What may happen in a history, and how likely it is.

use fastrand::Rng;

use super::super::SECOND;
use super::database::FrameId;

/// Where a sync ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    PullLost,
    PullResponseLost,
    PushLost,
    PushResponseLost,
    /// Killed before it saves.
    Killed,
    /// Killed between saving frames and `last_sync`.
    HalfSaved,
}

/// What happens between a pull and its push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    Nothing,
    /// The device edits a frame in another process.
    Edit(FrameId),
    /// Another device edits a frame and syncs.
    Sync(usize, FrameId),
    /// The server that handled the pull is killed before it responds …
    CrashBeforeResponse,
    /// … or after it.
    CrashAfterResponse,
}

/// A sync, and what befalls it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SyncEvent {
    pub(super) device: usize,
    pub(super) fault: Fault,
    pub(super) between: Between,
    /// How late the responses to its pull and its push arrive.
    pub(super) late: (i64, i64),
    /// The servers of its pull and its push.
    pub(super) servers: (usize, usize),
    /// Whether the server of the push is killed after it has stored it, before it responds.
    pub(super) is_push_killed: bool,
    /// Whether the server of the pull writes its late notes while the push arrives.
    pub(super) is_flushed: bool,
}

impl SyncEvent {
    pub(super) fn plain(device: usize) -> Self {
        Self {
            device,
            fault: Fault::None,
            between: Between::Nothing,
            late: (0, 0),
            servers: (0, 0),
            is_push_killed: false,
            is_flushed: false,
        }
    }
}

/// What a push does whose client has disconnected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeldPush {
    /// It is in progress until the end of the device's next sync, and no pull waits for it.
    Unnoticed,
    /// The same, but on the same server that sync's pull waits for it, up to the bound.
    Stuck,
    /// On the same server, the next pull waits until it is committed.
    Finishes,
    /// The server cancels it.
    Cancelled,
}

/// What happens in the world.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// Time passes.
    Wait(i64),
    Edit(usize, FrameId),
    /// `watson rename` of 1.5.2.
    Rename(usize, FrameId),
    Remove(usize, FrameId),
    Sync(SyncEvent),
    /// Two processes of one device sync; another device may edit a frame and sync between their pulls.
    TwoProcesses {
        device: usize,
        other: Option<(usize, FrameId)>,
        order: [u8; 6],
        servers: (usize, usize),
    },
    /// A push whose client has disconnected is in progress while the device edits and syncs again.
    HeldPush {
        device: usize,
        held: HeldPush,
        servers: (usize, usize),
    },
    /// `kill -9` of a server.
    Crash(usize),
    /// A server writes its late notes.
    Flush(usize),
    /// A device's clock is set.
    ClockStep(usize, i64),
    /// A device's clock gains so many millionths.
    ClockGain(usize, i64),
    /// The database's clock is set.
    DatabaseClockStep(i64),
    Backup(usize),
    /// Restores one of the explicit backups.
    Restore(usize, usize),
    /// Restores the folder as so many syncs ago.
    RestoreFinished(usize, usize),
    Wipe(usize),
    /// Someone deletes a frame on the server.
    Delete(FrameId),
    /// A script pushes with the device's token, without a pull: what the device would push, or a version of its own.
    Script(usize, Option<FrameId>),
    /// The owner asks that the device be sent everything.
    Resend(usize),
    Revoke(usize),
    Renew(usize),
    /// The past syncs of the device but so many are forgotten.
    Forget(usize, usize),
    BackUpDatabase,
    RestoreDatabase,
}

const FRAMES: [FrameId; 3] = ['f', 'g', 'h'];
/// The schedule of two processes in model.py: the one that pulled first saves last.
const NESTED: [u8; 6] = [0, 1, 1, 0, 1, 0];

/// Which events occur, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mix {
    /// The events of model.py, with its probabilities.
    Model,
    /// Every event.
    Full,
    /// Edits and syncs without faults, in quick succession.
    Quick,
    /// One device is restored from a backup, once.
    Restored,
    /// Every event, among them many of the rarer kinds that are given.
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
            Self::Model | Self::Quick | Self::Restored => 2,
            Self::Full | Self::Dense(_) => 3,
        }
    }

    pub(super) fn servers(self) -> usize {
        match self {
            Self::Model | Self::Quick | Self::Restored => 1,
            Self::Full | Self::Dense(_) => 3,
        }
    }

    /// The events of one history.
    pub(super) fn history(self, rng: &mut Rng, number: u64) -> Vec<Event> {
        let steps = 4 + number % 14;
        let mut events = Vec::new();
        match self {
            Self::Model => (0..steps).for_each(|_| model_step(rng, &mut events)),
            Self::Full => {
                // Some are long enough for a backup of 20 syncs ago.
                let steps = if number % 200 == 199 { 400 } else { steps };
                // Each has only some of the rarer kinds of events, so that their effects are not mixed up in all.
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

fn frame(rng: &mut Rng) -> FrameId {
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

fn wait(rng: &mut Rng) -> Event {
    Event::Wait(pick(
        rng,
        &[100_000, 300_000, 2_000_000, 5_000_000, 60_000_000],
    ))
}

/// One step of model.py: device 0 suffers every fault, device 1 none.
fn model_step(rng: &mut Rng, events: &mut Vec<Event>) {
    events.push(wait(rng));
    let k = rng.f64();
    let event = if rng.f64() < 0.15 {
        match rng.u8(..4) {
            0 => Event::Crash(0),
            1 => Event::Remove(0, frame(rng)),
            2 => Event::TwoProcesses {
                device: 0,
                other: rng.bool().then(|| (1, frame(rng))),
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
        Event::Edit(0, frame(rng))
    } else if k < 0.62 {
        Event::Sync(SyncEvent {
            fault: pick(rng, &FAULTS),
            late: (0, pick(rng, &[0, 0, 1_200_000, 3_500_000, 30_000_000])),
            ..SyncEvent::plain(0)
        })
    } else if k < 0.72 {
        Event::Edit(1, frame(rng))
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
        0 => Event::Edit(device, frame(rng)),
        _ => Event::Sync(SyncEvent::plain(device)),
    });
}

fn restored_step(rng: &mut Rng, events: &mut Vec<Event>) {
    events.push(wait(rng));
    events.push(match rng.u8(..8) {
        0..3 => Event::Edit(0, frame(rng)),
        3..6 => Event::Sync(SyncEvent {
            fault: pick(rng, &FAULTS[..11]),
            ..SyncEvent::plain(0)
        }),
        6 => Event::Edit(1, frame(rng)),
        _ => Event::Sync(SyncEvent::plain(1)),
    });
}

/// The kinds of events that only some histories have.
pub(super) const CLOCKS: u32 = 1;
pub(super) const LIVES: u32 = 1 << 1;
pub(super) const PROCESSES: u32 = 1 << 2;
pub(super) const HALF_SAVED: u32 = 1 << 3;
pub(super) const DATABASE: u32 = 1 << 4;
pub(super) const RESEND: u32 = 1 << 5;
pub(super) const FORGET: u32 = 1 << 6;

/// One step with every kind of event. Devices 0 and 1 suffer every fault, device 2 none.
fn full_step(rng: &mut Rng, rare: u32, events: &mut Vec<Event>) {
    events.push(wait(rng));
    let device = pick(rng, &[0, 0, 0, 0, 0, 0, 1, 1, 1, 2]);
    let faulty = pick(rng, &[0, 0, 1]);
    let event = match rng.u32(..100) {
        0..27 => Event::Edit(device, frame(rng)),
        27..32 => Event::Rename(device, frame(rng)),
        32..35 => Event::Remove(device, frame(rng)),
        35..72 if device == 2 => Event::Sync(SyncEvent {
            servers: (rng.usize(..3), rng.usize(..3)),
            ..SyncEvent::plain(2)
        }),
        35..72 => Event::Sync(sync(rng, rare, device)),
        72..75 => Event::Crash(rng.usize(..3)),
        75..79 => Event::Flush(rng.usize(..3)),
        79..81 => Event::Delete(frame(rng)),
        81..83 => Event::Script(faulty, rng.bool().then(|| frame(rng))),
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

fn sync(rng: &mut Rng, rare: u32, device: usize) -> SyncEvent {
    let delays = [0, 0, 0, 1_200_000, 3_500_000, 30_000_000, 600_000_000];
    let faults = if rare & HALF_SAVED == 0 {
        &FAULTS[..11]
    } else {
        &FAULTS[..]
    };
    let between = match rng.u32(..20) {
        0 => Between::Edit(frame(rng)),
        1 => Between::Sync(1 - device, frame(rng)),
        2 => Between::Sync(2, frame(rng)),
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
            other: rng.bool().then(|| (1 - device, frame(rng))),
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
