//! Writing frames under the user's lock.
//!
//! Why SQL by hand: the statements take any number of frames, and PostgreSQL and SQLite each have their own way.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};
use uuid::Uuid;

use super::batch::Batch;
use super::postgres;
use crate::model::Frame;
use crate::store::{Sql, StoreError, User, now};

/// The lock that orders all writes of one user.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct UserLock {
    /// The newest sequence number before; the numbers after it were reserved.
    pub(in crate::store) seq: i64,
    /// Whether the user has tombstones.
    has_tombstones: bool,
}

/// Increases the sequence number, which a push that is written optimistically compares. The lock of the user's row is for
/// programs that know only `users.seq`; see the migration `frame_sequences`.
const LOCK_USER: Sql = Sql {
    postgres: "UPDATE frame_sequences s SET seq = s.seq + $2 FROM (SELECT id FROM users WHERE id = $1 FOR KEY SHARE) u \
               WHERE s.user_id = u.id \
               RETURNING s.seq - $2 AS seq, EXISTS (SELECT 1 FROM tombstones t WHERE t.user_id = $1) AS has_tombstones",
    sqlite: "UPDATE frame_sequences SET seq = seq + $2 WHERE user_id = $1 \
             RETURNING seq - $2 AS seq, EXISTS (SELECT 1 FROM tombstones t WHERE t.user_id = $1) AS has_tombstones",
};

const INSERT_PROJECTS: &str = "INSERT INTO projects (id, user_id, name, created_at) \
    SELECT unhex(value ->> 0), $1, value ->> 1, $2 FROM json_each($3) WHERE true \
    ON CONFLICT (user_id, name) DO NOTHING";

/// New frames are inserted and different ones replaced, each with the next sequence number in the list's order; a frame
/// that is the same as the stored or the removed one is left alone.
const UPSERT_FRAMES: &str = "INSERT INTO frames \
        (user_id, id, project_id, start_at, end_at, tags, seq, written_by, updated_at) \
    SELECT $1, i.id, p.id, i.start_at, i.end_at, i.tags, $2 + i.ordinal, $3, $4 \
    FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS project, value ->> 2 AS start_at, \
                 value ->> 3 AS end_at, value ->> 4 AS tags, key + 1 AS ordinal FROM json_each($5)) i \
    CROSS JOIN projects p ON p.user_id = $1 AND p.name = i.project \
    LEFT JOIN tombstones t ON t.user_id = $1 AND t.frame_id = i.id \
    WHERE t.frame_id IS NULL \
       OR (t.project, t.start_at, t.end_at, t.tags) <> (i.project, i.start_at, i.end_at, i.tags) \
    ON CONFLICT (user_id, id) DO UPDATE SET project_id = excluded.project_id, start_at = excluded.start_at, \
       end_at = excluded.end_at, tags = excluded.tags, seq = excluded.seq, \
       written_by = excluded.written_by, updated_at = excluded.updated_at \
    WHERE (frames.project_id, frames.start_at, frames.end_at, frames.tags) \
       <> (excluded.project_id, excluded.start_at, excluded.end_at, excluded.tags)";

const FORGET_TOMBSTONES: Sql = Sql::both(
    "DELETE FROM tombstones WHERE user_id = $1 AND EXISTS \
     (SELECT 1 FROM frames f WHERE f.user_id = $1 AND f.id = tombstones.frame_id)",
);

/// Deletes projects that this push created but left without frames, because the frames had been removed and stay so.
const FORGET_PROJECTS: Sql = Sql::both(
    "DELETE FROM projects WHERE user_id = $1 AND created_at = $2 \
     AND NOT EXISTS (SELECT 1 FROM frames f WHERE f.project_id = projects.id)",
);

const ADVANCE_SEQ: Sql =
    Sql::both("UPDATE frame_sequences SET seq = $2 WHERE user_id = $1 AND seq < $2");

/// Waits until no other write of this user is under way, and reserves sequence numbers for so many frames, but at least
/// one. A user who was deleted meanwhile is not found.
pub(in crate::store) async fn lock_user(
    db: &impl ConnectionTrait,
    user: &User,
    frames: usize,
) -> Result<UserLock, StoreError> {
    let row = LOCK_USER.one(db, [user.id.into(), reserved(frames).into()]);
    let row = row.await?;
    let row = row.ok_or(StoreError::UserGone)?;
    Ok(UserLock {
        seq: row.try_get("", "seq")?,
        has_tombstones: row.try_get("", "has_tombstones")?,
    })
}

/// How many sequence numbers are reserved for so many frames.
pub(super) fn reserved(frames: usize) -> i64 {
    i64::try_from(frames.max(1)).unwrap_or(i64::MAX)
}

/// Notes the newest sequence number given to a frame of a user whose lock is held.
pub(in crate::store) async fn advance_seq(
    db: &impl ConnectionTrait,
    user: &User,
    newest: i64,
) -> Result<(), StoreError> {
    ADVANCE_SEQ
        .execute(db, [user.id.into(), newest.into()])
        .await?;
    Ok(())
}

/// Writes at least one frame of a user whose lock is held, for which numbers were reserved, and returns how many were new or different. No two of the
/// frames have the same id.
pub(in crate::store) async fn write_locked(
    transaction: &DatabaseTransaction,
    user: &User,
    lock: UserLock,
    writer: Option<Uuid>,
    frames: &[Frame],
) -> Result<u64, StoreError> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        return postgres::write(transaction, user, lock.seq, writer, frames).await;
    }
    let batch = Batch::new(DbBackend::Sqlite, frames)?;
    let now = now();
    let mut values = vec![user.id.into(), now.into()];
    values.extend(batch.projects);
    Sql::both(INSERT_PROJECTS)
        .execute(transaction, values)
        .await?;
    let mut values = vec![user.id.into(), lock.seq.into(), writer.into(), now.into()];
    values.extend(batch.frames);
    let written = Sql::both(UPSERT_FRAMES)
        .execute(transaction, values)
        .await?;
    if lock.has_tombstones {
        FORGET_TOMBSTONES
            .execute(transaction, [user.id.into()])
            .await?;
        FORGET_PROJECTS
            .execute(transaction, [user.id.into(), now.into()])
            .await?;
    }
    Ok(written)
}
