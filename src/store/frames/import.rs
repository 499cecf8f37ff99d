//! Imports frames, and counts what became of them.
//!
//! SQL by hand: [`CLASSIFY`] compares any number of frames in one statement.

use sea_orm::ConnectionTrait as _;

use crate::model::Frame;
use crate::store::db::sql::Sql;
use crate::store::sync::push::{bind_frames, lock_user, write_locked};
use crate::store::{Store, StoreError, User};

/// The numbers of frames of an import or a dry run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// New frames.
    pub taken: u64,
    /// Frames that replaced a different one.
    pub changed: u64,
    /// Frames that were there already.
    pub unchanged: u64,
    /// Frames that were deleted here; they stay deleted unless they are different.
    pub removed: u64,
}

/// A deleted frame that is different in the list is new.
const CLASSIFY: Sql = Sql {
    postgres: "SELECT \
        count(*) FILTER (WHERE f.id IS NULL AND NOT r.is_removed) AS taken, \
        count(*) FILTER (WHERE f.id IS NOT NULL AND NOT s.is_same) AS changed, \
        count(*) FILTER (WHERE f.id IS NOT NULL AND s.is_same) AS unchanged, \
        count(*) FILTER (WHERE f.id IS NULL AND r.is_removed) AS removed \
        FROM unnest($2, $3, $4, $5, $6) AS i (id, project, start_at, end_at, tags) \
        LEFT JOIN frames f ON f.user_id = $1 AND f.id = i.id \
        LEFT JOIN projects p ON p.id = f.project_id \
        LEFT JOIN tombstones t ON t.user_id = $1 AND t.frame_id = i.id \
        CROSS JOIN LATERAL (SELECT (p.name, f.start_at, f.end_at, f.tags) \
            = (i.project, i.start_at, i.end_at, i.tags::jsonb) AS is_same) s \
        CROSS JOIN LATERAL (SELECT t.frame_id IS NOT NULL AND (t.project, t.start_at, t.end_at, t.tags) \
            = (i.project, i.start_at, i.end_at, i.tags::jsonb) AS is_removed) r",
    sqlite: "SELECT \
        count(*) FILTER (WHERE is_new AND NOT is_removed) AS taken, \
        count(*) FILTER (WHERE NOT is_new AND NOT is_same) AS changed, \
        count(*) FILTER (WHERE NOT is_new AND is_same) AS unchanged, \
        count(*) FILTER (WHERE is_new AND is_removed) AS removed \
        FROM (SELECT f.id IS NULL AS is_new, \
            (p.name, f.start_at, f.end_at, f.tags) = (i.project, i.start_at, i.end_at, i.tags) AS is_same, \
            t.frame_id IS NOT NULL AND (t.project, t.start_at, t.end_at, t.tags) \
                = (i.project, i.start_at, i.end_at, i.tags) AS is_removed \
            FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS project, value ->> 2 AS start_at, \
                         value ->> 3 AS end_at, value ->> 4 AS tags FROM json_each($2)) i \
            LEFT JOIN frames f ON f.user_id = $1 AND f.id = i.id \
            LEFT JOIN projects p ON p.id = f.project_id \
            LEFT JOIN tombstones t ON t.user_id = $1 AND t.frame_id = i.id)",
};

impl Store {
    /// Writes the frames of a file, no two of which have the same id. A different frame with the same id
    /// is replaced. A deleted frame is restored only if it is different, as when a device pushes it,
    /// because Watson's file still has deleted frames. With `is_dry_run` nothing is written.
    pub async fn import_frames(
        &self,
        user: &User,
        frames: Vec<Frame>,
        is_dry_run: bool,
    ) -> Result<Imported, StoreError> {
        if frames.is_empty() {
            return Ok(Imported::default());
        }
        let transaction = self.begin().await?;
        let lock = lock_user(&transaction, user, frames.len()).await?;
        let mut values = vec![user.id.into()];
        values.extend(bind_frames(transaction.get_database_backend(), &frames)?);
        let row = CLASSIFY.one(&transaction, values).await?;
        let row = row.ok_or(StoreError::UserGone)?;
        let count = |column: &str| -> Result<u64, StoreError> {
            let count: i64 = row.try_get("", column)?;
            Ok(count.unsigned_abs())
        };
        let imported = Imported {
            taken: count("taken")?,
            changed: count("changed")?,
            unchanged: count("unchanged")?,
            removed: count("removed")?,
        };
        if is_dry_run {
            transaction.rollback().await?;
            return Ok(imported);
        }
        write_locked(&transaction, user, lock, None, &frames, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(imported)
    }
}
