//! Removing frames.

use uuid::Uuid;

use super::push::lock_user;
use super::{Sql, Store, StoreError, User, now};

/// What the frame was is kept, so that a device that pushes it unchanged does not bring it back.
const BURY: Sql = Sql::both(
    "INSERT INTO tombstones (user_id, frame_id, project, start_at, end_at, tags, deleted_at) \
     SELECT f.user_id, f.id, p.name, f.start_at, f.end_at, f.tags, $3 \
     FROM frames f JOIN projects p ON p.id = f.project_id WHERE f.user_id = $1 AND f.id = $2",
);

const REMOVE: Sql = Sql::both("DELETE FROM frames WHERE user_id = $1 AND id = $2");

impl Store {
    /// Removes a frame. Watson is never told: a device that has it keeps it, and one that pushes it unchanged does not
    /// bring it back; one that changes it does.
    ///
    /// # Errors
    /// When this user has no such frame.
    pub async fn frame_remove(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        lock_user(&transaction, user).await?;
        let buried = BURY
            .execute(&transaction, [user.id.into(), id.into(), now().into()])
            .await?;
        if buried == 0 {
            return Err(StoreError::NotFound(format!("frame {id}")));
        }
        REMOVE
            .execute(&transaction, [user.id.into(), id.into()])
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}
