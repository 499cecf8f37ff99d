//! The database of the simulation: what all servers share, and what survives a crash.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::super::{DeviceSync, PastSync, Selection};
use super::mutant::{Mutant, Rules};

/// The identifier of a frame.
pub(super) type FrameId = char;
/// A frame's content. Later versions have higher numbers.
pub(super) type Version = u32;

/// A frame as the database stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) version: Version,
    pub(super) seq: i64,
    pub(super) writer: Option<Uuid>,
}

/// A frame in the response to a pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) id: FrameId,
    pub(super) version: Version,
    pub(super) seq: i64,
    /// Whether the device itself wrote it.
    pub(super) is_own: bool,
    pub(super) is_owed: bool,
}

/// What is stored about a token.
#[derive(Clone, Debug, Default)]
pub(super) struct Token {
    pub(super) sync: Option<DeviceSync>,
    /// By `last_sync`.
    pub(super) past: BTreeMap<i64, PastSync>,
    /// Frames owed, each with its sequence number and the number of the sync that they are owed to.
    pub(super) owed: Vec<(FrameId, i64, i64)>,
    pub(super) is_revoked: bool,
}

impl Token {
    /// The revision of the sync under way; 0 if there is none.
    pub(super) fn revision(&self) -> i64 {
        self.sync.as_ref().map_or(0, |sync| sync.revision)
    }

    /// Writes the sync under way, with the next revision.
    pub(super) fn write(&mut self, sync: DeviceSync) {
        let revision = self.revision() + 1;
        self.sync = Some(DeviceSync { revision, ..sync });
    }

    /// Whether the rules recognize a device that is restored to this `last_sync`.
    pub(super) fn knows(&self, last_sync: i64) -> bool {
        let is_under_way = self
            .sync
            .as_ref()
            .is_some_and(|sync| sync.last_sync == last_sync);
        last_sync == 0 || is_under_way || self.past.contains_key(&last_sync)
    }

    /// Deletes the oldest past syncs until at most `limit` remain.
    pub(super) fn forget(&mut self, limit: usize) {
        let Some(mut sync) = self.sync.clone() else {
            return;
        };
        while self.past.len() > limit {
            let oldest = self.past.values().min_by_key(|past| past.number);
            let Some(last_sync) = oldest.map(|past| past.last_sync) else {
                break;
            };
            self.past.remove(&last_sync);
            sync.forgotten_before = sync.forgotten_before.max(last_sync + 1);
        }
        self.write(sync);
    }
}

/// One user's rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Database {
    pub(super) seq: i64,
    pub(super) frames: BTreeMap<FrameId, Stored>,
    /// Deleted frames, with their last version.
    pub(super) tombstones: BTreeMap<FrameId, Version>,
    pub(super) tokens: Vec<Token>,
    /// When the database was restored from a backup; 0: never.
    pub(super) restored_at: i64,
    /// What that backup contained.
    pub(super) base: BTreeMap<FrameId, Stored>,
}

impl Database {
    pub(super) fn new(tokens: usize) -> Self {
        Self {
            tokens: vec![Token::default(); tokens],
            ..Self::default()
        }
    }

    /// The frames that a pull returns.
    pub(super) fn select(
        &self,
        rules: Rules,
        token: usize,
        writer: Uuid,
        selection: &Selection,
    ) -> Vec<Sent> {
        let is_unchecked = rules.have(Mutant::OwedUnchecked);
        let mut sent = Vec::new();
        for (id, stored) in &self.frames {
            let owed = &mut self.tokens[token].owed.iter();
            let is_owed = owed.any(|(frame, seq, number)| {
                frame == id
                    && (*seq == stored.seq || is_unchecked)
                    && Some(*number) == selection.owed_to
            });
            let is_own = stored.writer == Some(writer);
            let is_new = match is_own {
                true => selection.has_own(stored.seq),
                false => stored.seq > selection.others_after,
            };
            if stored.seq <= selection.upto && (is_new || is_owed) {
                sent.push(Sent {
                    id: *id,
                    version: stored.version,
                    seq: stored.seq,
                    is_own,
                    is_owed,
                });
            }
        }
        if is_unchecked {
            let owed = (self.tokens[token].owed.iter())
                .filter(|(_, _, number)| Some(*number) == selection.owed_to);
            for (id, seq, _) in owed.filter(|(id, ..)| self.tombstones.contains_key(id)) {
                sent.push(Sent {
                    id: *id,
                    version: self.tombstones[id],
                    seq: *seq,
                    is_own: true,
                    is_owed: true,
                });
            }
        }
        sent
    }

    /// Takes the next sequence number, and writes the frame with it unless nothing would change.
    pub(super) fn write(&mut self, id: FrameId, version: Version, writer: Option<Uuid>) {
        self.seq += 1;
        let is_known = match self.frames.get(&id) {
            Some(stored) => stored.version == version,
            None => self.tombstones.get(&id) == Some(&version),
        };
        if !is_known {
            let seq = self.seq;
            self.tombstones.remove(&id);
            self.frames.insert(
                id,
                Stored {
                    version,
                    seq,
                    writer,
                },
            );
        }
    }

    /// Deletes a frame, of which devices learn nothing.
    pub(super) fn delete(&mut self, id: FrameId) {
        if let Some(stored) = self.frames.remove(&id) {
            self.tombstones.insert(id, stored.version);
        }
    }

    /// Whether a push may write this version after the database was restored. An unmerged device
    /// does not replace what another one has pushed since with the backup's version; a device that
    /// is being merged does not replace a version that it may never have had.
    pub(super) fn may_merge(&self, sync: &DeviceSync, id: FrameId, version: Version) -> bool {
        let is_unmerged = sync.merged_at < self.restored_at;
        let base = self
            .base
            .get(&id)
            .filter(|_| is_unmerged || sync.is_merging);
        base.is_none_or(|base| {
            let had_it = base.seq <= sync.others_seq || base.writer == Some(sync.writer);
            base.version != version && (had_it || is_unmerged)
        })
    }

    /// Replaces everything with a backup.
    pub(super) fn restore(&mut self, backup: &Self, now: i64) {
        *self = backup.clone();
        self.restored_at = now;
        self.base = self.frames.clone();
    }
}
