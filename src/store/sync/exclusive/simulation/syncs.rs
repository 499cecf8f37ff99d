//! Syncs of the simulation: whole, interrupted and concurrent ones.

use std::collections::BTreeSet;

use super::super::Arrival;
use super::database::{FrameId, Version};
use super::event::{Between, Fault, HeldPush, SyncEvent};
use super::promise::Rare;
use super::server::Refusal;
use super::watson::{End, Process};
use super::world::World;
use crate::store::db::clock::SECOND;

/// How long a response takes if it is not late.
const ROUND_TRIP: i64 = SECOND / 20;

impl World {
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

    /// Returns whether the push was accepted. The server `flushed` writes its late notes while it
    /// arrives.
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

    /// Two processes of one device, such as a timer's and a person's, each pull, push and save. The
    /// order names the process of each step.
    pub(super) fn two_processes(
        &mut self,
        device: usize,
        other: Option<(usize, FrameId)>,
        order: [u8; 6],
        servers: [usize; 2],
    ) {
        self.rare.insert(Rare::TwoProcesses);
        // Whether the other process pulls between this one's push and its end.
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

    /// A push whose client has disconnected is still in progress while the device edits and syncs
    /// again.
    pub(super) fn held_push(&mut self, device: usize, held: HeldPush, servers: (usize, usize)) {
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
                // The pull is rejected: another sync is running.
                self.now += 10 * SECOND;
                self.commit(&mut process, server, &frames, arrival, false);
            }
            _ => {
                self.sync(sync);
                self.commit(&mut process, server, &frames, arrival, false);
            }
        }
    }

    /// A script pushes with the token of a device, without a pull: the device's pending frames, or
    /// a version that the device does not have.
    pub(super) fn script(&mut self, device: usize, id: Option<FrameId>) {
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
