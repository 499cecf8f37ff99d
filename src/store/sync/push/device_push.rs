//! A push with an exclusive token, and how it is written in a transaction.

use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::frame_writer::write_locked;
use super::outcome::PushOutcome;
use super::user_lock::{UserLock, lock_user, reserved_numbers};
use super::{owed_frames, restore_merge};
use crate::model::Frame;
use crate::store::sync::device_table;
use crate::store::sync::device_table::Note;
use crate::store::sync::exclusive::{Arrival, DeviceSync, PastSync, PushPlan, SeqRange, plan_push};
use crate::store::sync::late_notes::LateNotes;
use crate::store::{Clock, StoreError, User};

#[derive(Debug)]
pub(in crate::store) struct DevicePush {
    pub(super) user: User,
    pub(super) token_id: Uuid,
    /// The user's newest sequence number when the push was read …
    pub(super) seq: i64,
    /// … and the sync under way.
    pub(super) under_way: Option<DeviceSync>,
    pub(super) arrival: Arrival,
    pub(super) clock: Clock,
    /// Without duplicate ids.
    pub(super) frames: Vec<Frame>,
    /// The number of frames with duplicates.
    pub(super) received: usize,
}

/// A push that was planned under the user's lock.
#[derive(Debug)]
pub(super) struct PlannedPush {
    /// The sync under way before.
    before: Option<DeviceSync>,
    pub(super) plan: PushPlan,
    pub(super) note: Note,
}

impl DevicePush {
    /// The frames get sequence numbers of this range.
    pub(super) fn plan(&self, under_way: Option<&DeviceSync>, range: SeqRange) -> PushPlan {
        plan_push(under_way, range, self.clock.now(), self.frames.is_empty())
    }

    pub(super) fn note(&self, sync: DeviceSync, past: Vec<PastSync>) -> Note {
        Note {
            user_id: self.user.id,
            token_id: self.token_id,
            sync,
            past,
            now: self.clock.now(),
        }
    }

    pub(super) fn outcome(&self, written: u64, sync: &DeviceSync) -> PushOutcome {
        PushOutcome {
            received: self.received,
            written,
            hold: self.clock.until(sync.hold_until),
        }
    }

    /// Plans and writes the push under the locks of the user and of the device's sync. The returned
    /// note must be remembered after the commit, which can fail.
    pub(super) async fn write(
        &self,
        transaction: &DatabaseTransaction,
        late_notes: &LateNotes,
    ) -> Result<(PushOutcome, Note), StoreError> {
        let lock = lock_user(transaction, &self.user, self.frames.len()).await?;
        let expected = self.plan_if_current(lock, late_notes);
        let planned = match expected {
            Some(planned) if device_table::write(transaction, &planned.note).await? => planned,
            _ => self.note_under_lock(transaction, lock, late_notes).await?,
        };
        let written = self.write_frames(transaction, lock, &planned).await?;
        Ok((self.outcome(written, &planned.note.sync), planned.note))
    }

    /// Plans the push over the sync that was read with it, if no frames of the user were written
    /// since. Then the sync is likely the same, too.
    pub(super) fn plan_if_current(
        &self,
        lock: UserLock,
        late_notes: &LateNotes,
    ) -> Option<PlannedPush> {
        (lock.seq == self.seq).then(|| self.plan_over(self.under_way.clone(), lock, late_notes))
    }

    fn plan_over(
        &self,
        before: Option<DeviceSync>,
        lock: UserLock,
        late_notes: &LateNotes,
    ) -> PlannedPush {
        let range = (lock.seq, lock.seq + reserved_numbers(self.frames.len()));
        let plan = self.plan(before.as_ref(), range);
        let note = self.note(plan.sync.clone(), late_notes.all_past(self.token_id));
        PlannedPush { before, plan, note }
    }

    /// Locks the sync under way, plans the push over it and writes the note.
    pub(super) async fn note_under_lock(
        &self,
        transaction: &DatabaseTransaction,
        lock: UserLock,
        late_notes: &LateNotes,
    ) -> Result<PlannedPush, StoreError> {
        let stored = device_table::lock_sync(transaction, self.user.id, self.token_id).await?;
        let under_way = late_notes.newest(self.token_id, stored);
        if !self.arrival.belongs_to(under_way.as_ref()) {
            return Err(StoreError::SyncRunning);
        }
        let planned = self.plan_over(under_way, lock, late_notes);
        if device_table::write(transaction, &planned.note).await? {
            Ok(planned)
        } else {
            Err(StoreError::SyncRunning)
        }
    }

    /// Writes the frames of a push that has been noted, and returns how many were new or different.
    pub(super) async fn write_frames(
        &self,
        transaction: &DatabaseTransaction,
        lock: UserLock,
        planned: &PlannedPush,
    ) -> Result<u64, StoreError> {
        let PlannedPush { before, plan, note } = planned;
        let frames = if note.sync.is_merging {
            &restore_merge::without_stale(transaction, note, &self.frames).await?
        } else {
            &self.frames
        };
        let writer = Some(note.sync.writer);
        let written = match frames.is_empty() {
            true => 0,
            false => {
                let now = self.clock.now();
                write_locked(transaction, &self.user, lock, writer, frames, now).await?
            }
        };
        if plan.finds_missing {
            let (before, owes_written) = (before.as_ref(), plan.owes_written);
            let frames = &self.frames;
            owed_frames::record(transaction, note, frames, before, lock.seq, owes_written).await?;
        }
        Ok(written)
    }
}
