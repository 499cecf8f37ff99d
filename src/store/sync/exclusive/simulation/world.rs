//! A user's devices, servers and database, in simulated time.

use std::collections::BTreeSet;

use super::super::{Arrival, SECOND};
use super::database::{Database, FrameId, Version};
use super::event::{Between, Event, Fault, HeldPush, Mix, SyncEvent};
use super::mutant::Rules;
use super::promise::{Broken, Kind, Rare};
use super::server::{Refusal, Server};
use super::watson::{Device, End, Folder, Process};

/// How long a response takes if it is not late.
const ROUND_TRIP: i64 = SECOND / 20;

pub(super) struct World {
    pub(super) now: i64,
    /// How far the database's clock is ahead.
    database_ahead: i64,
    pub(super) db: Database,
    pub(super) servers: Vec<Server>,
    pub(super) devices: Vec<Device>,
    database_backup: Option<Database>,
    /// For each version the versions that it was made from, and itself.
    pub(super) ancestors: Vec<BTreeSet<Version>>,
    /// The versions that were ever stored.
    pub(super) seen: BTreeSet<Version>,
    /// The versions whose push was acknowledged, with the device that pushed them.
    acknowledged: BTreeSet<(usize, Version)>,
    /// What each device had when the database was restored.
    pub(super) had_at_restore: Vec<(usize, FrameId, Version)>,
    /// Frames that scripts have written with a device's token, and that the device is therefore not sent.
    pub(super) scripted: BTreeSet<(usize, Version)>,
    pub(super) rare: BTreeSet<Rare>,
    pub(super) broken: Vec<Broken>,
    /// What happened, in words; `None` unless it is asked for.
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

    /// What happened, in words.
    pub(super) fn into_log(self) -> Vec<String> {
        self.log.unwrap_or_default()
    }

    fn log(&mut self, text: impl FnOnce(&Self) -> String) {
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
            Event::Remove(device, id) => {
                self.devices[device].remove(id);
            }
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

    fn database_time(&self) -> i64 {
        self.now + self.database_ahead
    }

    fn server(&mut self, server: usize) -> &mut Server {
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
    fn new_version(&mut self, device: usize, id: FrameId) -> Version {
        let version = Version::try_from(self.ancestors.len()).unwrap_or(Version::MAX);
        let local = self.devices[device].folder.frames.get(&id);
        let known = local.into_iter().flat_map(|local| local.known.keys());
        let mut ancestors: BTreeSet<Version> = known.copied().collect();
        ancestors.insert(version);
        self.ancestors.push(ancestors);
        version
    }

    fn edit(&mut self, device: usize, id: FrameId) {
        let version = self.new_version(device, id);
        let now = self.now;
        self.devices[device].edit(now, id, version);
        self.log(|world| format!("{} edits {id}: v{version}", world.devices[device].name));
    }

    pub(super) fn sync(&mut self, sync: SyncEvent) {
        let device = sync.device;
        self.log(|world| {
            let device = &world.devices[device];
            format!(
                "{} syncs from {}: {sync:?}",
                device.name, device.folder.last_sync
            )
        });
        let mut process = Process::begin(&self.devices[device], self.now);
        if sync.fault == Fault::PullLost || self.pull(&mut process, sync.servers.0).is_none() {
            return;
        }
        self.now += sync.late.0;
        match sync.between {
            Between::Nothing => {}
            Between::Edit(id) => {
                if self.devices[device].unconfirmed.contains_key(&id) {
                    self.rare.insert(Rare::EditedDuringRepeat);
                }
                self.edit(device, id);
                // Watson reads the frames when it first needs them.
                if !process.is_changed {
                    process.frames = self.devices[device].folder.frames.clone();
                    process.removed = self.devices[device].folder.removed.clone();
                }
            }
            Between::Sync(other, id) => {
                self.edit(other, id);
                self.now += SECOND + SECOND / 10;
                self.sync(SyncEvent::plain(other));
            }
            Between::CrashBeforeResponse => return self.server(sync.servers.0).crash(),
            Between::CrashAfterResponse => self.server(sync.servers.0).crash(),
        }
        if matches!(sync.fault, Fault::PullResponseLost | Fault::PushLost) {
            return;
        }
        let is_acknowledged = sync.fault != Fault::PushResponseLost && !sync.is_push_killed;
        let flushed = sync.is_flushed.then_some(sync.servers.0);
        let is_pushed = self.push(&mut process, sync.servers.1, flushed, is_acknowledged);
        if sync.is_push_killed {
            self.server(sync.servers.1).crash();
        }
        self.now += sync.late.1;
        if !is_pushed || !is_acknowledged || sync.fault == Fault::Killed {
            return;
        }
        self.save_frames(&process);
        if sync.fault == Fault::HalfSaved {
            self.rare.insert(Rare::HalfSaved);
            return;
        }
        self.save_last_sync(&process, sync.servers, sync.late.1 > 0);
    }

    /// Returns `None` if the pull fails.
    fn pull(&mut self, process: &mut Process, server: usize) -> Option<()> {
        let token = process.device;
        let (server, now) = (server % self.servers.len(), self.database_time());
        if self.db.tokens[token].is_revoked {
            return None;
        }
        let pulled = self.servers[server].pull(&mut self.db, token, process.last_sync, now);
        self.now += ROUND_TRIP;
        match pulled {
            Ok(pulled) => {
                self.log(|_| format!("    is sent {pulled:?}"));
                self.devices[token].note_presented(process.last_sync);
                self.check_pulled(process, &pulled);
                let time = self.devices[token].time(self.now);
                for sent in &pulled.frames {
                    process.receive(*sent, time);
                }
                Some(())
            }
            Err(Refusal::MustStartOver) => {
                self.devices[token].folder.last_sync = 0;
                None
            }
            Err(Refusal::Busy) => None,
        }
    }

    /// Returns whether the push was accepted. The server `flushed` writes its late notes while it arrives.
    fn push(
        &mut self,
        process: &mut Process,
        server: usize,
        flushed: Option<usize>,
        is_acknowledged: bool,
    ) -> bool {
        let server = server % self.servers.len();
        let arrival = self.servers[server].arrival(&self.db, process.device);
        let frames = process.pending();
        if let Some(flushed) = flushed {
            let flushed = flushed % self.servers.len();
            self.servers[flushed].flush(&mut self.db);
        }
        self.commit(process, server, &frames, arrival, is_acknowledged)
    }

    fn commit(
        &mut self,
        process: &mut Process,
        server: usize,
        frames: &[(FrameId, Version)],
        arrival: Arrival,
        is_acknowledged: bool,
    ) -> bool {
        let (token, now) = (process.device, self.database_time());
        let before = self.db.frames.clone();
        if self.db.tokens[token].is_revoked {
            return false;
        }
        let is_known = self.servers[server].is_under_way(&self.db, token, process.last_sync);
        self.devices[token].is_misattributed |= !is_known && !frames.is_empty();
        let response = self.servers[server].push(&mut self.db, token, frames, arrival, now);
        self.log(|_| format!("    pushes {frames:?}: {response:?}"));
        let Ok(respond_at) = response else {
            self.now += ROUND_TRIP;
            return false;
        };
        self.now = respond_at - self.database_ahead + ROUND_TRIP;
        for (id, version) in frames {
            let replaced = before.get(id).map(|stored| stored.version);
            self.check_replaced(token, *id, *version, replaced);
            if let Some(stored) = self
                .db
                .frames
                .get(id)
                .filter(|stored| stored.version == *version)
            {
                process.note_stored(*id, *version, stored.seq);
                self.devices[token].note_stored(*id, *version, stored.seq);
            }
            if process.last_sync == self.devices[token].folder.last_sync {
                self.devices[token].unconfirmed.insert(*id, *version);
            }
            if is_acknowledged {
                self.acknowledged.insert((token, *version));
            }
        }
        self.seen
            .extend(self.db.frames.values().map(|stored| stored.version));
        true
    }

    /// An acknowledged version must not be replaced by one that it was made from.
    fn check_replaced(
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

    fn save_frames(&mut self, process: &Process) {
        process.save_frames(&mut self.devices[process.device]);
        let device = &mut self.devices[process.device];
        for (id, local) in device.folder.frames.iter() {
            let seq = local.known.get(&local.version).copied().unwrap_or(0);
            device
                .had
                .entry(*id)
                .or_default()
                .insert(local.version, seq);
        }
    }

    fn save_last_sync(&mut self, process: &Process, servers: (usize, usize), is_late: bool) {
        let (now, number) = (self.now, self.servers.len());
        let device = &mut self.devices[process.device];
        Process::save_last_sync(device, now);
        let server = servers.0 % number;
        let same_server = End {
            is_late: false,
            server,
            restarts: self.servers[server].restarts(),
            database_ahead: self.database_ahead,
        };
        let is_unknown = device.latest_end != Some(same_server);
        if device.folder.last_sync == process.last_sync && process.is_changed && is_unknown {
            self.rare.insert(Rare::SameSecond);
        }
        let server = servers.1 % number;
        device.latest_end = Some(End {
            is_late,
            server,
            restarts: self.servers[server].restarts(),
            database_ahead: self.database_ahead,
        });
        self.log(|world| {
            format!(
                "    saves {}",
                world.devices[process.device].folder.last_sync
            )
        });
    }

    /// Two processes of one device, for example a timer's and a person's. Each pulls, pushes and saves, in this order.
    fn two_processes(
        &mut self,
        device: usize,
        other: Option<(usize, FrameId)>,
        order: [u8; 6],
        servers: [usize; 2],
    ) {
        self.rare.insert(Rare::TwoProcesses);
        // Which of them has pulled and pushed, and not yet saved.
        let is_overlapped = |first: u8| {
            let steps = |of: u8| (0..6).filter(move |at| order[*at] == of);
            let (own, other): (Vec<_>, Vec<_>) =
                (steps(first).collect(), steps(1 - first).collect());
            (own[1]..own[2]).contains(&other[0])
        };
        if is_overlapped(0) || is_overlapped(1) || servers[0] % 3 != servers[1] % 3 {
            self.rare.insert(Rare::UnseenProcess);
        }
        let mut processes: [Option<(Process, u8)>; 2] = [None, None];
        let mut is_other_due = other.is_some();
        for which in order {
            let which = usize::from(which);
            let Some((process, step)) = &mut processes[which] else {
                let mut process = Process::begin(&self.devices[device], self.now);
                if self.pull(&mut process, servers[which]).is_none() {
                    return;
                }
                processes[which] = Some((process, 1));
                if let Some((other, id)) = other.filter(|_| is_other_due) {
                    is_other_due = false;
                    self.edit(other, id);
                    self.now += SECOND + SECOND / 10;
                    self.sync(SyncEvent::plain(other));
                }
                continue;
            };
            *step += 1;
            let step = *step;
            let mut running = process.clone();
            if step == 2 {
                if !self.push(&mut running, servers[which], None, true) {
                    return;
                }
                processes[which] = Some((running, step));
            } else {
                self.save_frames(&running);
                self.save_last_sync(&running, (servers[which], servers[which]), false);
            }
        }
    }

    /// A push whose client has disconnected is still in progress while the device edits and syncs again.
    fn held_push(&mut self, device: usize, held: HeldPush, servers: (usize, usize)) {
        let mut process = Process::begin(&self.devices[device], self.now);
        if self.pull(&mut process, servers.0).is_none() {
            return;
        }
        let server = servers.0 % self.servers.len();
        let frames = process.pending();
        let arrival = self.servers[server].arrival(&self.db, device);
        self.now += 2 * SECOND;
        if let Some((id, _)) = frames.first() {
            self.edit(device, *id);
            self.now += 2 * SECOND;
        }
        let is_same_server = server == servers.1 % self.servers.len();
        let sync = SyncEvent {
            servers: (servers.1, servers.1),
            ..SyncEvent::plain(device)
        };
        match held {
            HeldPush::Cancelled if is_same_server => self.sync(sync),
            HeldPush::Finishes if is_same_server => {
                self.commit(&mut process, server, &frames, arrival, false);
                self.sync(sync);
            }
            HeldPush::Stuck if is_same_server => {
                // The pull is told that another sync is running.
                self.now += 10 * SECOND;
                self.commit(&mut process, server, &frames, arrival, false);
            }
            _ => {
                self.sync(sync);
                self.commit(&mut process, server, &frames, arrival, false);
            }
        }
    }

    /// A script pushes with the token of a device, without a pull: the device's pending frames, or a version that the
    /// device does not have.
    fn script(&mut self, device: usize, id: Option<FrameId>) {
        let mut process = Process::begin(&self.devices[device], self.now);
        let frames = match id {
            None => process.pending(),
            Some(id) => {
                let version = self.new_version(device, id);
                self.ancestors[version as usize] = BTreeSet::from([version]);
                self.scripted.insert((device, version));
                vec![(id, version)]
            }
        };
        let open_pulls = (self.db.tokens[device].sync.as_ref()).map_or(0, |sync| sync.open_pulls);
        if open_pulls != 1 {
            self.rare.insert(Rare::Script);
        }
        let arrival = self.servers[0].arrival(&self.db, device);
        self.commit(&mut process, 0, &frames, arrival, true);
    }
}
