//! What a device with a token of its own is sent: the decisions of exact sync, without any SQL.
//!
//! Watson pulls with its `last_sync`, pushes what changed on the device since then, saves its frames, and saves its
//! clock, in whole seconds, as the next `last_sync`. A pulled frame replaces the local one, so sending a device what it
//! already has destroys an edit that was not yet pushed; and a frame that is not sent is never asked for again. The
//! server therefore has to know exactly what the device has. It knows neither the device's clock nor how late a
//! response arrived, so it never compares that clock with one of its own: it only compares values of `last_sync` with
//! each other, and measures spans of time with the database's clock.
//!
//! A token has one sync *under way* ([`DeviceSync`]) and a list of *past* syncs ([`PastSync`]). Six rules:
//!
//! 1. **The `last_sync` of the sync under way**: the device did not save a new one, so a response was lost, and with it
//!    everything that was sent. The same frames are sent again: those of others since the sync began, and the device's
//!    own only if rule 2 or 3 sent them, without those that this sync itself has pushed, because the device may have
//!    edited them since. If an earlier attempt pushed a frame that the push of this attempt lacks, the device did not
//!    lose a response: it was restored from a backup one sync old, or wiped during its first sync. Such a frame is
//!    *owed* to the next sync, unless a later write replaced it.
//! 2. **The epoch, or the first pull of a token**: the device is new or was wiped. Everything is sent, including its own
//!    frames. If the sync under way began at the epoch, rule 1 applies: a lost first response must not undo edits.
//! 3. **The `last_sync` of a past sync**: the device was restored from a backup. Everything since it had that
//!    `last_sync` is sent, including its own frames, except those that it pushed in the sync that began there: the backup
//!    may hold them as edits that are not yet pushed, and rule 1 finds out whether it does. A value below all remembered
//!    ones, if older ones were forgotten, is treated as the oldest state there is: the empty one.
//! 4. **Any other value**: the sync under way finished, and the value is the time at which it did. What others wrote
//!    since is sent, and what is owed. If the value went *down*, nothing is owed: the clock was set back, and Watson does
//!    not push changes whose time is now in the future, so a frame that is missing from a push proves nothing.
//! 5. **Two syncs that end within one second of the device's clock** have the same `last_sync`, so the second looks as if
//!    its response had been lost. If a pull that returns frames arrives less than a second after the response to the
//!    token's previous push, the response to that pull's own push is held back until a second after the pull.
//! 6. **Concurrent requests of one device**: a push belongs to the pull that is the latest of its token when the push
//!    arrives, and is rejected if another pull is noted before it commits, unless that is the late note of the push's own
//!    pull, which another server kept ([`Arrival::is_of`]). Two pulls followed by two pushes come from two
//!    processes of one device. A process that was sent frames saves all frames as it knows them, and so overwrites what
//!    the other saved: the next sync begins where the earliest of these pulls ended that returned frames, and what only
//!    one of the two pushed is owed to it.
//!
//! What the rules cannot tell apart, and why each case is left as it is, is listed in docs/protocol.md. The simulation
//! runs these functions against Watson's own algorithm in random histories that are dense in faults.
//!
//! Not every step must be written down at once. A sync that began by rule 4, returned nothing and pushed nothing leads to
//! the same decisions whether it is remembered or not, except that a backup of exactly that state is not recognized. Such
//! notes are written late, many together ([`PullPlan::must_note`], [`PushPlan::must_note`]).

#[cfg(test)]
mod simulation;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::two_devices::LatestSyncs;

/// Instants and spans are in microseconds.
pub(crate) const SECOND: i64 = 1_000_000;
/// A sync keeps at most this many ranges of what it pushed. Only a device that was restored from the same backup more
/// often than this has more; the oldest are dropped.
const MAX_RANGES: usize = 16;

/// Sequence numbers after the first and up to the second.
pub(crate) type SeqRange = (i64, i64);

/// The sync under way of a token: the latest that its device began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceSync {
    /// Increases with every write of the row, for compare-and-swap.
    pub(crate) revision: i64,
    /// The mark on the frames that the device writes.
    pub(crate) writer: Uuid,
    /// The number of syncs that the token has begun, this one included.
    pub(crate) number: i64,
    /// Identifies the latest pull of the token; 0 before the first. It is random: a count would be the same for two pulls
    /// on servers of which neither has seen the other's late note, and so would be a time after the clock was set back.
    pub(crate) pulls: i64,
    /// As presented by the pull; 0 at the epoch, -1 before the first pull.
    pub(crate) last_sync: i64,
    /// When the sync began, the device had the frames of others up to this sequence number …
    pub(crate) told: i64,
    /// … and its own up to this one.
    pub(crate) wrote: i64,
    /// Whether the device's own frames after `wrote` are sent, too.
    pub(crate) is_whole: bool,
    /// Whether an earlier attempt of this sync may already have pushed.
    pub(crate) is_repeated: bool,
    /// Whether frames are owed to this sync.
    pub(crate) has_owed: bool,
    /// Whether frames may be owed to the next one.
    pub(crate) has_missing: bool,
    /// The user's newest sequence number at the latest pull: where the next sync begins.
    pub(crate) end: i64,
    /// The lowest `end` of the open pulls that returned frames; the highest number if none did.
    pub(crate) first_end: i64,
    /// The pulls since the last push before them.
    pub(crate) open_pulls: i32,
    /// The pushes since these pulls.
    pub(crate) open_pushes: i32,
    /// The user's newest sequence number after the latest push.
    pub(crate) wrote_end: i64,
    /// What the sync itself has pushed.
    pub(crate) pushed: Option<SeqRange>,
    /// What the sync that a restored device has begun anew had pushed.
    pub(crate) inherited: Vec<SeqRange>,
    /// When the response to the latest push was sent, by the database's clock; 0 if there was none.
    pub(crate) pushed_at: i64,
    /// The response to the next push is held back until then, by the same clock.
    pub(crate) hold_until: i64,
    /// Past syncs with a lower `last_sync` than this may have been forgotten; 0: none was.
    pub(crate) forgotten_before: i64,
    /// Whether the owner has asked that the device be sent everything at its next pull.
    pub(crate) resend: bool,
    /// The restore of the database that this device has been merged with, by the time of the restore; 0: none.
    pub(crate) merged_at: i64,
    /// Whether this sync is the one that merges the device with a restored database.
    pub(crate) is_merging: bool,
    /// What shows whether two devices use the token. No decision depends on it.
    pub(crate) latest_syncs: LatestSyncs,
}

/// What a device has whose latest saved `last_sync` is this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PastSync {
    /// The number of the sync that began with it.
    pub(crate) number: i64,
    /// As presented by that sync.
    pub(crate) last_sync: i64,
    /// The frames of others that the device had.
    pub(crate) told: i64,
    /// The device's own that it had.
    pub(crate) wrote: i64,
    /// What it pushed in that sync.
    pub(crate) pushed: Ranges,
}

/// Ranges of sequence numbers, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ranges(pub(crate) Vec<SeqRange>);

/// A pull as the server sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PullRequest {
    /// The device's, 0 or less for the epoch.
    pub(crate) last_sync: i64,
    /// The user's newest sequence number.
    pub(crate) seq: i64,
    /// The time by the database's clock.
    pub(crate) now: i64,
    /// When the user's database was restored from a backup, by the same clock; 0: it was not.
    pub(crate) restored_at: i64,
}

/// The state of a token's syncs when a push arrives, the body of which may take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Identifies the latest pull.
    pulls: i64,
    number: i64,
    revision: i64,
}

/// Why a pull began the way it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Rule 1.
    Repeat,
    /// Rule 2, or the owner asked for it.
    Everything,
    /// Rule 3.
    Backup,
    /// Rule 4.
    Next,
    /// The database was restored, and the device pushes what it has.
    Merge,
}

/// What a pull returns, and what is remembered of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PullPlan {
    pub(crate) rule: Rule,
    /// The sync under way from now on.
    pub(crate) sync: DeviceSync,
    /// The one that was under way until now, if this pull begins another.
    pub(crate) past: Option<PastSync>,
    /// Whether it has to be written before the response is sent.
    pub(crate) must_note: bool,
}

/// What is remembered of a push.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PushPlan {
    /// The sync under way from now on.
    pub(crate) sync: DeviceSync,
    /// Whether the frames that this push lacks must be found: the sync is a repeated one. If there is none that is owed,
    /// `sync.has_missing` is to be cleared.
    pub(crate) finds_missing: bool,
    /// The frames that this push writes are owed to the next sync, too: another process of the device did not push them,
    /// and may overwrite them there. Only if `finds_missing`.
    pub(crate) owes_written: bool,
    /// Whether it has to be written before the response is sent.
    pub(crate) must_note: bool,
}

/// The frames that a pull returns: with a sequence number up to `upto`, and
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    /// those of others after this number,
    pub(crate) told: i64,
    /// the device's own after this one, if they are sent at all,
    pub(crate) own_after: Option<i64>,
    /// without these,
    pub(crate) except: Ranges,
    /// and those owed to the sync of this number.
    pub(crate) owed_to: Option<i64>,
    pub(crate) upto: i64,
}

/// The database was restored from a backup, and the device has not been merged with it: its user has to remove the
/// device's file `last_sync`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MustStartOver;

/// Decides about a pull. `past` is the past sync with its `last_sync`, if there is one.
pub(crate) fn plan_pull(
    under_way: Option<&DeviceSync>,
    past: Option<&PastSync>,
    request: PullRequest,
) -> Result<PullPlan, MustStartOver> {
    let last_sync = request.last_sync.max(0);
    let before = match under_way {
        None => &DeviceSync::unused(Uuid::now_v7()),
        Some(before) => before,
    };
    let is_first = before.pulls == 0;
    let is_merged = before.merged_at >= request.restored_at;
    if !is_merged && last_sync > 0 {
        return Err(MustStartOver);
    }
    let (rule, sync) = if !is_merged {
        (Rule::Merge, before.begin_merge(request.restored_at))
    } else if before.resend {
        (Rule::Everything, before.begin_resend(last_sync))
    } else if last_sync == before.last_sync {
        (Rule::Repeat, before.repeat())
    } else if last_sync == 0 || is_first {
        (Rule::Everything, before.begin_whole(last_sync, 0, 0))
    } else if let Some(past) = past {
        (Rule::Backup, before.begin_restored(past))
    } else if last_sync < before.forgotten_before {
        (Rule::Backup, before.begin_whole(last_sync, 0, 0))
    } else {
        (Rule::Next, before.begin_next(last_sync))
    };
    let is_new = rule != Rule::Repeat;
    let past = (is_new && !is_first).then(|| before.as_past());
    let sync = sync.pulled(request, is_new);
    let must_note = match rule {
        // After a repeated sync, another server would take this sync's push for that of a second process.
        Rule::Next => sync.told < request.seq || sync.has_owed || before.is_repeated,
        Rule::Repeat => !before.is_asked_again(request.seq),
        Rule::Everything | Rule::Backup | Rule::Merge => true,
    };
    Ok(PullPlan {
        rule,
        sync,
        past,
        must_note,
    })
}

/// Decides about a push that takes the user's newest sequence number from `seq_before` to `seq_after`, at the time `now` of
/// the database's clock. `is_empty`: it contains no frame.
pub(crate) fn plan_push(
    under_way: Option<&DeviceSync>,
    (seq_before, seq_after): SeqRange,
    now: i64,
    is_empty: bool,
) -> PushPlan {
    let mut sync = match under_way {
        None => DeviceSync::unused(Uuid::now_v7()),
        Some(sync) => sync.clone(),
    };
    sync.open_pushes += 1;
    let is_second_process = sync.open_pulls > 1 && sync.open_pushes > 1;
    if is_second_process {
        sync.end = sync.end.min(sync.first_end); // Rule 6: two processes.
    }
    if sync.end == seq_before {
        // Nothing was written between the pull and the push, so what follows is the device's own.
        sync.end = seq_after;
    }
    if !is_empty {
        let from = sync.pushed.map_or(seq_before, |(from, _)| from);
        sync.pushed = Some((from, seq_after));
    }
    // A push without a pull of its own, a script's for example, shows nothing about the device.
    let has_pull = sync.open_pushes <= sync.open_pulls;
    let finds_missing = has_pull && (sync.is_repeated || sync.is_merging);
    sync.has_missing |= finds_missing;
    if sync.is_merging && finds_missing {
        sync.end = seq_after; // Whatever the push lacks of all that is there is owed.
    }
    sync.wrote_end = seq_after;
    sync.pushed_at = now.max(sync.hold_until.min(now + SECOND));
    PushPlan {
        finds_missing,
        owes_written: finds_missing && is_second_process,
        must_note: !is_empty || finds_missing,
        sync,
    }
}

impl Arrival {
    /// A push arrives when this sync is under way.
    pub(crate) fn at(under_way: Option<&DeviceSync>) -> Self {
        Self {
            pulls: under_way.map_or(0, |sync| sync.pulls),
            number: under_way.map_or(0, |sync| sync.number),
            revision: under_way.map_or(0, |sync| sync.revision),
        }
    }

    /// Rule 6: whether a push that arrived then belongs to this sync, which is under way now.
    ///
    /// It does, too, if nothing has been written since but the late note of a single pull, by which the device began its
    /// next sync (rule 4) and was sent nothing. That pull, to another server, came before the push: as long as the device
    /// waited for the response to the push, it would have repeated its earlier sync.
    pub(crate) fn is_of(self, under_way: Option<&DeviceSync>) -> bool {
        if self.pulls == under_way.map_or(0, |sync| sync.pulls) {
            return true;
        }
        under_way.is_some_and(|sync| {
            (sync.number, sync.revision) == (self.number + 1, self.revision + 1)
                && (sync.open_pulls, sync.open_pushes) == (1, 0)
                && !(sync.is_whole || sync.is_repeated || sync.is_merging)
                && sync.selection().is_none()
        })
    }
}

/// A random positive number.
fn new_pull_id() -> i64 {
    let (_, random) = Uuid::new_v4().as_u64_pair();
    (random >> 2 | 1).cast_signed()
}

impl DeviceSync {
    /// What is known of a token that has never been used.
    pub(crate) fn unused(writer: Uuid) -> Self {
        Self {
            revision: 0,
            writer,
            number: 0,
            pulls: 0,
            last_sync: -1,
            told: 0,
            wrote: 0,
            is_whole: false,
            is_repeated: false,
            has_owed: false,
            has_missing: false,
            end: 0,
            first_end: i64::MAX,
            open_pulls: 0,
            open_pushes: 0,
            wrote_end: 0,
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

    /// The sync as a past one.
    fn as_past(&self) -> PastSync {
        PastSync {
            number: self.number,
            last_sync: self.last_sync,
            told: self.told,
            wrote: self.wrote,
            pushed: self.all_pushed(),
        }
    }

    /// What the device pushed since it had the `last_sync` that this sync began with.
    pub(super) fn all_pushed(&self) -> Ranges {
        let all: Vec<SeqRange> = self.inherited.iter().copied().chain(self.pushed).collect();
        Ranges(all[all.len().saturating_sub(MAX_RANGES)..].to_vec())
    }

    /// Another sync of the same token, that begins where `told` and `wrote` say.
    fn begin(&self, last_sync: i64, told: i64, wrote: i64) -> Self {
        Self {
            revision: self.revision,
            pulls: self.pulls,
            number: self.number + 1,
            last_sync,
            told,
            wrote,
            end: told,
            wrote_end: wrote,
            pushed_at: self.pushed_at,
            hold_until: self.hold_until,
            forgotten_before: self.forgotten_before,
            merged_at: self.merged_at,
            latest_syncs: self.latest_syncs.clone(),
            ..Self::unused(self.writer)
        }
    }

    fn begin_next(&self, last_sync: i64) -> Self {
        let is_believed = self.is_merging || (self.is_repeated && last_sync > self.last_sync);
        let has_owed = is_believed && self.has_missing;
        // A backup of a device that has not yet received what it is owed lacks some of what it has pushed.
        let wrote = if has_owed { self.wrote } else { self.wrote_end };
        Self {
            has_owed,
            ..self.begin(last_sync, self.end, wrote)
        }
    }

    fn begin_whole(&self, last_sync: i64, told: i64, wrote: i64) -> Self {
        Self {
            is_whole: true,
            ..self.begin(last_sync, told, wrote)
        }
    }

    fn begin_restored(&self, past: &PastSync) -> Self {
        Self {
            is_repeated: true,
            inherited: past.pushed.0.clone(),
            ..self.begin_whole(past.last_sync, past.told, past.wrote)
        }
    }

    /// Everything, because the owner asked for it. What the device pushed in a sync whose response it may have lost is
    /// left out, as by rule 1.
    fn begin_resend(&self, last_sync: i64) -> Self {
        let is_same = last_sync == self.last_sync;
        Self {
            is_repeated: is_same,
            inherited: if is_same {
                self.all_pushed().0
            } else {
                Vec::new()
            },
            ..self.begin_whole(last_sync, 0, 0)
        }
    }

    /// Nothing is sent, and the push that follows brings everything that the device has.
    fn begin_merge(&self, restored_at: i64) -> Self {
        Self {
            merged_at: restored_at,
            is_merging: true,
            ..self.begin(0, self.end, self.wrote_end)
        }
    }

    /// Rule 1.
    fn repeat(&self) -> Self {
        Self {
            is_repeated: true,
            ..self.clone()
        }
    }

    /// The sync after a pull of it.
    fn pulled(mut self, request: PullRequest, is_new: bool) -> Self {
        if is_new || self.open_pushes > 0 {
            (self.open_pulls, self.open_pushes) = (0, 0);
            self.first_end = i64::MAX;
        }
        self.end = request.seq;
        let returns_frames = self.selection().is_some();
        if returns_frames {
            self.first_end = self.first_end.min(request.seq);
        }
        // Two stand for any number.
        self.open_pulls = (self.open_pulls + 1).min(2);
        self.pulls = new_pull_id();
        // Rule 5.
        let is_hurried = (0..SECOND).contains(&(request.now - self.pushed_at));
        self.hold_until = if is_hurried && returns_frames {
            request.now + SECOND
        } else {
            0
        };
        self
    }

    /// Whether the same pull again leaves nothing to be remembered.
    fn is_asked_again(&self, seq: i64) -> bool {
        self.is_repeated && self.open_pulls > 1 && self.open_pushes == 0 && self.end == seq
    }

    /// The frames that a pull of this sync returns; `None` if there is certainly none.
    pub(crate) fn selection(&self) -> Option<Selection> {
        if self.is_merging {
            return None;
        }
        let selection = Selection {
            told: self.told,
            own_after: self.is_whole.then_some(self.wrote),
            except: self.all_pushed(),
            owed_to: self.has_owed.then_some(self.number),
            upto: self.end,
        };
        let from = selection
            .own_after
            .map_or(self.told, |own| own.min(self.told));
        (from < self.end || self.has_owed).then_some(selection)
    }
}

impl Ranges {
    /// As JSON: a list of pairs.
    pub(super) fn to_json(&self) -> String {
        let pairs = self.0.iter().map(|(from, to)| format!("[{from},{to}]"));
        format!("[{}]", pairs.collect::<Vec<_>>().join(","))
    }
}

impl Selection {
    /// Whether these are all frames of the user.
    pub(super) fn is_everything(&self) -> bool {
        self.told == 0 && self.own_after == Some(0) && self.except.0.is_empty()
    }

    /// Whether these are only frames of others.
    pub(super) fn is_delta(&self) -> bool {
        self.own_after.is_none() && self.owed_to.is_none()
    }

    /// Whether a frame of the device itself with this sequence number is sent, unless it is owed.
    #[cfg(test)]
    fn has_own(&self, seq: i64) -> bool {
        let is_excepted = (self.except.0.iter()).any(|(from, to)| (from + 1..=*to).contains(&seq));
        self.own_after.is_some_and(|own| seq > own) && !is_excepted
    }
}
