//! One frame: reads, writes and deletes it. Deleting a project's frames works the same way.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _,
};
use uuid::Uuid;

use crate::model::Frame;
use crate::store::db::sql::instant;
use crate::store::entity::{frame, project, tombstone};
use crate::store::sync::push::{lock_user, write_locked};
use crate::store::{PulledFrame, Store, StoreError, User};

/// The result of putting a frame.
#[derive(Clone, Debug)]
pub struct PutFrame {
    /// The frame as it is stored now.
    pub frame: PulledFrame,
    /// Whether there was no frame with this id.
    pub is_new: bool,
    /// The number of frames written: 0 if it was the same already.
    pub written: u64,
}

impl Store {
    /// A frame.
    ///
    /// # Errors
    /// When the user has no such frame.
    pub async fn get_frame(&self, user: &User, id: Uuid) -> Result<PulledFrame, StoreError> {
        let frame = find_frame(&self.reader, user, id).await?;
        frame.ok_or_else(|| no_frame(id))
    }

    /// Creates or replaces a frame; every device is sent it. It restores a deleted frame even if that
    /// is unchanged, unlike the push of a device, which may be a mere repeat.
    pub async fn put_frame(&self, user: &User, new: Frame) -> Result<PutFrame, StoreError> {
        let transaction = self.begin().await?;
        let lock = lock_user(&transaction, user, 1).await?;
        let (id, now) = (new.id, self.clock.now());
        let is_new = find_frame(&transaction, user, id).await?.is_none();
        tombstone::Entity::delete_by_id((user.id, id))
            .exec(&transaction)
            .await?;
        let written = write_locked(&transaction, user, lock, None, &[new], now).await?;
        let frame = find_frame(&transaction, user, id).await?;
        transaction.commit().await?;
        Ok(PutFrame {
            frame: frame.ok_or_else(|| no_frame(id))?,
            is_new,
            written,
        })
    }

    /// Deletes a frame. Watson is never told: a device that has the frame keeps it. If the device
    /// pushes it unchanged, it stays deleted; if it pushes it changed, it is restored.
    ///
    /// # Errors
    /// When the user has no such frame.
    pub async fn delete_frame(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        lock_user(&transaction, user, 1).await?;
        let which = frame::Column::Id.eq(id);
        if delete_frames(&transaction, user, which, self.clock.now()).await? == 0 {
            return Err(no_frame(id));
        }
        transaction.commit().await?;
        Ok(())
    }
}

fn no_frame(id: Uuid) -> StoreError {
    StoreError::NotFound(format!("frame {id}"))
}

async fn find_frame(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<Option<PulledFrame>, DbErr> {
    let found = frame::Entity::find_by_id((user.id, id))
        .find_both_related(project::Entity)
        .one(db)
        .await?;
    let frame = |(frame, project): (frame::Model, project::Model)| {
        Ok(PulledFrame {
            id,
            start_at: instant(frame.start_at)?,
            end_at: instant(frame.end_at)?,
            project: project.name,
            tags: frame.tags.to_string(),
        })
    };
    found.map(frame).transpose()
}

/// Deletes frames of the user, but remembers what they were, so that a device that pushes one of them
/// unchanged does not restore it. Returns how many there were.
pub(super) async fn delete_frames(
    db: &impl ConnectionTrait,
    user: &User,
    which: Expr,
    now: i64,
) -> Result<u64, DbErr> {
    let frames = frame::Entity::find()
        .select_only()
        .columns([frame::Column::UserId, frame::Column::Id])
        .column(project::Column::Name)
        .columns([
            frame::Column::StartAt,
            frame::Column::EndAt,
            frame::Column::Tags,
        ])
        .expr(Expr::value(now))
        .inner_join(project::Entity)
        .filter(frame::Column::UserId.eq(user.id))
        .filter(which.clone())
        .into_query();
    let mut insert = Query::insert();
    insert.into_table(tombstone::Entity).columns([
        tombstone::Column::UserId,
        tombstone::Column::FrameId,
        tombstone::Column::Project,
        tombstone::Column::StartAt,
        tombstone::Column::EndAt,
        tombstone::Column::Tags,
        tombstone::Column::DeletedAt,
    ]);
    let select = insert.select_from(frames);
    select.map_err(|error| DbErr::Custom(error.to_string()))?;
    db.execute(&insert).await?;
    let deleted = frame::Entity::delete_many()
        .filter(frame::Column::UserId.eq(user.id))
        .filter(which)
        .exec(db)
        .await?;
    Ok(deleted.rows_affected)
}
