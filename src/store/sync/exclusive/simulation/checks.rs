//! Finds the promises that a history breaks.

use super::super::Rule;
use super::database::{FrameId, Version};
use super::event::{Event, SyncEvent};
use super::promise::{Broken, Kind, Rare};
use super::server::{Pulled, Server};
use super::watson::Process;
use super::world::World;
use crate::store::db::clock::SECOND;

impl World {
    /// Checks what a process receives.
    pub(super) fn check_pulled(&mut self, process: &Process, pulled: &Pulled) {
        let device = &self.devices[process.device];
        let name = device.name;
        let mut broken = Vec::new();
        for sent in &pulled.frames {
            let (id, version) = (sent.id, sent.version);
            let had = device.had.get(&id).and_then(|had| had.get(&version));
            if !self.db.frames.contains_key(&id) {
                let text = format!("{name} is sent {id}, which was deleted");
                broken.push(Broken::new(Kind::Deleted, text));
            }
            let is_rewritten = |seq: &i64| (1..sent.seq).contains(seq);
            if let Some(seq) = had.filter(|_| device.folder.removed.contains(&id)) {
                let text = format!("{name} is sent {id} again, which it removed");
                let kind = match device.removed_unconfirmed.contains(&id) {
                    _ if is_rewritten(seq) => Kind::Crossed,
                    true => Kind::UndoneRemovedUnconfirmed,
                    false => Kind::UndoneRemoved,
                };
                broken.push(Broken::new(kind, text));
            }
            let Some(local) = process.frames.get(&id) else {
                continue;
            };
            let is_pending = local.updated_at > process.last_sync;
            let Some(seq) = local.known.get(&version) else {
                continue;
            };
            if version != local.version && is_pending {
                let kind = match process.last_sync {
                    _ if is_rewritten(seq) => Kind::Crossed,
                    0 => Kind::UndoneAtEpoch,
                    _ => Kind::Undone,
                };
                let mine = local.version;
                let text = format!("{name} is sent v{version} of {id} again and loses its v{mine}");
                broken.push(Broken::new(kind, text));
            }
            let (before, latest) = device.presented;
            let is_up = before < latest || pulled.rule != Rule::Next;
            let has_reason = (sent.is_owed && is_up)
                || self.rare.contains(&Rare::TwoProcesses)
                || match pulled.rule {
                    Rule::Next | Rule::Merge => false,
                    Rule::Repeat => !sent.is_own || pulled.sends_own,
                    Rule::Everything | Rule::Backup => true,
                };
            if !has_reason && !is_rewritten(seq) {
                let text = format!("{name} is sent v{version} of {id}, which it has");
                broken.push(Broken::new(Kind::SentAgain, text));
            }
        }
        self.broken.extend(broken);
    }

    /// An acknowledged version must not be replaced by one of its ancestors.
    pub(super) fn check_replaced(
        &mut self,
        device: usize,
        id: FrameId,
        version: Version,
        replaced: Option<Version>,
    ) {
        let is_stored = self
            .db
            .frames
            .get(&id)
            .is_some_and(|stored| stored.version == version);
        if let Some(replaced) = replaced
            && is_stored
            && replaced != version
            && self.ancestors[replaced as usize].contains(&version)
        {
            let name = self.devices[device].name;
            let text = format!("{name} replaces v{replaced} of {id} by the older v{version}");
            let is_own = self.acknowledged.contains(&(device, replaced));
            let is_base = self
                .db
                .base
                .get(&id)
                .is_some_and(|base| base.version == version);
            let kind = match is_own {
                _ if is_base => Kind::UndoneByMerge,
                true => Kind::Lost,
                false => Kind::Crossed,
            };
            self.broken.push(Broken::new(kind, text));
        }
    }

    /// Runs some syncs without faults, after which every device must have every frame, except for
    /// edits that Watson never pushes.
    pub(super) fn finish(&mut self) {
        for device in 0..self.devices.len() {
            self.happen(Event::Renew(device));
        }
        let rounds = match self.rare.contains(&Rare::DatabaseRestored) {
            true => 7,
            false => 4,
        };
        for _ in 0..rounds {
            for device in 0..self.devices.len() {
                self.now += 5 * SECOND;
                self.sync(SyncEvent::plain(device));
            }
        }
        self.servers.iter_mut().for_each(Server::crash);
        let mut broken = Vec::new();
        for device in &self.devices {
            for (id, stored) in &self.db.frames {
                if self.scripted.contains(&(device.number, stored.version)) {
                    continue;
                }
                match device.folder.frames.get(id) {
                    None if device.folder.removed.contains(id) => {}
                    None => {
                        let text = format!("{} never gets {id}", device.name);
                        broken.push(Broken::new(Kind::Missing, text));
                    }
                    Some(local) if local.version == stored.version => {}
                    Some(local) if self.seen.contains(&local.version) => {
                        let (name, mine, newest) = (device.name, local.version, stored.version);
                        let text = format!("{name} keeps v{mine} of {id} instead of v{newest}");
                        broken.push(Broken::new(Kind::Stale, text));
                    }
                    Some(_) => {}
                }
            }
        }
        for (device, id, version) in &self.had_at_restore {
            let name = self.devices[*device].name;
            if let Some(stored) = self.db.frames.get(id)
                && stored.version != *version
                && self.ancestors[*version as usize].contains(&stored.version)
            {
                let text = format!("{name} had v{version} of {id} when the database was restored");
                broken.push(Broken::new(Kind::LostByRestore, text));
            }
        }
        self.broken.extend(broken);
    }
}
