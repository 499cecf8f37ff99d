//! What the server remembers about the syncs of an exclusive token, and how one sync leads to the
//! next. `exclusive.rs` has the rules.

use uuid::Uuid;

use super::selection::{Ranges, Selection, SeqRange};
use crate::store::db::clock::SECOND;
use crate::store::sync::two_devices::LatestSyncs;

/// How many ranges of pushed frames a sync remembers. Only a device that is restored from the same
/// backup more often needs more; the oldest are dropped.
const MAX_RANGES: usize = 16;

/// The sync under way of a token: the latest one that its device began.
///
/// Times are in microseconds. Fields that end in `seq` are sequence numbers of the user's frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceSync {
    /// Increases with every write of the row, for compare-and-swap.
    pub(crate) revision: i64,
    /// Identifies the device as the writer of its frames.
    pub(crate) writer: Uuid,
    /// The number of syncs that the token has begun, including this one.
    pub(crate) number: i64,
    /// Identifies the latest pull of the token; 0 before the first. Random: two servers that have
    /// not seen each other's late notes would count to the same number, and a time could repeat
    /// after the clock is set back.
    pub(crate) pull_id: i64,
    /// As presented by the pull; 0 at the epoch, -1 before the first pull.
    pub(crate) last_sync: i64,
    /// When the sync began, the device had the frames of others up to here …
    pub(crate) others_seq: i64,
    /// … and its own up to here.
    pub(crate) own_seq: i64,
    /// Whether the device's own frames after `own_seq` are sent, too.
    pub(crate) sends_own: bool,
    /// Whether an earlier attempt of this sync may already have pushed.
    pub(crate) is_repeated: bool,
    /// Whether frames are owed to this sync.
    pub(crate) has_owed: bool,
    /// Whether frames may be owed to the next one.
    pub(crate) has_missing: bool,
    /// The newest frame at the latest pull: where the next sync begins.
    pub(crate) end_seq: i64,
    /// The lowest `end_seq` of the open pulls that returned frames; `i64::MAX` if none did.
    pub(crate) first_end_seq: i64,
    /// The number of pulls since the last push before them; 2 stands for any higher number.
    pub(crate) open_pulls: i32,
    /// The number of pushes since these pulls.
    pub(crate) open_pushes: i32,
    /// The newest frame after the latest push.
    pub(crate) own_end_seq: i64,
    /// What this sync has pushed.
    pub(crate) pushed: Option<SeqRange>,
    /// What the past sync had pushed that this one restarts from a backup.
    pub(crate) inherited: Vec<SeqRange>,
    /// When the response to the latest push was sent, by the database's clock; 0 if there was none.
    pub(crate) pushed_at: i64,
    /// The response to the next push is delayed until then, by the same clock.
    pub(crate) hold_until: i64,
    /// Past syncs with a lower `last_sync` may have been forgotten; 0 if none was.
    pub(crate) forgotten_before: i64,
    /// Whether the owner has asked for everything to be sent at the next pull.
    pub(crate) resend: bool,
    /// The restore of the database that this device was merged with, by its time; 0 for none.
    pub(crate) merged_at: i64,
    /// Whether this sync merges the device with a restored database.
    pub(crate) is_merging: bool,
    /// Reveals whether two devices use the token. No decision depends on it.
    pub(crate) latest_syncs: LatestSyncs,
}

/// What a device has whose saved `last_sync` is this one: the state of a possible backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PastSync {
    /// The number of the sync that began with it.
    pub(crate) number: i64,
    /// As presented by that sync.
    pub(crate) last_sync: i64,
    /// The device had the frames of others up to here …
    pub(crate) others_seq: i64,
    /// … and its own up to here.
    pub(crate) own_seq: i64,
    /// What it pushed in that sync.
    pub(crate) pushed: Ranges,
}

impl DeviceSync {
    /// The state of a token that has never been used.
    pub(crate) fn new(writer: Uuid) -> Self {
        Self {
            revision: 0,
            writer,
            number: 0,
            pull_id: 0,
            last_sync: -1,
            others_seq: 0,
            own_seq: 0,
            sends_own: false,
            is_repeated: false,
            has_owed: false,
            has_missing: false,
            end_seq: 0,
            first_end_seq: i64::MAX,
            open_pulls: 0,
            open_pushes: 0,
            own_end_seq: 0,
            pushed: None,
            inherited: Vec::new(),
            pushed_at: 0,
            hold_until: 0,
            forgotten_before: 0,
            resend: false,
            merged_at: 0,
            is_merging: false,
            latest_syncs: LatestSyncs::default(),
        }
    }

    pub(super) fn to_past(&self) -> PastSync {
        PastSync {
            number: self.number,
            last_sync: self.last_sync,
            others_seq: self.others_seq,
            own_seq: self.own_seq,
            pushed: self.pushed_ranges(),
        }
    }

    /// What the device pushed since it had the `last_sync` that this sync began with.
    pub(in crate::store::sync) fn pushed_ranges(&self) -> Ranges {
        let all: Vec<SeqRange> = self.inherited.iter().copied().chain(self.pushed).collect();
        Ranges(all[all.len().saturating_sub(MAX_RANGES)..].to_vec())
    }

    /// The frames that a pull of this sync returns; `None` if there are certainly none.
    pub(crate) fn selection(&self) -> Option<Selection> {
        if self.is_merging {
            return None;
        }
        let selection = Selection {
            others_after: self.others_seq,
            own_after: self.sends_own.then_some(self.own_seq),
            except: self.pushed_ranges(),
            owed_to: self.has_owed.then_some(self.number),
            upto: self.end_seq,
        };
        let from = selection
            .own_after
            .map_or(self.others_seq, |own| own.min(self.others_seq));
        (from < self.end_seq || self.has_owed).then_some(selection)
    }

    /// Rule 1.
    pub(super) fn repeat(&self) -> Self {
        Self {
            is_repeated: true,
            ..self.clone()
        }
    }

    /// Rule 2, and rule 3 for a backup that is older than what is remembered.
    pub(super) fn begin_from_nothing(&self, last_sync: i64) -> Self {
        self.begin_with_own(last_sync, 0, 0)
    }

    /// Rule 3.
    pub(super) fn begin_from_backup(&self, past: &PastSync) -> Self {
        Self {
            is_repeated: true,
            inherited: past.pushed.0.clone(),
            ..self.begin_with_own(past.last_sync, past.others_seq, past.own_seq)
        }
    }

    /// Rule 4.
    pub(super) fn begin_next(&self, last_sync: i64) -> Self {
        let is_plausible = self.is_merging || (self.is_repeated && last_sync > self.last_sync);
        let has_owed = is_plausible && self.has_missing;
        // A backup of a device that was not yet sent what it is owed lacks some of its own frames.
        let own_seq = if has_owed {
            self.own_seq
        } else {
            self.own_end_seq
        };
        Self {
            has_owed,
            ..self.begin(last_sync, self.end_seq, own_seq)
        }
    }

    /// Everything, because the owner asked for it. What the device pushed in a sync whose response
    /// may have been lost is left out, as by rule 1.
    pub(super) fn begin_resend(&self, last_sync: i64) -> Self {
        let is_same = last_sync == self.last_sync;
        Self {
            is_repeated: is_same,
            inherited: if is_same {
                self.pushed_ranges().0
            } else {
                Vec::new()
            },
            ..self.begin_from_nothing(last_sync)
        }
    }

    /// Nothing is sent, and the push that follows contains everything that the device has.
    pub(super) fn begin_merge(&self, restored_at: i64) -> Self {
        Self {
            merged_at: restored_at,
            is_merging: true,
            ..self.begin(0, self.end_seq, self.own_end_seq)
        }
    }

    fn begin_with_own(&self, last_sync: i64, others_seq: i64, own_seq: i64) -> Self {
        Self {
            sends_own: true,
            ..self.begin(last_sync, others_seq, own_seq)
        }
    }

    fn begin(&self, last_sync: i64, others_seq: i64, own_seq: i64) -> Self {
        Self {
            revision: self.revision,
            pull_id: self.pull_id,
            number: self.number + 1,
            last_sync,
            others_seq,
            own_seq,
            end_seq: others_seq,
            own_end_seq: own_seq,
            pushed_at: self.pushed_at,
            hold_until: self.hold_until,
            forgotten_before: self.forgotten_before,
            merged_at: self.merged_at,
            latest_syncs: self.latest_syncs.clone(),
            ..Self::new(self.writer)
        }
    }

    /// The state after a pull at the time `now`, when `seq` is the user's newest sequence number.
    pub(super) fn after_pull(mut self, seq: i64, now: i64, is_new: bool) -> Self {
        if is_new || self.open_pushes > 0 {
            (self.open_pulls, self.open_pushes) = (0, 0);
            self.first_end_seq = i64::MAX;
        }
        self.end_seq = seq;
        let returns_frames = self.selection().is_some();
        if returns_frames {
            self.first_end_seq = self.first_end_seq.min(seq);
        }
        self.open_pulls = (self.open_pulls + 1).min(2);
        self.pull_id = new_pull_id();
        // Rule 5.
        let is_hurried = (0..SECOND).contains(&(now - self.pushed_at));
        self.hold_until = if is_hurried && returns_frames {
            now + SECOND
        } else {
            0
        };
        self
    }

    /// Whether another pull like the latest one changes nothing that a decision depends on.
    pub(super) fn is_noted_repeat(&self, seq: i64) -> bool {
        self.is_repeated && self.open_pulls > 1 && self.open_pushes == 0 && self.end_seq == seq
    }
}

/// A random positive number.
fn new_pull_id() -> i64 {
    let (_, random) = Uuid::new_v4().as_u64_pair();
    (random >> 2 | 1).cast_signed()
}
