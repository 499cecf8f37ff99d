//! Random histories of several devices, and what must be true of them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use crate::support::{Device, Sync};

/// An event.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A device records a frame.
    Add(usize),
    /// A device changes a frame it has, if it has any.
    Edit(usize, usize),
    /// A device syncs.
    Sync(usize),
    /// A device pulls and is killed before it pushes.
    KilledAfterPull(usize),
    /// A device pushes and is killed before it receives the response.
    KilledAfterPush(usize),
    /// A device edits and syncs between another's pull and push.
    Between(usize, usize),
}

/// Histories of `devices` devices, at most `longest` steps long.
pub(crate) fn histories(devices: usize, longest: usize) -> impl Strategy<Value = Vec<Step>> {
    let device = 0..devices;
    let step = prop_oneof![
        3 => device.clone().prop_map(Step::Add),
        4 => (device.clone(), 0..16_usize).prop_map(|(device, which)| Step::Edit(device, which)),
        6 => device.clone().prop_map(Step::Sync),
        1 => device.clone().prop_map(Step::KilledAfterPull),
        1 => device.clone().prop_map(Step::KilledAfterPush),
        2 => (device, 1..devices)
            .prop_map(move |(a, further)| Step::Between(a, (a + further) % devices)),
    ];
    proptest::collection::vec(step, 4..=longest)
}

/// The devices, and what the server should contain.
pub(crate) struct Interleaving {
    devices: Vec<Device>,
    /// The latest pushed project of each frame.
    pushed: BTreeMap<Uuid, String>,
    versions: usize,
    /// Whether each device has its own token, and is therefore never sent what it wrote.
    own_tokens: bool,
}

impl Interleaving {
    /// Begins with a sync of each device.
    pub(crate) fn begin(devices: Vec<Device>, own_tokens: bool) -> Self {
        let mut all = Self {
            devices,
            pushed: BTreeMap::new(),
            versions: 0,
            own_tokens,
        };
        for number in 0..all.devices.len() {
            all.sync(number);
        }
        all
    }

    pub(crate) fn perform(&mut self, step: &Step) {
        match *step {
            Step::Add(number) => {
                let version = self.version(number);
                self.devices[number].add(&version);
            }
            Step::Edit(number, which) => self.edit(number, which),
            Step::Sync(number) => self.sync(number),
            Step::KilledAfterPull(number) => drop(self.pull(number)),
            Step::KilledAfterPush(number) => {
                let mut sync = self.pull(number);
                self.push(number, &mut sync);
            }
            Step::Between(outer, inner) => {
                let mut sync = self.pull(outer);
                self.edit(inner, 0);
                self.sync(inner);
                self.push(outer, &mut sync);
                self.devices[outer].finish(&sync);
            }
        }
    }

    /// Syncs every device until nothing is pending, and checks that all have all frames.
    pub(crate) fn end(mut self) {
        for _ in 0..2 {
            for number in 0..self.devices.len() {
                self.sync(number);
            }
        }
        for (number, device) in self.devices.iter().enumerate() {
            let held: BTreeMap<Uuid, String> = device
                .frames()
                .into_iter()
                .map(|(id, content)| (id, content.project))
                .collect();
            assert_eq!(
                held, self.pushed,
                "device {number} (left) holds what was pushed last (right)"
            );
        }
    }

    fn edit(&mut self, number: usize, which: usize) {
        let ids = self.devices[number].ids();
        if let Some(id) = ids.get(which % ids.len().max(1)) {
            let version = self.version(number);
            self.devices[number].edit(*id, &version);
        }
    }

    fn sync(&mut self, number: usize) {
        let mut sync = self.pull(number);
        self.push(number, &mut sync);
        self.devices[number].finish(&sync);
    }

    fn pull(&self, number: usize) -> Sync {
        let sync = self.devices[number].pull();
        let own = format!("by {number}");
        let echoed = sync
            .received
            .values()
            .find(|content| content.project.ends_with(&own));
        assert!(
            echoed.is_none() || !self.own_tokens,
            "device {number} is sent what it wrote itself: {echoed:?}"
        );
        sync
    }

    fn push(&mut self, number: usize, sync: &mut Sync) {
        self.devices[number].push(sync);
        let pushed = sync
            .pushed
            .iter()
            .map(|(id, content)| (*id, content.project.clone()));
        self.pushed.extend(pushed);
    }

    fn version(&mut self, number: usize) -> String {
        self.versions += 1;
        format!("version {} by {number}", self.versions)
    }
}
