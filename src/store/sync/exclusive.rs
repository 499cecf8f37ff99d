//! Exclusive tokens: what a device with a token of its own is sent.
//!
//! [`plan_pull`] and [`plan_push`] decide, without SQL; `pull` and `push` carry the plans out.
//!
//! # What Watson does
//!
//! A sync is a pull, then a push. The pull presents `last_sync`, the time at which the device's
//! previous sync ended. The push contains the frames that have changed on the device since then.
//! Finally Watson saves its frames and, after them, its clock in whole seconds as the next
//! `last_sync`. Two of its habits shape all rules:
//!
//! - A pulled frame replaces the local one. Sending a device what it already has destroys an edit
//!   that it has not pushed yet.
//! - A frame that a device was not sent, it never asks for again.
//!
//! So the server must know exactly what the device has. But it knows neither the device's clock nor
//! whether and when a response arrived. Therefore no decision compares the device's clock with the
//! server's: values of `last_sync` are compared only with each other, and durations are measured by
//! the database's clock, which all servers share.
//!
//! # What the server remembers
//!
//! Every write gives a frame the user's next sequence number and records which device wrote it.
//! What a device has is therefore two numbers: it has the frames of others up to one, and its own
//! up to the other. The server remembers them for the sync *under way* ([`DeviceSync`]) and for the
//! *past* ones ([`PastSync`]) of each token. Frames that a device lacks although they lie within
//! these numbers are *owed* to it, and recorded one by one.
//!
//! # The rules
//!
//! The `last_sync` of a pull decides which of the first four rules applies.
//!
//! 1. **The `last_sync` of the sync under way: a response was lost.** The device has saved no new
//!    one, so it has discarded what it was sent. It is sent the same again: the frames of others
//!    since the sync began, and its own only if rule 2 or 3 sent them. What this sync itself has
//!    pushed is left out, because the device may have edited it since.
//!
//!    The push that follows reveals another explanation. If it lacks a frame that an earlier
//!    attempt of the sync pushed, the device no longer has that frame: it was restored from a
//!    backup one sync old, or wiped during its first sync. The frame is owed to the next sync,
//!    unless it has been written again by then.
//!
//! 2. **The epoch, or a token's first pull: the device is new or was wiped.** It is sent
//!    everything, including its own frames. If the sync under way began at the epoch, rule 1
//!    applies instead; otherwise a lost first response would undo edits.
//!
//! 3. **The `last_sync` of a past sync: the device was restored from a backup.** It is sent
//!    everything since it had that `last_sync`, including its own frames. What it pushed in the
//!    sync that began there is left out, because the backup may contain it as edits not yet pushed.
//!    Rule 1 finds out whether it does: the sync counts as a repeated one. A value below all
//!    remembered ones, if older ones were forgotten, stands for the oldest state: an empty device.
//!
//! 4. **Any other value: the sync under way finished**, and this is the time at which it did. The
//!    device is sent what others have written since, and what it is owed. If the value is lower
//!    than the one before, the clock was set back, and nothing is owed: Watson does not push
//!    changes whose time now lies in the future, so a frame missing from a push proves nothing.
//!
//! 5. **Two syncs must not end within one second of the device's clock.** They would save the same
//!    `last_sync`, and the second would look like a lost response. If a pull that returns frames
//!    arrives less than a second after the response to the token's previous push, the response to
//!    its own push is delayed until a second after the pull.
//!
//! 6. **A push belongs to the latest pull of its token.** If another pull is noted between the
//!    push's arrival and its commit, the push is rejected; otherwise a push whose client has
//!    disconnected could replace what was acknowledged later. [`Arrival::belongs_to`] has the one
//!    exception. Two pulls followed by two pushes come from two processes of the device, such as a
//!    timer and a person. A process that received frames saves all frames as it knows them, and
//!    overwrites what the other has saved. The next sync therefore begins where the earliest of
//!    these pulls that returned frames ended, and is owed what only one of the two has pushed.
//!
//! docs/protocol.md lists the situations that these rules cannot tell apart, and why each is
//! handled as it is. The simulation runs the rules against Watson's algorithm, in random histories
//! that are dense in faults.
//!
//! # What may be noted late
//!
//! A sync that began by rule 4, returned nothing and pushed nothing leads to the same decisions
//! whether or not it is remembered, with one exception: a backup of exactly that state is not
//! recognized. Such syncs are noted later, many together, to save a write to the disk for each
//! ([`PullPlan::must_note`], [`PushPlan::must_note`]).

mod device_sync;
mod selection;
#[cfg(test)]
mod simulation;

use uuid::Uuid;

use crate::store::db::clock::SECOND;

pub(crate) use device_sync::{DeviceSync, PastSync};
pub(crate) use selection::{Ranges, Selection, SeqRange};

/// A pull as the server sees it. Times are in microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PullRequest {
    /// Presented by the device; 0 or less for the epoch.
    pub(crate) last_sync: i64,
    /// The user's newest sequence number.
    pub(crate) seq: i64,
    /// The time by the database's clock.
    pub(crate) now: i64,
    /// When the database was restored from a backup, by the same clock; 0 if it was not.
    pub(crate) restored_at: i64,
}

/// Why a pull returns what it returns.
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
    /// The sync under way from now on; its [`DeviceSync::selection`] is returned.
    pub(crate) sync: DeviceSync,
    /// The one that was under way until now, if this pull begins another.
    pub(crate) past: Option<PastSync>,
    /// Whether the plan must be noted before the response is sent.
    pub(crate) must_note: bool,
}

/// What is remembered of a push.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PushPlan {
    /// The sync under way from now on.
    pub(crate) sync: DeviceSync,
    /// Whether the frames that this push lacks are owed to the next sync: this one is repeated.
    pub(crate) finds_missing: bool,
    /// Whether the frames that this push writes are owed to the next sync, too: another process of
    /// the device did not push them, and may overwrite them there. Only if `finds_missing`.
    pub(crate) owes_written: bool,
    /// Whether the plan must be noted before the response is sent.
    pub(crate) must_note: bool,
}

/// The database was restored from a backup, and the device has not been merged with it: its user
/// has to delete the device's file `last_sync`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MustStartOver;

/// Decides what a pull returns. `past` is the past sync with its `last_sync`, if there is one.
pub(crate) fn plan_pull(
    under_way: Option<&DeviceSync>,
    past: Option<&PastSync>,
    request: PullRequest,
) -> Result<PullPlan, MustStartOver> {
    let last_sync = request.last_sync.max(0);
    let before = match under_way {
        None => &DeviceSync::new(Uuid::now_v7()),
        Some(before) => before,
    };
    let is_first = before.pull_id == 0;
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
        (Rule::Everything, before.begin_from_nothing(last_sync))
    } else if let Some(past) = past {
        (Rule::Backup, before.begin_from_backup(past))
    } else if last_sync < before.forgotten_before {
        (Rule::Backup, before.begin_from_nothing(last_sync))
    } else {
        (Rule::Next, before.begin_next(last_sync))
    };
    let is_new = rule != Rule::Repeat;
    let past = (is_new && !is_first).then(|| before.to_past());
    let sync = sync.after_pull(request.seq, request.now, is_new);
    let must_note = match rule {
        // After a repeated sync, another server would take this sync's push for that of a second
        // process.
        Rule::Next => sync.others_seq < request.seq || sync.has_owed || before.is_repeated,
        Rule::Repeat => !before.is_noted_repeat(request.seq),
        Rule::Everything | Rule::Backup | Rule::Merge => true,
    };
    Ok(PullPlan {
        rule,
        sync,
        past,
        must_note,
    })
}

/// Decides what is remembered of a push that takes the user's newest sequence number from
/// `seq_before` to `seq_after`, at the time `now` by the database's clock.
pub(crate) fn plan_push(
    under_way: Option<&DeviceSync>,
    (seq_before, seq_after): SeqRange,
    now: i64,
    is_empty: bool,
) -> PushPlan {
    let mut sync = match under_way {
        None => DeviceSync::new(Uuid::now_v7()),
        Some(sync) => sync.clone(),
    };
    sync.open_pushes += 1;
    let is_second_process = sync.open_pulls > 1 && sync.open_pushes > 1;
    if is_second_process {
        sync.end_seq = sync.end_seq.min(sync.first_end_seq); // Rule 6.
    }
    if sync.end_seq == seq_before {
        // Nothing was written between the pull and the push, so what follows is the device's own.
        sync.end_seq = seq_after;
    }
    if !is_empty {
        let from = sync.pushed.map_or(seq_before, |(from, _)| from);
        sync.pushed = Some((from, seq_after));
    }
    // A push without a pull of its own, such as a script's, reveals nothing about the device.
    let has_pull = sync.open_pushes <= sync.open_pulls;
    let finds_missing = has_pull && (sync.is_repeated || sync.is_merging);
    sync.has_missing |= finds_missing;
    if sync.is_merging && finds_missing {
        sync.end_seq = seq_after; // Whatever exists and the push lacks is owed.
    }
    sync.own_end_seq = seq_after;
    sync.pushed_at = now.max(sync.hold_until.min(now + SECOND));
    PushPlan {
        finds_missing,
        owes_written: finds_missing && is_second_process,
        must_note: !is_empty || finds_missing,
        sync,
    }
}

/// The state of a token's syncs when a push arrives, the body of which may take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pull_id: i64,
    number: i64,
    revision: i64,
}

impl Arrival {
    /// A push arrives when this sync is under way.
    pub(crate) fn at(under_way: Option<&DeviceSync>) -> Self {
        Self {
            pull_id: under_way.map_or(0, |sync| sync.pull_id),
            number: under_way.map_or(0, |sync| sync.number),
            revision: under_way.map_or(0, |sync| sync.revision),
        }
    }

    /// Rule 6: whether the push belongs to this sync, which is under way when it commits.
    ///
    /// It also does if the only change since is the late note of a single pull by which the device
    /// began its next sync (rule 4) without being sent anything. The device sent that pull, to
    /// another server, before the push: had it still been waiting for the response to the push, it
    /// would have repeated its earlier sync.
    pub(crate) fn belongs_to(self, under_way: Option<&DeviceSync>) -> bool {
        if self.pull_id == under_way.map_or(0, |sync| sync.pull_id) {
            return true;
        }
        under_way.is_some_and(|sync| {
            (sync.number, sync.revision) == (self.number + 1, self.revision + 1)
                && (sync.open_pulls, sync.open_pushes) == (1, 0)
                && !(sync.sends_own || sync.is_repeated || sync.is_merging)
                && sync.selection().is_none()
        })
    }
}
