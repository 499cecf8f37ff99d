//! A push of a token that belongs to one device, and how it is written in a transaction.

use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::write::{UserLock, reserved};
use super::{Written, lock_user, missing, stale, write_locked};
use crate::model::Frame;
use crate::store::sync::device_table;
use crate::store::sync::device_table::Note;
use crate::store::sync::exclusive::{Arrival, DeviceSync, PastSync, PushPlan, SeqRange, plan_push};
use crate::store::sync::late_notes::LateNotes;
use crate::store::{Clock, StoreError, User};

/// A push of a token that belongs to one device.
#[derive(Debug)]
pub(in crate::store) struct DevicePush {
    pub(super) user: User,
    pub(super) token_id: Uuid,
    /// The user's newest sequence number, and the sync under way, as they were read before.
    pub(super) seq: i64,
    pub(super) under_way: Option<DeviceSync>,
    pub(super) arrival: Arrival,
    pub(super) clock: Clock,
    pub(super) frames: Vec<Frame>,
    pub(super) received: usize,
}

/// What is noted of a push, once it holds the user's lock.
#[derive(Debug)]
pub(super) struct Noted {
    /// The sync under way before.
    under_way: Option<DeviceSync>,
    pub(super) plan: PushPlan,
    pub(super) note: Note,
}

impl DevicePush {
    /// The frames get sequence numbers of this range.
    pub(super) fn plan(&self, under_way: Option<&DeviceSync>, range: SeqRange) -> PushPlan {
        let is_empty = self.frames.is_empty();
        plan_push(under_way, range, self.clock.now(), is_empty)
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

    pub(super) fn written(&self, written: u64, sync: &DeviceSync) -> Written {
        Written {
            received: self.received,
            written,
            hold: self.clock.until(sync.hold_until),
        }
    }

    /// Plans and writes the push under the locks of the user and of the device's sync. The note that it wrote must be
    /// remembered only after the commit, which can fail.
    pub(super) async fn write(
        &self,
        transaction: &DatabaseTransaction,
        late_notes: &LateNotes,
    ) -> Result<(Written, Note), StoreError> {
        let lock = lock_user(transaction, &self.user, self.frames.len()).await?;
        let mut noted = None;
        if self.is_current(lock) {
            let expected = self.over(self.under_way.clone(), lock, late_notes);
            let is_written = device_table::write(transaction, &expected.note).await?;
            noted = is_written.then_some(expected);
        }
        let noted = match noted {
            Some(noted) => noted,
            None => self.note_again(transaction, lock, late_notes).await?,
        };
        let written = self.finish(transaction, lock, &noted).await?;
        Ok((self.written(written, &noted.note.sync), noted.note))
    }

    /// Whether no frames of the user were written since the push was read. Then the sync under way is likely the same, too.
    pub(super) fn is_current(&self, lock: UserLock) -> bool {
        lock.seq == self.seq
    }

    /// What is to be noted over this sync.
    pub(super) fn over(
        &self,
        under_way: Option<DeviceSync>,
        lock: UserLock,
        late_notes: &LateNotes,
    ) -> Noted {
        let range = (lock.seq, lock.seq + reserved(self.frames.len()));
        let plan = self.plan(under_way.as_ref(), range);
        let note = self.note(plan.sync.clone(), late_notes.all_past(self.token_id));
        Noted {
            under_way,
            plan,
            note,
        }
    }

    /// Reads the sync under way again, under its lock, and notes the push.
    pub(super) async fn note_again(
        &self,
        transaction: &DatabaseTransaction,
        lock: UserLock,
        late_notes: &LateNotes,
    ) -> Result<Noted, StoreError> {
        let stored = device_table::locked(transaction, self.user.id, self.token_id).await?;
        let under_way = late_notes.newest(self.token_id, stored);
        if !self.arrival.belongs_to(under_way.as_ref()) {
            return Err(StoreError::SyncRunning);
        }
        let noted = self.over(under_way, lock, late_notes);
        if device_table::write(transaction, &noted.note).await? {
            Ok(noted)
        } else {
            Err(StoreError::SyncRunning)
        }
    }

    /// Writes the frames of a push that has been noted, and returns how many of them were new or different.
    pub(super) async fn finish(
        &self,
        transaction: &DatabaseTransaction,
        lock: UserLock,
        noted: &Noted,
    ) -> Result<u64, StoreError> {
        let Noted {
            under_way,
            plan,
            note,
        } = noted;
        let frames = if note.sync.is_merging {
            &stale::without_stale(transaction, self, &note.sync).await?
        } else {
            &self.frames
        };
        let writer = Some(note.sync.writer);
        let written = match frames.is_empty() {
            true => 0,
            false => {
                write_locked(
                    transaction,
                    &self.user,
                    lock,
                    writer,
                    frames,
                    self.clock.now(),
                )
                .await?
            }
        };
        if plan.finds_missing {
            missing::note(transaction, self, under_way.as_ref(), lock.seq, plan).await?;
        }
        Ok(written)
    }
}
