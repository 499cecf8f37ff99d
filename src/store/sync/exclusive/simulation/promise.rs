//! What the rules promise, and how a history can break it.

use super::super::{Rule, SECOND};
use super::event::{Event, SyncEvent};
use super::server::{Pulled, Server};
use super::watson::Process;
use super::world::World;

/// A broken promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An edit that was not yet pushed is replaced by a version that the device has had.
    Undone,
    /// The same, at the epoch.
    UndoneAtEpoch,
    /// A frame comes back that was removed on the device …
    UndoneRemoved,
    /// … while its push was not confirmed: the device looks as if it had been restored from a backup.
    UndoneRemovedUnconfirmed,
    /// An edit that a device has pushed, and that was acknowledged, is replaced by its own older version.
    Lost,
    /// An edit is replaced by an older one of another device that pushes it once more, because its response was lost,
    /// without having seen the newer.
    Crossed,
    /// An edit that was made after the backup of the database is lost …
    LostByRestore,
    /// … because a device that has not edited the frame pushes the backup's version.
    UndoneByMerge,
    /// A device never gets a frame …
    Missing,
    /// … or keeps an old version of it.
    Stale,
    /// A device is sent a deleted frame.
    Deleted,
    /// A device is sent what it has, without a rule that gives the reason.
    SentAgain,
}

/// Events that the rules cannot always tell apart from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rare {
    /// A device was wiped or restored once …
    LifeLost,
    /// … or several times (and not only once).
    LivesLost,
    ClockSet,
    HalfSaved,
    TwoProcesses,
    /// Two processes of which the server cannot know that both run: the first one's response is late, or they use
    /// different servers.
    UnseenProcess,
    /// A device was restored to a state that is not noted: the note was written late, and was lost or obsolete.
    UnknownState,
    /// Two syncs of a device ended within one second of its clock, the second of which received something, and its server
    /// could not know that: the first one's response was late, or another server has not written its note yet.
    SameSecond,
    Resend,
    /// A frame whose push was not confirmed was edited between the next attempt's pull and push.
    EditedDuringRepeat,
    /// A script pushed before the device's first pull, or after a pull whose response was lost.
    Script,
    /// Past syncs were forgotten.
    Forgotten,
    DatabaseRestored,
}

#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub(super) kind: Kind,
    pub(super) text: String,
}

impl Broken {
    pub(super) fn new(kind: Kind, text: String) -> Self {
        Self { kind, text }
    }
}

impl World {
    /// Whether a pull that a process receives breaks a promise.
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
                    Rule::Repeat => !sent.is_own || pulled.is_whole,
                    Rule::Everything | Rule::Backup => true,
                };
            if !has_reason && !is_rewritten(seq) {
                let text = format!("{name} is sent v{version} of {id}, which it has");
                broken.push(Broken::new(Kind::SentAgain, text));
            }
        }
        self.broken.extend(broken);
    }

    /// Runs some syncs without faults, after which every device must have every frame, except for edits that Watson
    /// never pushes.
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
