//! Writing frames under the user's lock.
//!
//! Why SQL by hand: the lock increases the sequence number and returns what is needed under it, in one statement.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};
use uuid::Uuid;

use super::sqlite::UserFrames;
use super::{postgres, sqlite};
use crate::model::Frame;
use crate::store::db::sql::Sql;
use crate::store::{StoreError, User};

/// The lock that orders all writes of one user.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct UserLock {
    /// The newest sequence number before; the numbers after it were reserved.
    pub(in crate::store) seq: i64,
    /// Whether the user has tombstones.
    pub(super) has_tombstones: bool,
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

/// Writes at least one frame of a user whose lock is held, for which numbers were reserved, and returns how many were new
/// or different. No two of the frames have the same id.
pub(in crate::store) async fn write_locked(
    transaction: &DatabaseTransaction,
    user: &User,
    lock: UserLock,
    writer: Option<Uuid>,
    frames: &[Frame],
    now: i64,
) -> Result<u64, StoreError> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        return postgres::write(transaction, user, lock.seq, writer, frames, now).await;
    }
    let write = UserFrames {
        user_id: user.id,
        lock,
        writer,
        frames,
    };
    let written = sqlite::write(transaction, &[write], now).await?;
    Ok(written.into_iter().sum())
}
