//! Watson in the simulation: what a device stores, and how `watson` commands change it.

use std::collections::{BTreeMap, BTreeSet};

use super::database::{FrameId, Sent, Version};
use crate::store::db::clock::SECOND;

/// A frame on a device.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) version: Version,
    /// By the device's clock; whole seconds once saved.
    pub(super) updated_at: i64,
    /// The versions that this one was made from, and itself.
    pub(super) known: Known,
}

/// Versions that a device has had, each with the sequence number under which it had it; 0 if it was
/// not stored.
pub(super) type Known = BTreeMap<Version, i64>;

pub(super) type Frames = BTreeMap<FrameId, Local>;

/// What the folder of a device contains.
#[derive(Clone, Debug, Default)]
pub(super) struct Folder {
    pub(super) frames: Frames,
    /// Whole seconds by the device's clock, in microseconds.
    pub(super) last_sync: i64,
    /// The frames that were removed in this life of the device.
    pub(super) removed: BTreeSet<FrameId>,
}

/// A clock that may be wrong, and run too fast or too slowly.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    ahead: i64,
    /// How much it gains, in millionths.
    gain: i64,
    /// Since when, in true time.
    since: i64,
}

impl Clock {
    pub(super) fn time(self, now: i64) -> i64 {
        now + self.ahead + (now - self.since) / SECOND * self.gain
    }

    pub(super) fn step(&mut self, by: i64) {
        self.ahead += by;
    }

    pub(super) fn run(&mut self, now: i64, gain: i64) {
        self.ahead = self.time(now) - now;
        (self.gain, self.since) = (gain, now);
    }
}

/// How a sync ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Whether the response to its push was late.
    pub(super) is_late: bool,
    /// The server that handled the push, and how often it had been killed.
    pub(super) server: usize,
    pub(super) restarts: u32,
    /// How far the database's clock was ahead.
    pub(super) database_ahead: i64,
}

/// A device of the user, with a token of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Device {
    pub(super) name: char,
    /// Also the number of its token.
    pub(super) number: usize,
    pub(super) folder: Folder,
    pub(super) clock: Clock,
    pub(super) backups: Vec<Folder>,
    /// The folder after each finished sync, newest last.
    pub(super) finished: Vec<Folder>,
    /// The versions of each frame that it has had in this life.
    pub(super) had: BTreeMap<FrameId, Known>,
    /// The latest two different values of `last_sync` that it has presented, newest last.
    pub(super) presented: (i64, i64),
    /// The end of its latest finished sync.
    pub(super) latest_end: Option<End>,
    /// Whether a push of it was assigned to an earlier sync, because another server had not noted
    /// its pull yet.
    pub(super) is_misattributed: bool,
    /// Versions that were pushed since the device last saved a `last_sync`.
    pub(super) unconfirmed: BTreeMap<FrameId, Version>,
    /// Frames that were removed while their push was not confirmed.
    pub(super) removed_unconfirmed: BTreeSet<FrameId>,
}

impl Device {
    pub(super) fn time(&self, now: i64) -> i64 {
        self.clock.time(now)
    }

    /// The time by the device's clock as Watson saves it.
    pub(super) fn second(&self, now: i64) -> i64 {
        self.time(now).div_euclid(SECOND) * SECOND
    }

    pub(super) fn edit(&mut self, now: i64, id: FrameId, version: Version) {
        let updated_at = self.second(now);
        let old = self.folder.frames.get(&id);
        let mut known = old.map_or_else(Known::new, |local| local.known.clone());
        known.insert(version, 0);
        self.folder.frames.insert(
            id,
            Local {
                version,
                updated_at,
                known,
            },
        );
        self.folder.removed.remove(&id);
        self.had.entry(id).or_default().insert(version, 0);
    }

    /// `watson rename` of 1.5.2, which does not update the time of the last change: such an edit is
    /// only pushed if another one of the frame is pending.
    pub(super) fn rename(&mut self, id: FrameId, version: Version) {
        let Some(local) = self.folder.frames.get_mut(&id) else {
            return;
        };
        local.version = version;
        local.known.insert(version, 0);
        self.had.entry(id).or_default().insert(version, 0);
    }

    pub(super) fn remove(&mut self, id: FrameId) {
        if self.folder.frames.remove(&id).is_some() {
            self.folder.removed.insert(id);
            if self.unconfirmed.contains_key(&id) {
                self.removed_unconfirmed.insert(id);
            }
        }
    }

    /// Notes that a version of a frame has been stored.
    pub(super) fn note_stored(&mut self, id: FrameId, version: Version, seq: i64) {
        let known = known_mut(&mut self.folder.frames, id, version);
        let had = self.had.get_mut(&id).and_then(|had| had.get_mut(&version));
        for noted in known.into_iter().chain(had) {
            *noted = seq;
        }
    }

    pub(super) fn note_presented(&mut self, last_sync: i64) {
        if last_sync != self.presented.1 {
            self.presented = (self.presented.1, last_sync);
        }
    }

    /// Replaces the folder: the end of this life of the device.
    pub(super) fn replace_folder(&mut self, folder: Folder) {
        self.had.clear();
        self.unconfirmed.clear();
        self.removed_unconfirmed.clear();
        self.folder = folder;
    }
}

/// A running `watson sync`: what it has loaded and pulled.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) device: usize,
    pub(super) last_sync: i64,
    /// When it began to pull, by the device's clock.
    pub(super) last_pull: i64,
    pub(super) frames: Frames,
    pub(super) removed: BTreeSet<FrameId>,
    /// Whether it has pulled frames, and will therefore save all of them.
    pub(super) is_changed: bool,
}

impl Process {
    pub(super) fn begin(device: &Device, now: i64) -> Self {
        Self {
            device: device.number,
            last_sync: device.folder.last_sync,
            last_pull: device.time(now),
            frames: device.folder.frames.clone(),
            removed: device.folder.removed.clone(),
            is_changed: false,
        }
    }

    /// Replaces the local frame with a pulled one, whichever is newer.
    pub(super) fn receive(&mut self, sent: Sent, time: i64) {
        let Sent { id, version, .. } = sent;
        let old = self.frames.remove(&id);
        let mut known = old.map_or_else(Known::new, |local| local.known);
        known.insert(version, sent.seq);
        self.frames.insert(
            id,
            Local {
                version,
                updated_at: time,
                known,
            },
        );
        self.is_changed = true;
    }

    /// Notes that a version of a frame has been stored.
    pub(super) fn note_stored(&mut self, id: FrameId, version: Version, seq: i64) {
        if let Some(noted) = known_mut(&mut self.frames, id, version) {
            *noted = seq;
        }
    }

    /// The frames that it pushes.
    pub(super) fn pending(&self) -> Vec<(FrameId, Version)> {
        let is_pending =
            |local: &Local| self.last_pull > local.updated_at && local.updated_at > self.last_sync;
        (self.frames.iter())
            .filter(|(_, local)| is_pending(local))
            .map(|(id, local)| (*id, local.version))
            .collect()
    }

    /// Saves the frames, in whole seconds.
    pub(super) fn save_frames(&self, device: &mut Device) {
        if self.is_changed {
            device.folder.frames = self.frames.clone();
            device.folder.removed = self.removed.clone();
            for local in device.folder.frames.values_mut() {
                local.updated_at = local.updated_at.div_euclid(SECOND) * SECOND;
            }
        }
    }

    pub(super) fn save_last_sync(device: &mut Device, now: i64) {
        device.folder.last_sync = device.second(now);
        device.unconfirmed.clear();
        device.finished.push(device.folder.clone());
    }
}

fn known_mut(frames: &mut Frames, id: FrameId, version: Version) -> Option<&mut i64> {
    frames.get_mut(&id)?.known.get_mut(&version)
}
