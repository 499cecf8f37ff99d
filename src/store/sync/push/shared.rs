//! A push with a shared token; `sync/shared.rs` decides.

use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::frame_writer::write_locked;
use super::user_lock::lock_user;
use crate::model::Frame;
use crate::store::sync::cursor_table;
use crate::store::sync::shared::{Cursor, plan_push};
use crate::store::{Store, StoreError, User};

impl Store {
    /// Returns how many frames were new or different.
    pub(super) async fn push_shared(
        &self,
        user: &User,
        token_id: Uuid,
        cursors: &[Cursor],
        frames: &[Frame],
    ) -> Result<u64, StoreError> {
        if frames.is_empty() {
            let plan = plan_push(cursors, self.clock.now());
            if cursor_table::replace(&self.writer, cursors, &plan.changed).await? {
                return Ok(0);
            }
        }
        let (transaction, writer) = self.begin_shared_push(token_id, cursors).await?;
        let written = if frames.is_empty() {
            0
        } else {
            let lock = lock_user(&transaction, user, frames.len()).await?;
            write_locked(&transaction, user, lock, writer, frames, self.clock.now()).await?
        };
        transaction.commit().await?;
        Ok(written)
    }

    /// Begins the transaction, records the push in it, and returns the writer id for its frames.
    async fn begin_shared_push(
        &self,
        token_id: Uuid,
        cursors: &[Cursor],
    ) -> Result<(DatabaseTransaction, Option<Uuid>), StoreError> {
        let transaction = self.begin().await?;
        let plan = plan_push(cursors, self.clock.now());
        if cursor_table::replace(&transaction, cursors, &plan.changed).await? {
            return Ok((transaction, plan.writer));
        }
        // A failed compare-and-swap still holds the cursor's lock; roll back to keep the lock order
        // token, then cursor.
        transaction.rollback().await?;
        let transaction = self.begin().await?;
        let cursors = cursor_table::lock_cursors(&transaction, token_id).await?;
        let plan = plan_push(&cursors, self.clock.now());
        cursor_table::write(&transaction, token_id, plan.changed).await?;
        Ok((transaction, plan.writer))
    }
}
