//! Writes pushed frames: one transaction, and as many statements for ten thousand frames as for
//! one.
//!
//! A push with an exclusive token is written optimistically. The user's newest sequence number and
//! the device's sync are read together with the token, and the push is written if both are still
//! the same: on PostgreSQL with one statement. Otherwise it is planned again under the locks, which
//! are always taken in this order: the user's row, the user's sequence, the device's sync.

mod device_push;
pub(in crate::store) mod device_write;
mod exclusive;
mod frame_batch;
mod frame_writer;
mod outcome;
mod owed_frames;
mod postgres_writer;
mod restore_merge;
mod shared;
mod sqlite_writer;
mod user_lock;

use std::collections::HashMap;
use std::time::Duration;

use uuid::Uuid;

use super::running_pushes::RunningPush;
use super::state::{Devices, SyncState};
use super::turns::Turn;
use crate::model::Frame;
use crate::store::{Caller, Store, StoreError, User};

use device_push::DevicePush;

pub(in crate::store) use frame_batch::bind_frames;
pub(in crate::store) use frame_writer::write_locked;
pub use outcome::PushOutcome;
pub(in crate::store) use user_lock::{advance_seq, lock_user};

impl Store {
    /// Announces a push, which is in progress until the returned value is dropped.
    pub fn begin_push(&self, caller: &Caller) -> RunningPush {
        self.pushes.begin(caller.token_id())
    }

    /// Writes the frames that a device pushed, and notes the end of its sync. Of two frames with
    /// one id the later one in the list counts.
    ///
    /// # Errors
    /// When another pull of the device took this push's place; then nothing was written.
    pub async fn push(
        &self,
        caller: &Caller,
        state: Option<SyncState>,
        frames: Vec<Frame>,
    ) -> Result<PushOutcome, StoreError> {
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
        let user = &caller.user;
        let received = frames.len();
        let frames = last_of_each_id(frames);
        match &state.devices {
            Devices::Several(cursors) => {
                let written = self.push_shared(user, token_id, cursors, &frames).await?;
                Ok(PushOutcome {
                    received,
                    written,
                    hold: Duration::ZERO,
                })
            }
            Devices::One(stored) => {
                let under_way = stored.under_way.clone();
                let push = DevicePush {
                    user: user.clone(),
                    token_id,
                    seq: state.seq,
                    under_way: self.late_notes.newest(token_id, under_way),
                    arrival: state.arrival,
                    clock: state.clock,
                    frames,
                    received,
                };
                self.push_exclusive(push).await
            }
        }
    }

    /// Waits until no other request of this process writes frames of the user, without holding a
    /// connection.
    async fn turn_to_write(&self, user: &User, frames: usize) -> Option<Turn> {
        // On SQLite, pushes that wait share the next transaction.
        if frames == 0 || !self.is_postgres() {
            return None;
        }
        Some(self.writers.take(user.id).await)
    }

    /// Writes frames that come from no device; every device will be sent them.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn save_frames(
        &self,
        user: &User,
        frames: Vec<Frame>,
    ) -> Result<PushOutcome, StoreError> {
        if frames.is_empty() {
            return Ok(PushOutcome::default());
        }
        let received = frames.len();
        let _turn = self.turn_to_write(user, received).await;
        let transaction = self.begin().await?;
        let frames = last_of_each_id(frames);
        let lock = lock_user(&transaction, user, frames.len()).await?;
        let now = self.clock.now();
        let written = write_locked(&transaction, user, lock, None, &frames, now).await?;
        transaction.commit().await?;
        Ok(PushOutcome {
            received,
            written,
            hold: Duration::ZERO,
        })
    }
}

fn last_of_each_id(frames: Vec<Frame>) -> Vec<Frame> {
    let ids = frames.iter().enumerate().map(|(at, frame)| (frame.id, at));
    let last: HashMap<Uuid, usize> = ids.collect();
    if last.len() == frames.len() {
        return frames;
    }
    let frames = frames.into_iter().enumerate();
    let frames = frames.filter(|(at, frame)| last[&frame.id] == *at);
    frames.map(|(_, frame)| frame).collect()
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
