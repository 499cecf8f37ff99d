//! The lock that orders all writes of frames of one user, and reserves their sequence numbers.
//!
//! SQL by hand: one statement increases the number and returns what is needed under the lock.

use sea_orm::ConnectionTrait;

use crate::store::db::sql::Sql;
use crate::store::{StoreError, User};

/// A user's lock, held until the transaction ends.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct UserLock {
    /// The newest sequence number before; the numbers after it are reserved.
    pub(in crate::store) seq: i64,
    pub(super) has_tombstones: bool,
}

/// Increases the sequence number, which optimistic pushes compare. The user's row is locked for
/// programs that know only `users.seq`; see the migration `frame_sequences`.
const LOCK_USER: Sql = Sql {
    postgres: "UPDATE frame_sequences s SET seq = s.seq + $2 \
               FROM (SELECT id FROM users WHERE id = $1 FOR KEY SHARE) u WHERE s.user_id = u.id \
               RETURNING s.seq - $2 AS seq, \
                  EXISTS (SELECT 1 FROM tombstones t WHERE t.user_id = $1) AS has_tombstones",
    sqlite: "UPDATE frame_sequences SET seq = seq + $2 WHERE user_id = $1 \
             RETURNING seq - $2 AS seq, \
                EXISTS (SELECT 1 FROM tombstones t WHERE t.user_id = $1) AS has_tombstones",
};

const ADVANCE_SEQ: Sql =
    Sql::both("UPDATE frame_sequences SET seq = $2 WHERE user_id = $1 AND seq < $2");

/// Waits until no other write of this user is in progress, and reserves numbers for its frames.
pub(in crate::store) async fn lock_user(
    db: &impl ConnectionTrait,
    user: &User,
    frames: usize,
) -> Result<UserLock, StoreError> {
    let values = [user.id.into(), reserved_numbers(frames).into()];
    let row = LOCK_USER.one(db, values).await?;
    let row = row.ok_or(StoreError::UserGone)?;
    Ok(UserLock {
        seq: row.try_get("", "seq")?,
        has_tombstones: row.try_get("", "has_tombstones")?,
    })
}

/// At least one, so that every write can be noticed.
pub(super) fn reserved_numbers(frames: usize) -> i64 {
    i64::try_from(frames.max(1)).unwrap_or(i64::MAX)
}

/// Raises the newest sequence number of a user whose lock is held.
pub(in crate::store) async fn advance_seq(
    db: &impl ConnectionTrait,
    user: &User,
    newest: i64,
) -> Result<(), StoreError> {
    let values = [user.id.into(), newest.into()];
    ADVANCE_SEQ.execute(db, values).await?;
    Ok(())
}
