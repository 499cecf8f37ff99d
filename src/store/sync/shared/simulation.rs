//! Runs the decisions for shared tokens against Watson's algorithm, in simulated time: random
//! devices, clocks, edits, faults and interleavings. The server is a map; only the decisions are
//! real.

use std::collections::HashMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::{Cursor, plan_pull, plan_push};
use crate::store::db::clock::SECOND;

const FRAMES: usize = 6;

/// What may happen to which device.
#[derive(Clone, Debug)]
enum Event {
    /// A frame is added or changed, at least a second from any sync: Watson does not push a change
    /// made in the second of its last sync.
    Edit { device: usize, frame: usize },
    /// `watson sync` begins.
    Pull { device: usize },
    /// It continues to its end.
    Push { device: usize },
    /// It continues, but the response to the push is lost.
    PushResponseLost { device: usize },
    /// It is aborted after the pull.
    Abandon { device: usize },
    /// The folder of the device is lost.
    Wipe { device: usize },
    /// Time passes, in milliseconds.
    Wait { ms: i64 },
}

struct Device {
    token: usize,
    /// How far its clock is ahead, in microseconds.
    ahead: i64,
    /// In seconds, as Watson stores it.
    last_sync: i64,
    /// Frame → (version, second of its last change by the device's clock).
    frames: HashMap<usize, (u64, i64)>,
    /// What the pull in progress returned, and when it began by the device's clock.
    pulled: Option<(HashMap<usize, u64>, i64)>,
}

#[derive(Default)]
struct World {
    now: i64,
    seq: i64,
    /// Frame → (version, sequence number, writer).
    stored: HashMap<usize, (u64, i64, Option<Uuid>)>,
    tokens: Vec<HashMap<Uuid, Cursor>>,
    devices: Vec<Device>,
    /// Version → the device that made it.
    authors: Vec<usize>,
    /// Edits that were overwritten by an older version of the same device before they were pushed.
    undone: Vec<String>,
}

impl World {
    fn new(devices: &[(usize, i64)]) -> Self {
        let tokens = devices
            .iter()
            .map(|(token, _)| token + 1)
            .max()
            .unwrap_or(0);
        let device = |&(token, ahead): &(usize, i64)| Device {
            token,
            ahead,
            last_sync: 0,
            frames: HashMap::new(),
            pulled: None,
        };
        Self {
            now: 1_800_000_000 * SECOND,
            tokens: vec![HashMap::new(); tokens],
            devices: devices.iter().map(device).collect(),
            ..Self::default()
        }
    }

    fn clock(&self, device: usize) -> i64 {
        self.now + self.devices[device].ahead
    }

    fn cursors(&self, device: usize) -> Vec<Cursor> {
        self.tokens[self.devices[device].token]
            .values()
            .cloned()
            .collect()
    }

    fn happen(&mut self, event: &Event) {
        match *event {
            Event::Edit { device, frame } if self.devices[device].pulled.is_none() => {
                self.now += 1_100_000;
                let (version, second) = (self.authors.len() as u64, self.clock(device) / SECOND);
                self.authors.push(device);
                self.devices[device].frames.insert(frame, (version, second));
                self.now += 1_100_000;
            }
            Event::Pull { device } if self.devices[device].pulled.is_none() => self.pull(device),
            Event::Push { device } => self.push(device, true),
            Event::PushResponseLost { device } => {
                // After a first sync, it would be sent its own frames again, like a wiped device.
                self.push(device, self.devices[device].last_sync == 0);
                self.now += 5 * SECOND; // A person reads the message and tries again.
            }
            Event::Abandon { device } => self.devices[device].pulled = None,
            Event::Wipe { device } => {
                let fresh = &mut self.devices[device];
                (fresh.last_sync, fresh.pulled) = (0, None);
                fresh.frames.clear();
            }
            Event::Wait { ms } => self.now += ms * 1_000,
            Event::Edit { .. } | Event::Pull { .. } => {}
        }
        self.now += 20_000;
    }

    fn pull(&mut self, device: usize) {
        let last_sync = self.devices[device].last_sync * SECOND;
        let cursors = self.cursors(device);
        let plan = plan_pull(&cursors, last_sync, self.now, self.seq);
        let sent = self
            .stored
            .iter()
            .filter(|(_, (_, seq, writer))| {
                *seq > plan.cursor.from_seq
                    && *seq <= plan.cursor.upto_seq
                    && (plan.except.is_none() || *writer != plan.except)
            })
            .map(|(frame, (version, ..))| (*frame, *version))
            .collect();
        let token = &mut self.tokens[self.devices[device].token];
        let is_known = plan.is_known(&cursors);
        for cursor in plan.changed.into_iter().chain([plan.cursor]) {
            if !is_known {
                token.insert(cursor.id, cursor);
            }
        }
        token.retain(|id, _| !plan.forgotten.contains(id));
        let begun = self.clock(device);
        self.devices[device].pulled = Some((sent, begun));
    }

    fn push(&mut self, device: usize, is_acknowledged: bool) {
        let Some((sent, begun)) = self.devices[device].pulled.take() else {
            return;
        };
        let last_sync = self.devices[device].last_sync;
        let mut local = self.devices[device].frames.clone();
        for (frame, version) in sent {
            if let Some((mine, changed)) = local.get(&frame)
                && *changed > last_sync
                && last_sync > 0 // A first sync returns everything: the device may have been wiped.
                && version < *mine
                && self.authors[version as usize] == device
            {
                self.undone.push(format!(
                    "frame {frame} of device {device}: {mine} back to {version}"
                ));
            }
            local.insert(frame, (version, begun / SECOND));
        }
        let plan = plan_push(&self.cursors(device), self.now);
        for cursor in plan.changed {
            self.tokens[self.devices[device].token].insert(cursor.id, cursor);
        }
        for (frame, (version, changed)) in &local {
            let is_pushed = *changed > last_sync && changed * SECOND < begun / SECOND * SECOND;
            if is_pushed
                && self
                    .stored
                    .get(frame)
                    .is_none_or(|(stored, ..)| stored != version)
            {
                self.seq += 1;
                self.stored
                    .insert(*frame, (*version, self.seq, plan.writer));
            }
        }
        if is_acknowledged {
            self.now += 10_000;
            let ended = self.clock(device) / SECOND;
            let device = &mut self.devices[device];
            (device.frames, device.last_sync) = (local, ended);
        }
    }

    /// Every device syncs five times in turn, an hour apart.
    fn settle(&mut self) {
        for _ in 0..5 {
            for device in 0..self.devices.len() {
                for event in [
                    Event::Wait { ms: 3_600_100 },
                    Event::Abandon { device },
                    Event::Pull { device },
                    Event::Push { device },
                ] {
                    self.happen(&event);
                }
            }
        }
    }

    fn assert_all_have_everything(&self) {
        for (at, device) in self.devices.iter().enumerate() {
            for (frame, (version, ..)) in &self.stored {
                let local = device.frames.get(frame).map(|(version, _)| version);
                assert_eq!(local, Some(version), "frame {frame} on device {at}");
            }
            assert_eq!(
                device.frames.len(),
                self.stored.len(),
                "device {at} has frames the server lacks"
            );
        }
    }
}

/// The probabilities of events.
#[derive(Clone, Copy)]
struct Weights {
    /// The maximum number of devices.
    devices: usize,
    faults: u32,
    wipes: u32,
    /// Overlapping syncs.
    overlaps: u32,
    /// Milliseconds after a whole sync.
    pause: i64,
}

fn event(devices: usize, weights: Weights) -> impl Strategy<Value = Vec<Event>> {
    let device = 0..devices;
    let one =
        |event: fn(usize) -> Event| device.clone().prop_map(move |device| vec![event(device)]);
    let sync = |last: fn(usize) -> Event| {
        device.clone().prop_map(move |device| {
            vec![
                Event::Pull { device },
                last(device),
                Event::Wait { ms: weights.pause },
            ]
        })
    };
    prop_oneof![
        4 => (device.clone(), 0..FRAMES)
            .prop_map(|(device, frame)| vec![Event::Edit { device, frame }]),
        4 => sync(|device| Event::Push { device }),
        weights.faults => sync(|device| Event::PushResponseLost { device }),
        weights.faults => sync(|device| Event::Abandon { device }),
        4 * weights.overlaps => one(|device| Event::Pull { device }),
        4 * weights.overlaps => one(|device| Event::Push { device }),
        weights.faults * weights.overlaps => one(|device| Event::PushResponseLost { device }),
        weights.faults * weights.overlaps => one(|device| Event::Abandon { device }),
        weights.wipes => one(|device| Event::Wipe { device }),
        2 => (0..5_000_i64).prop_map(|ms| vec![Event::Wait { ms }]),
    ]
}

/// Devices with a common token or one each, whose clocks differ from the server's by up to `apart`
/// seconds, and what happens to them.
fn story(
    shared: bool,
    apart: i64,
    weights: Weights,
) -> impl Strategy<Value = (Vec<(usize, i64)>, Vec<Event>)> {
    let ahead = prop_oneof![Just(0), -apart * SECOND..=apart * SECOND];
    let devices = prop::collection::vec(ahead, 2..=weights.devices).prop_map(
        move |ahead| -> Vec<(usize, i64)> {
            ahead
                .into_iter()
                .enumerate()
                .map(|(at, ahead)| (if shared { 0 } else { at }, ahead))
                .collect()
        },
    );
    devices.prop_flat_map(move |devices| {
        let events = prop::collection::vec(event(devices.len(), weights), 1..40);
        (Just(devices), events.prop_map(|events| events.concat()))
    })
}

const QUIET: Weights = Weights {
    faults: 0,
    wipes: 0,
    overlaps: 0,
    devices: 4,
    pause: 60_000,
};

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1_000)
    })]

    #[test]
    fn with_a_token_each_every_device_ends_with_every_frame_and_no_edit_is_undone(
        (devices, events) in
            story(false, 600, Weights { faults: 1, overlaps: 1, pause: 0, ..QUIET })
    ) {
        let mut world = World::new(&devices);
        events.iter().for_each(|event| world.happen(event));
        world.settle();
        world.assert_all_have_everything();
        prop_assert_eq!(world.undone, Vec::<String>::new());
    }

    #[test]
    fn wiped_devices_end_with_every_frame(
        (devices, events) in
            story(false, 600, Weights { faults: 1, wipes: 1, overlaps: 1, pause: 0, ..QUIET })
    ) {
        let mut world = World::new(&devices);
        events.iter().for_each(|event| world.happen(event));
        world.settle();
        world.assert_all_have_everything();
    }

    /// Devices are told apart by the ends of their syncs, which are a minute apart here.
    #[test]
    fn one_token_for_all_works_whatever_happens_between_syncs(
        (devices, events) in story(true, 0, Weights { faults: 1, wipes: 1, ..QUIET })
    ) {
        let mut world = World::new(&devices);
        events.iter().for_each(|event| world.happen(event));
        world.settle();
        world.assert_all_have_everything();
    }

    /// Devices whose clocks differ by just the time between their syncs cannot be told apart.
    #[test]
    fn one_token_for_all_works_with_clocks_apart(
        (devices, events) in story(true, 600, Weights { pause: 3_600_000, ..QUIET })
    ) {
        let mut world = World::new(&devices);
        events.iter().for_each(|event| world.happen(event));
        world.settle();
        world.assert_all_have_everything();
    }
}
