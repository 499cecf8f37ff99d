//! Writing frames: one transaction, and as many statements for ten thousand frames as for one.
//!
//! A push of a device is written optimistically: together with the token it was read where the user's sequence of frames
//! and the device's sync stand, and the push is written if both still stand there. On PostgreSQL this is one statement and
//! one commit. Otherwise it is planned again under the locks, which are always taken in this order: the user's row, the
//! user's sequence, the device's sync.

pub(in crate::store) mod batch;
mod device_push;
mod missing;
mod postgres;
mod shared;
mod sqlite;
mod stale;
pub(in crate::store) mod together;
mod write;

use std::collections::HashMap;
use std::time::Duration;

use uuid::Uuid;

use super::running_pushes::RunningPush;
use super::state::{Devices, SyncState};
use super::turns::Turn;
use crate::model::Frame;
use crate::store::{Caller, Store, StoreError, User};

use device_push::DevicePush;
use together::DeviceWrite;

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

impl Store {
    /// Announces a push, which is running until the returned value is dropped.
    pub fn begin_push(&self, caller: &Caller) -> RunningPush {
        self.pushes.begin(caller.token_id())
    }

    /// Writes the frames that a device pushed, and notes that its sync has come to its end. Of two frames with one id the
    /// later one in the list counts.
    ///
    /// # Errors
    /// When the database fails, or another pull of the device took this push's place; then nothing was written.
    pub async fn push(
        &self,
        caller: &Caller,
        state: Option<SyncState>,
        frames: Vec<Frame>,
    ) -> Result<Written, StoreError> {
        let Some(token_id) = caller.token_id() else {
            return self.save_frames(&caller.user, frames).await;
        };
        let turn = self.turn_to_write(&caller.user, frames.len()).await;
        let has_waited = turn.as_ref().is_some_and(|turn| turn.has_waited);
        let state = match state {
            Some(state) if !has_waited => state,
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
            let write = DeviceWrite::Push(Box::new(push), self.late_notes.clone());
            let written = self.group_commit.run(write).await?;
            self.late_notes.written(&written.note);
            return Ok(written.pushed);
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
    pub async fn save_frames(
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
        let written =
            write_locked(&transaction, user, lock, None, &frames, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(Written {
            received,
            written,
            hold: Duration::ZERO,
        })
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
        let user = store.create_user("user").await.expect("a user");
        let token = store
            .create_token(&user, "device", Scopes::ALL, None, false)
            .await
            .expect("a token");
        let token_id = token.device.id;
        let mut last_sync: Timestamp = "2026-03-01T09:00:00Z".parse().expect("an instant");
        let syncs = 12;
        for _ in 0..syncs {
            last_sync += 1.minute();
            for is_pull in [true, false] {
                let presented = is_pull.then_some(last_sync);
                let (caller, state) = store
                    .authenticate_for_sync(token.secret.expose_secret(), presented)
                    .await
                    .expect("a database")
                    .expect("a valid token");
                if is_pull {
                    store
                        .pull(&caller, Some(state), last_sync)
                        .await
                        .expect("a pull");
                } else {
                    store
                        .push(&caller, Some(state), Vec::new())
                        .await
                        .expect("a push");
                }
            }
        }
        let waiting = store.late_notes.all_past(token_id).len();
        assert!(waiting < syncs, "{waiting} past syncs wait");
    }
}
