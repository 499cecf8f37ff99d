//! Writing frames: one transaction, and as many statements for ten thousand frames as for one.
//!
//! A push of a device is written optimistically: together with the token it was read where the user's sequence of frames
//! and the device's sync stand, and the push is written if both still stand there. On PostgreSQL this is one statement and
//! one commit. Otherwise it is planned again under the locks, which are always taken in this order: the user's row, the
//! user's sequence, the device's sync.

pub(in crate::store) mod batch;
mod missing;
mod postgres;
mod shared;
mod stale;
mod write;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::device_table::{self, Note};
use super::exclusive::{Arrival, DeviceSync, PastSync, PushPlan, SeqRange, plan_push};
use super::late_notes::LateNotes;
use super::running_pushes::RunningPush;
use super::state::{DatabaseClock, Devices, SyncState};
use crate::model::Frame;
use crate::store::turns::Turn;
use crate::store::{Caller, Store, StoreError, User};

use write::reserved;
pub(in crate::store) use write::{advance_seq, lock_user, write_locked};

/// The result of a push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Frames in it.
    pub received: usize,
    /// Frames that were new or different; the others were known already or had been removed.
    pub written: u64,
    /// How long the response has to be held back, so that two syncs do not end within the same second of the device's
    /// clock.
    pub hold: Duration,
}

/// A push of a token that belongs to one device.
struct DevicePush {
    user: User,
    token_id: Uuid,
    /// The user's newest sequence number, and the sync under way, as they were read before.
    seq: i64,
    under_way: Option<DeviceSync>,
    arrival: Arrival,
    clock: DatabaseClock,
    frames: Vec<Frame>,
    received: usize,
}

impl Store {
    /// Announces a push, which is running until the returned value is dropped.
    pub fn begin_push(&self, caller: &Caller) -> RunningPush {
        self.pushes.begin(caller.device)
    }

    /// Writes the frames that a device pushed, and notes that its sync has come to its end. Of two frames with one id the
    /// later one in the list counts.
    ///
    /// # Errors
    /// When the database fails, or another pull of the device took this push's place; then nothing was written.
    pub async fn push(&self, caller: &Caller, frames: Vec<Frame>) -> Result<Written, StoreError> {
        let Some(token_id) = caller.device else {
            return self.frames_save(&caller.user, frames).await;
        };
        let turn = self.turn_to_write(&caller.user, frames.len()).await;
        let has_waited = turn.as_ref().is_some_and(|turn| turn.has_waited);
        let state = match &caller.sync_state {
            Some(state) if !has_waited => state.clone(),
            Some(arrived) => SyncState {
                arrival: arrived.arrival,
                ..self.sync_state(token_id, None).await?
            },
            None => self.sync_state(token_id, None).await?,
        };
        match &state.devices {
            Devices::Several(cursors) => {
                self.push_shared(&caller.user, token_id, cursors, frames)
                    .await
            }
            Devices::One(stored) => {
                let under_way = stored.under_way.clone();
                let received = frames.len();
                let push = DevicePush {
                    user: caller.user.clone(),
                    token_id,
                    seq: state.seq,
                    under_way: self.late_notes.newest(token_id, under_way),
                    arrival: state.arrival,
                    clock: state.clock,
                    frames: last_of_each_id(frames),
                    received,
                };
                self.push_exclusive(push).await
            }
        }
    }

    /// Waits until no other request of this process writes frames of the user, without holding a connection.
    async fn turn_to_write(&self, user: &User, frames: usize) -> Option<Turn> {
        // On SQLite, pushes that wait share the next transaction.
        if frames == 0 || !self.is_postgres() {
            return None;
        }
        Some(self.writers.take(user.id).await)
    }

    async fn push_exclusive(&self, push: DevicePush) -> Result<Written, StoreError> {
        let count = i64::try_from(push.frames.len()).unwrap_or(i64::MAX);
        let plan = push.plan(push.under_way.as_ref(), (push.seq, push.seq + count));
        if !plan.must_note {
            let written = push.written(0, &plan.sync);
            // The past syncs that wait stay where they are: a copy of them would be added to them.
            self.late_notes.add(push.note(plan.sync, Vec::new()));
            return Ok(written);
        }
        if !self.is_postgres() {
            let (push, notes) = (Arc::new(push), self.late_notes.clone());
            let (written, note) = self
                .group_commit
                .run(move |transaction| {
                    let (push, notes) = (push.clone(), notes.clone());
                    Box::pin(async move { push.write(transaction, &notes).await })
                })
                .await?;
            self.late_notes.written(&note);
            return Ok(written);
        }
        let note = push.note(plan.sync, self.late_notes.all_past(push.token_id));
        if !plan.finds_missing
            && let Some(written) = postgres::push(&self.writer, &push, &note).await?
        {
            self.late_notes.written(&note);
            return Ok(push.written(written, &note.sync));
        }
        let transaction = self.begin().await?;
        let (written, note) = push.write(&transaction, &self.late_notes).await?;
        transaction.commit().await?;
        self.late_notes.written(&note);
        Ok(written)
    }

    /// Writes frames that come from no device; every device will be sent them.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn frames_save(
        &self,
        user: &User,
        frames: Vec<Frame>,
    ) -> Result<Written, StoreError> {
        if frames.is_empty() {
            return Ok(Written::default());
        }
        let received = frames.len();
        let _turn = self.turn_to_write(user, received).await;
        let transaction = self.begin().await?;
        let frames = last_of_each_id(frames);
        let lock = lock_user(&transaction, user, frames.len()).await?;
        let written = write_locked(&transaction, user, lock, None, &frames).await?;
        transaction.commit().await?;
        Ok(Written {
            received,
            written,
            hold: Duration::ZERO,
        })
    }
}

impl DevicePush {
    /// The frames get sequence numbers of this range.
    fn plan(&self, under_way: Option<&DeviceSync>, range: SeqRange) -> PushPlan {
        let is_empty = self.frames.is_empty();
        plan_push(under_way, range, self.clock.now(), is_empty)
    }

    fn note(&self, sync: DeviceSync, past: Vec<PastSync>) -> Note {
        Note {
            user_id: self.user.id,
            token_id: self.token_id,
            sync,
            past,
            now: self.clock.now(),
        }
    }

    fn written(&self, written: u64, sync: &DeviceSync) -> Written {
        Written {
            received: self.received,
            written,
            hold: self.clock.until(sync.hold_until),
        }
    }

    /// Plans and writes the push under the locks of the user and of the device's sync. The note that it wrote must be
    /// remembered only after the commit, which can fail.
    async fn write(
        &self,
        transaction: &DatabaseTransaction,
        late_notes: &LateNotes,
    ) -> Result<(Written, Note), StoreError> {
        let lock = lock_user(transaction, &self.user, self.frames.len()).await?;
        let range = (lock.seq, lock.seq + reserved(self.frames.len()));
        let mut under_way = self.under_way.clone();
        let mut noted = None;
        // What was read before is current, unless frames of the user were written since.
        if lock.seq == self.seq {
            let under_way = under_way.as_ref();
            noted = self
                .try_note(transaction, late_notes, under_way, range)
                .await?;
        }
        if noted.is_none() {
            let stored = device_table::locked(transaction, self.user.id, self.token_id).await?;
            under_way = late_notes.newest(self.token_id, stored);
            if !self.arrival.is_of(under_way.as_ref()) {
                return Err(StoreError::SyncRunning);
            }
            let under_way = under_way.as_ref();
            noted = self
                .try_note(transaction, late_notes, under_way, range)
                .await?;
        }
        let (plan, note) = noted.ok_or(StoreError::SyncRunning)?;
        let is_merging = note.sync.is_merging;
        let frames = if is_merging {
            &stale::without_stale(transaction, self, &note.sync).await?
        } else {
            &self.frames
        };
        let writer = Some(note.sync.writer);
        let written = match frames.is_empty() {
            true => 0,
            false => write_locked(transaction, &self.user, lock, writer, frames).await?,
        };
        if plan.finds_missing {
            missing::note(transaction, self, under_way.as_ref(), lock.seq, &plan).await?;
        }
        Ok((self.written(written, &note.sync), note))
    }

    /// Writes the note of the push, unless the sync under way is another one by now.
    async fn try_note(
        &self,
        transaction: &DatabaseTransaction,
        late_notes: &LateNotes,
        under_way: Option<&DeviceSync>,
        range: SeqRange,
    ) -> Result<Option<(PushPlan, Note)>, StoreError> {
        let plan = self.plan(under_way, range);
        let note = self.note(plan.sync.clone(), late_notes.all_past(self.token_id));
        let is_written = device_table::write(transaction, &note).await?;
        Ok(is_written.then_some((plan, note)))
    }
}

fn last_of_each_id(frames: Vec<Frame>) -> Vec<Frame> {
    let last: HashMap<Uuid, usize> = frames
        .iter()
        .enumerate()
        .map(|(at, frame)| (frame.id, at))
        .collect();
    if last.len() == frames.len() {
        return frames;
    }
    frames
        .into_iter()
        .enumerate()
        .filter(|(at, frame)| last[&frame.id] == *at)
        .map(|(_, frame)| frame)
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, ToSpan as _};
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::model::Scopes;
    use crate::store::Dsn;

    #[tokio::test]
    async fn syncs_of_nothing_leave_one_late_note_each() {
        let dsn = Dsn::parse("sqlite::memory:").expect("an address");
        let store = Store::open(&dsn, 1, true).await.expect("a database");
        let user = store.user_add("user").await.expect("a user");
        let token = store
            .token_create(&user, "device", Scopes::ALL, None, false)
            .await
            .expect("a token");
        let token_id = token.device.id;
        let mut last_sync: Timestamp = "2026-03-01T09:00:00Z".parse().expect("an instant");
        let syncs = 12;
        for _ in 0..syncs {
            last_sync += 1.minute();
            for is_pull in [true, false] {
                let presented = is_pull.then_some(last_sync);
                let caller = store
                    .authenticate_sync(token.secret.expose_secret(), presented)
                    .await
                    .expect("a database")
                    .expect("a valid token");
                if is_pull {
                    store.pull(&caller, last_sync).await.expect("a pull");
                } else {
                    store.push(&caller, Vec::new()).await.expect("a push");
                }
            }
        }
        let waiting = store.late_notes.all_past(token_id).len();
        assert!(waiting < syncs, "{waiting} past syncs wait");
    }
}
