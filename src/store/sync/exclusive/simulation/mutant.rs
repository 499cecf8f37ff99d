//! Planted bugs: each alters the rules in one way. The simulation must find every one of them.

use super::super::{
    DeviceSync, MustStartOver, PastSync, PullPlan, PullRequest, PushPlan, Ranges, Rule, Selection,
    SeqRange, plan_pull, plan_push,
};

/// One bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutant {
    /// A device is sent its own frames like those of others.
    OwnAgain,
    /// Rule 3 is missing: a backup is not recognized.
    NoBackup,
    /// Nothing is ever owed.
    NoOwed,
    /// Rule 1 is missing: a lost response is not recognized.
    NoRepeat,
    /// Rule 2 applies to every pull at the epoch, also to a repeated one.
    EpochAlwaysAll,
    /// Rule 5 is missing.
    NoHold,
    /// A push is accepted although another pull came meanwhile.
    LatePush,
    /// The next sync begins where the latest of two processes' pulls ended.
    TwoProcesses,
    /// A push moves the end of its sync past what others wrote since the pull.
    EndAdvancedTooFar,
    /// An owed frame is sent although it was deleted or written again.
    OwedUnchecked,
    /// A late note replaces what was noted since.
    LateNoteOverwrites,
    /// Every note is written late.
    EveryNoteLate,
    /// The pulls of a token are counted by each server for itself.
    PullsCounted,
    /// Rule 4 ignores that the value went down.
    OwedAfterStepBack,
    /// A restored device is sent what it pushed in the sync that it restarts.
    NotInherited,
    /// A push without a pull of its own reveals what the device lacks.
    ScriptShowsMissing,
    /// What only one of two processes pushed is not owed.
    SecondProcessNotOwed,
    /// The pull after a repeated sync is noted late.
    NoteAfterRepeatLate,
    /// The sync after a merge begins where the merging pull ended.
    MergeEndsAtPull,
    /// A backup of a device that is owed something is assumed to contain it.
    OwedInBackup,
    /// A merge replaces what another device has pushed since the restore.
    MergeWithoutBase,
}

impl Mutant {
    pub(super) const ALL: [Self; 21] = [
        Self::OwnAgain,
        Self::NoBackup,
        Self::NoOwed,
        Self::NoRepeat,
        Self::EpochAlwaysAll,
        Self::NoHold,
        Self::LatePush,
        Self::TwoProcesses,
        Self::EndAdvancedTooFar,
        Self::OwedUnchecked,
        Self::LateNoteOverwrites,
        Self::EveryNoteLate,
        Self::PullsCounted,
        Self::OwedAfterStepBack,
        Self::NotInherited,
        Self::ScriptShowsMissing,
        Self::SecondProcessNotOwed,
        Self::NoteAfterRepeatLate,
        Self::MergeEndsAtPull,
        Self::OwedInBackup,
        Self::MergeWithoutBase,
    ];
}

/// The rules, with at most one bug.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rules(pub(super) Option<Mutant>);

impl Rules {
    pub(super) fn have(self, mutant: Mutant) -> bool {
        self.0 == Some(mutant)
    }

    pub(super) fn plan_pull(
        self,
        under_way: Option<&DeviceSync>,
        past: Option<&PastSync>,
        request: PullRequest,
    ) -> Result<PullPlan, MustStartOver> {
        let is_first = under_way.is_none_or(|sync| sync.pull_id == 0);
        let mut before = under_way.cloned();
        let forgets_repeat = self.have(Mutant::NoRepeat)
            || (self.have(Mutant::EpochAlwaysAll) && request.last_sync == 0);
        if let Some(before) = before.as_mut().filter(|_| forgets_repeat && !is_first) {
            before.last_sync = -2;
        }
        let past = past.filter(|_| !self.have(Mutant::NoBackup));
        let mut plan = plan_pull(before.as_ref(), past, request)?;
        if self.have(Mutant::NoOwed) {
            plan.sync.has_owed = false;
        }
        if self.have(Mutant::NoHold) {
            plan.sync.hold_until = 0;
        }
        if self.have(Mutant::PullsCounted) {
            plan.sync.pull_id = under_way.map_or(0, |sync| sync.pull_id) + 1;
        }
        if self.have(Mutant::NotInherited) && plan.rule == Rule::Backup {
            plan.sync.inherited.clear();
        }
        if self.have(Mutant::OwedAfterStepBack)
            && plan.rule == Rule::Next
            && let Some(before) = under_way
        {
            plan.sync.has_owed |= before.is_repeated && before.has_missing;
        }
        if self.have(Mutant::NoteAfterRepeatLate) && plan.rule == Rule::Next {
            plan.must_note = plan.sync.others_seq < request.seq || plan.sync.has_owed;
        }
        if self.have(Mutant::OwedInBackup)
            && plan.rule == Rule::Next
            && let Some(before) = under_way
        {
            plan.sync.own_seq = before.own_end_seq;
        }
        plan.must_note &= !self.have(Mutant::EveryNoteLate) || is_first;
        Ok(plan)
    }

    pub(super) fn plan_push(
        self,
        under_way: Option<&DeviceSync>,
        range: SeqRange,
        now: i64,
        is_empty: bool,
    ) -> PushPlan {
        let mut plan = plan_push(under_way, range, now, is_empty);
        if self.have(Mutant::TwoProcesses)
            && let Some(before) = under_way
        {
            plan.sync.end_seq = before.end_seq;
        }
        if self.have(Mutant::EndAdvancedTooFar) {
            plan.sync.end_seq = range.1;
        }
        if self.have(Mutant::ScriptShowsMissing) {
            plan.finds_missing = plan.sync.is_repeated || plan.sync.is_merging;
        }
        plan.owes_written &= !self.have(Mutant::SecondProcessNotOwed);
        if self.have(Mutant::MergeEndsAtPull)
            && let Some(before) = under_way.filter(|before| before.is_merging)
        {
            plan.sync.end_seq = before.end_seq;
        }
        plan.must_note &= !self.have(Mutant::EveryNoteLate);
        plan
    }

    pub(super) fn selection(self, sync: &DeviceSync) -> Option<Selection> {
        let selection = sync.selection()?;
        Some(if self.have(Mutant::OwnAgain) {
            Selection {
                own_after: Some(selection.others_after),
                except: Ranges::default(),
                ..selection
            }
        } else {
            selection
        })
    }
}
