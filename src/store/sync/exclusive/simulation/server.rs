//! A server of the simulation: the real decisions, and late notes in its memory.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::super::{Arrival, DeviceSync, PastSync, PullRequest, Rule};
use super::database::{Database, FrameId, Sent, Version};
use super::mutant::{Mutant, Rules};

/// What a server has not written yet about a token.
#[derive(Clone, Debug)]
struct LateNote {
    /// The revision of the stored sync that it follows.
    base: i64,
    sync: DeviceSync,
    past: Vec<PastSync>,
}

/// One server process.
#[derive(Clone, Debug)]
pub(super) struct Server {
    rules: Rules,
    /// How often it was killed.
    restarts: u32,
    late: BTreeMap<usize, LateNote>,
    /// Past syncs from late notes that another server's note has made obsolete.
    late_past: Vec<(usize, PastSync)>,
}

/// A request that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    MustStartOver,
    /// Another sync of the device is running, or has begun since.
    Busy,
}

/// The response to a pull.
#[derive(Clone, Debug)]
pub(super) struct Pulled {
    pub(super) rule: Rule,
    pub(super) frames: Vec<Sent>,
    pub(super) sends_own: bool,
}

impl Server {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            restarts: 0,
            late: BTreeMap::new(),
            late_past: Vec::new(),
        }
    }

    /// `kill -9` and a restart.
    pub(super) fn crash(&mut self) {
        let restarts = self.restarts + 1;
        *self = Self {
            restarts,
            ..Self::new(self.rules)
        };
    }

    pub(super) fn restarts(&self) -> u32 {
        self.restarts
    }

    pub(super) fn pull(
        &mut self,
        db: &mut Database,
        token: usize,
        last_sync: i64,
        now: i64,
    ) -> Result<Pulled, Refusal> {
        let before = self.sync(db, token);
        let past = self.past(db, token, last_sync.max(0));
        let request = PullRequest {
            last_sync,
            seq: db.seq,
            now,
            restored_at: db.restored_at,
        };
        let plan = (self.rules)
            .plan_pull(before.as_ref(), past.as_ref(), request)
            .map_err(|_| Refusal::MustStartOver)?;
        let writer = plan.sync.writer;
        let selection = self.rules.selection(&plan.sync);
        let frames = selection.map(|selection| db.select(self.rules, token, writer, &selection));
        let pulled = Pulled {
            rule: plan.rule,
            frames: frames.unwrap_or_default(),
            sends_own: plan.sync.sends_own,
        };
        self.note(db, token, plan.sync, plan.past, plan.must_note);
        Ok(pulled)
    }

    /// The state in which a push finds the token that arrives now.
    pub(super) fn arrival(&self, db: &Database, token: usize) -> Arrival {
        Arrival::at(self.sync(db, token).as_ref())
    }

    /// Whether this server knows that the sync with this `last_sync` is under way.
    pub(super) fn is_under_way(&self, db: &Database, token: usize, last_sync: i64) -> bool {
        self.sync(db, token)
            .is_some_and(|sync| sync.last_sync == last_sync)
    }

    /// Commits a push that arrived in this state. Returns when the response is sent.
    pub(super) fn push(
        &mut self,
        db: &mut Database,
        token: usize,
        frames: &[(FrameId, Version)],
        arrival: Arrival,
        now: i64,
    ) -> Result<i64, Refusal> {
        let is_late = !arrival.belongs_to(self.sync(db, token).as_ref());
        if is_late && !self.rules.have(Mutant::LatePush) {
            return Err(Refusal::Busy);
        }
        let before = (self.sync(db, token)).unwrap_or_else(|| DeviceSync::new(Uuid::now_v7()));
        let pushed_before = before.pushed_ranges();
        let seq_before = db.seq;
        for (id, version) in frames {
            if self.rules.have(Mutant::MergeWithoutBase) || db.may_merge(&before, *id, *version) {
                db.write(*id, *version, Some(before.writer));
            } else {
                db.seq += 1;
            }
        }
        let range = (seq_before, db.seq);
        let mut plan = (self.rules).plan_push(Some(&before), range, now, frames.is_empty());
        if plan.finds_missing {
            let contains = |id: FrameId, version: Option<Version>| {
                (frames.iter())
                    .any(|(pushed, with)| *pushed == id && version.is_none_or(|v| v == *with))
            };
            let missing = db.frames.iter().filter(|(id, stored)| {
                if before.is_merging {
                    return !contains(**id, Some(stored.version));
                }
                let is_lacking = pushed_before.contains(stored.seq) && !contains(**id, None);
                let is_written = plan.owes_written && stored.seq > seq_before;
                stored.writer == Some(before.writer) && (is_lacking || is_written)
            });
            let missing: Vec<_> = missing
                .map(|(id, stored)| (*id, stored.seq, before.number + 1))
                .collect();
            let owed = &mut db.tokens[token].owed;
            owed.retain(|(_, _, number)| *number == before.number);
            owed.extend(missing);
            let next = before.number + 1;
            plan.sync.has_missing = owed.iter().any(|(_, _, number)| *number == next);
        }
        let respond_at = plan.sync.pushed_at;
        self.note(db, token, plan.sync, None, plan.must_note);
        Ok(respond_at)
    }

    /// Writes the late notes that are not obsolete.
    pub(super) fn flush(&mut self, db: &mut Database) {
        for (token, note) in std::mem::take(&mut self.late) {
            self.late_past
                .extend(note.past.into_iter().map(|past| (token, past)));
            let token = &mut db.tokens[token];
            if token.revision() == note.base || self.rules.have(Mutant::LateNoteOverwrites) {
                token.write(note.sync);
            }
        }
        for (token, past) in std::mem::take(&mut self.late_past) {
            db.tokens[token].past.entry(past.last_sync).or_insert(past);
        }
    }

    /// The late note about a token, unless it is obsolete.
    fn late(&self, db: &Database, token: usize) -> Option<&LateNote> {
        let base = db.tokens[token].revision();
        self.late.get(&token).filter(|note| note.base == base)
    }

    /// The sync under way as this server knows it.
    fn sync(&self, db: &Database, token: usize) -> Option<DeviceSync> {
        match self.late(db, token) {
            Some(note) => Some(note.sync.clone()),
            None => db.tokens[token].sync.clone(),
        }
    }

    fn past(&self, db: &Database, token: usize, last_sync: i64) -> Option<PastSync> {
        let mut late = self
            .late(db, token)
            .into_iter()
            .flat_map(|note| note.past.iter().rev());
        let late = late.find(|past| past.last_sync == last_sync);
        let mut obsolete = self.late_past.iter().rev();
        late.or_else(|| db.tokens[token].past.get(&last_sync))
            .or_else(|| {
                let past = obsolete.find(|(of, past)| *of == token && past.last_sync == last_sync);
                past.map(|(_, past)| past)
            })
            .cloned()
    }

    /// Writes a note together with the late ones before it, or keeps it for later.
    fn note(
        &mut self,
        db: &mut Database,
        token: usize,
        sync: DeviceSync,
        past: Option<PastSync>,
        must_note: bool,
    ) {
        let is_current = self.late(db, token).is_some();
        let mut before = self
            .late
            .remove(&token)
            .map_or_else(Vec::new, |note| note.past);
        if !is_current {
            self.late_past
                .extend(before.drain(..).map(|past| (token, past)));
        }
        before.extend(past);
        let stored = &mut db.tokens[token];
        if must_note {
            for past in before {
                stored.past.insert(past.last_sync, past);
            }
            stored.write(sync);
        } else {
            let base = stored.revision();
            self.late.insert(
                token,
                LateNote {
                    base,
                    sync,
                    past: before,
                },
            );
        }
    }
}
