//! One frame: read, put, removed.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::model::Frame;
use crate::store::db::sql::Sql;
use crate::store::sync::pull::pulled_frame;
use crate::store::sync::push::{lock_user, write_locked};
use crate::store::{PulledFrame, Store, StoreError, User};

const FRAME: Sql = Sql {
    postgres: "SELECT f.seq, f.id, f.start_at, f.end_at, p.name, f.tags::text FROM frames f \
               JOIN projects p ON p.id = f.project_id WHERE f.user_id = $1 AND f.id = $2",
    sqlite: "SELECT f.seq, f.id, f.start_at, f.end_at, p.name, f.tags FROM frames f \
             JOIN projects p ON p.id = f.project_id WHERE f.user_id = $1 AND f.id = $2",
};

const FORGET_TOMBSTONE: Sql =
    Sql::both("DELETE FROM tombstones WHERE user_id = $1 AND frame_id = $2");

/// What the frame was is kept, so that a device that pushes it unchanged does not bring it back.
const BURY: Sql = Sql::both(
    "INSERT INTO tombstones (user_id, frame_id, project, start_at, end_at, tags, deleted_at) \
     SELECT f.user_id, f.id, p.name, f.start_at, f.end_at, f.tags, $3 \
     FROM frames f JOIN projects p ON p.id = f.project_id WHERE f.user_id = $1 AND f.id = $2",
);

const REMOVE: Sql = Sql::both("DELETE FROM frames WHERE user_id = $1 AND id = $2");

/// What putting a frame came to.
#[derive(Clone, Debug)]
pub struct PutFrame {
    /// The frame as it is stored now.
    pub frame: PulledFrame,
    /// Whether there was none of that id before.
    pub is_new: bool,
    /// Frames written: none when it was the same already.
    pub written: u64,
}

impl Store {
    /// A frame.
    ///
    /// # Errors
    /// When this user has no such frame.
    pub async fn get_frame(&self, user: &User, id: Uuid) -> Result<PulledFrame, StoreError> {
        let frame = frame(&self.reader, user, id).await?;
        frame.ok_or_else(|| StoreError::NotFound(format!("frame {id}")))
    }

    /// Makes or replaces a frame; every device will be sent it. One that was removed comes back, also unchanged: it is
    /// meant, where a device's push may be a mere repeat.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn put_frame(&self, user: &User, new: Frame) -> Result<PutFrame, StoreError> {
        let transaction = self.begin().await?;
        let lock = lock_user(&transaction, user, 1).await?;
        let id = new.id;
        let is_new = frame(&transaction, user, id).await?.is_none();
        FORGET_TOMBSTONE
            .execute(&transaction, [user.id.into(), id.into()])
            .await?;
        let written =
            write_locked(&transaction, user, lock, None, &[new], self.clock.now()).await?;
        let stored = frame(&transaction, user, id).await?;
        transaction.commit().await?;
        Ok(PutFrame {
            frame: stored.ok_or_else(|| StoreError::NotFound(format!("frame {id}")))?,
            is_new,
            written,
        })
    }

    /// Removes a frame. Watson is never told: a device that has it keeps it, and one that pushes it unchanged does not
    /// bring it back; one that changes it does.
    ///
    /// # Errors
    /// When this user has no such frame.
    pub async fn delete_frame(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        lock_user(&transaction, user, 1).await?;
        let buried = BURY
            .execute(
                &transaction,
                [user.id.into(), id.into(), self.clock.now().into()],
            )
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

async fn frame(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<Option<PulledFrame>, StoreError> {
    let row = FRAME.one(db, [user.id.into(), id.into()]).await?;
    Ok(row.as_ref().map(pulled_frame).transpose()?)
}
