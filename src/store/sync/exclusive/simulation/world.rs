//! A user's devices, servers and database, in simulated time.

use std::collections::BTreeSet;

use super::database::{Database, FrameId, Version};
use super::event::Event;
use super::mix::Mix;
use super::mutant::Rules;
use super::promise::{Broken, Rare};
use super::server::Server;
use super::watson::{Device, Folder};
use crate::store::db::clock::SECOND;

pub(super) struct World {
    pub(super) now: i64,
    /// How far the database's clock is ahead.
    pub(super) database_ahead: i64,
    pub(super) db: Database,
    pub(super) servers: Vec<Server>,
    pub(super) devices: Vec<Device>,
    database_backup: Option<Database>,
    /// For each version the versions that it was made from, and itself.
    pub(super) ancestors: Vec<BTreeSet<Version>>,
    /// The versions that were ever stored.
    pub(super) seen: BTreeSet<Version>,
    /// The versions whose push was acknowledged, with the device that pushed them.
    pub(super) acknowledged: BTreeSet<(usize, Version)>,
    /// What each device had when the database was restored.
    pub(super) had_at_restore: Vec<(usize, FrameId, Version)>,
    /// Frames that scripts have written with a device's token, which the device is not sent.
    pub(super) scripted: BTreeSet<(usize, Version)>,
    pub(super) rare: BTreeSet<Rare>,
    pub(super) broken: Vec<Broken>,
    /// A description of what happened, if it is wanted.
    log: Option<Vec<String>>,
}

impl World {
    pub(super) fn new(mix: Mix, rules: Rules, is_logged: bool) -> Self {
        let device = |number: usize| Device {
            name: char::from(b'A' + u8::try_from(number).unwrap_or(25)),
            number,
            ..Device::default()
        };
        Self {
            now: 1_000_000 * SECOND,
            database_ahead: 0,
            db: Database::new(mix.devices()),
            servers: vec![Server::new(rules); mix.servers()],
            devices: (0..mix.devices()).map(device).collect(),
            database_backup: None,
            ancestors: vec![BTreeSet::new()],
            seen: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
            had_at_restore: Vec::new(),
            scripted: BTreeSet::new(),
            rare: BTreeSet::new(),
            broken: Vec::new(),
            log: is_logged.then(Vec::new),
        }
    }

    pub(super) fn into_log(self) -> Vec<String> {
        self.log.unwrap_or_default()
    }

    pub(super) fn log(&mut self, text: impl FnOnce(&Self) -> String) {
        if self.log.is_some() && self.broken.is_empty() {
            let text = text(self);
            self.log.get_or_insert_default().push(text);
        }
    }

    pub(super) fn happen(&mut self, event: Event) {
        if !matches!(event, Event::Wait(_) | Event::Edit(..) | Event::Sync(_)) {
            self.log(|_| format!("{event:?}"));
        }
        match event {
            Event::Wait(time) => self.now += time,
            Event::Edit(device, id) => self.edit(device, id),
            Event::Rename(device, id) => {
                let version = self.new_version(device, id);
                self.devices[device].rename(id, version);
            }
            Event::Remove(device, id) => self.devices[device].remove(id),
            Event::Sync(sync) => self.sync(sync),
            Event::TwoProcesses {
                device,
                other,
                order,
                servers,
            } => self.two_processes(device, other, order, [servers.0, servers.1]),
            Event::HeldPush {
                device,
                held,
                servers,
            } => self.held_push(device, held, servers),
            Event::Crash(server) => self.server(server).crash(),
            Event::Flush(server) => {
                let server = server % self.servers.len();
                self.servers[server].flush(&mut self.db);
            }
            Event::ClockStep(device, by) => {
                self.rare.insert(Rare::ClockSet);
                self.devices[device].clock.step(by);
            }
            Event::ClockGain(device, gain) => self.devices[device].clock.run(self.now, gain),
            Event::DatabaseClockStep(by) => self.database_ahead += by,
            Event::Delete(id) => self.db.delete(id),
            Event::Script(device, id) => self.script(device, id),
            Event::Resend(device) => {
                let token = &mut self.db.tokens[device];
                if let Some(mut sync) = token.sync.clone() {
                    sync.resend = true;
                    token.write(sync);
                    self.rare.insert(Rare::Resend);
                }
            }
            Event::Revoke(device) => self.db.tokens[device].is_revoked = true,
            Event::Renew(device) => self.db.tokens[device].is_revoked = false,
            Event::Forget(device, limit) => {
                self.rare.insert(Rare::Forgotten);
                self.db.tokens[device].forget(limit);
            }
            Event::Backup(device) => {
                let device = &mut self.devices[device];
                device.backups.push(device.folder.clone());
            }
            Event::Restore(device, which) => {
                let backups = &self.devices[device].backups;
                if !backups.is_empty() {
                    let folder = backups[which % backups.len()].clone();
                    self.end_life(device, folder);
                }
            }
            Event::RestoreFinished(device, back) => {
                let finished = &self.devices[device].finished;
                if let Some(at) = finished.len().checked_sub(back + 1) {
                    let folder = finished[at].clone();
                    self.end_life(device, folder);
                }
            }
            Event::Wipe(device) => self.end_life(device, Folder::default()),
            Event::BackUpDatabase => self.database_backup = Some(self.db.clone()),
            Event::RestoreDatabase => {
                if let Some(backup) = self.database_backup.clone() {
                    let now = self.database_time();
                    self.servers.iter_mut().for_each(Server::crash);
                    for device in &self.devices {
                        let frames = device.folder.frames.iter();
                        let had = frames.map(|(id, local)| (device.number, *id, local.version));
                        self.had_at_restore.extend(had);
                    }
                    self.db.restore(&backup, now);
                    self.rare.insert(Rare::DatabaseRestored);
                }
            }
        }
    }

    pub(super) fn database_time(&self) -> i64 {
        self.now + self.database_ahead
    }

    pub(super) fn server(&mut self, server: usize) -> &mut Server {
        let server = server % self.servers.len();
        &mut self.servers[server]
    }

    fn end_life(&mut self, device: usize, folder: Folder) {
        let was_lost = self.rare.remove(&Rare::LifeLost) || self.rare.contains(&Rare::LivesLost);
        self.rare.insert(match was_lost {
            true => Rare::LivesLost,
            false => Rare::LifeLost,
        });
        let is_misattributed = self.devices[device].is_misattributed;
        if is_misattributed || !self.db.tokens[device].knows(folder.last_sync) {
            self.rare.insert(Rare::UnknownState);
        }
        self.devices[device].replace_folder(folder);
        self.log(|world| {
            let device = &world.devices[device];
            let frames = device.folder.frames.iter();
            let frames: Vec<_> = frames.map(|(id, local)| (*id, local.version)).collect();
            format!(
                "{} now has {frames:?}, last_sync {}",
                device.name, device.folder.last_sync
            )
        });
    }

    /// A new version of the device's frame.
    pub(super) fn new_version(&mut self, device: usize, id: FrameId) -> Version {
        let version = Version::try_from(self.ancestors.len()).unwrap_or(Version::MAX);
        let local = self.devices[device].folder.frames.get(&id);
        let known = local.into_iter().flat_map(|local| local.known.keys());
        let mut ancestors: BTreeSet<Version> = known.copied().collect();
        ancestors.insert(version);
        self.ancestors.push(ancestors);
        version
    }

    pub(super) fn edit(&mut self, device: usize, id: FrameId) {
        let version = self.new_version(device, id);
        let now = self.now;
        self.devices[device].edit(now, id, version);
        self.log(|world| format!("{} edits {id}: v{version}", world.devices[device].name));
    }
}
