//! Writes frames under the user's lock, on either engine.

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend};
use uuid::Uuid;

use super::sqlite_writer::UserFrames;
use super::user_lock::UserLock;
use super::{postgres_writer, sqlite_writer};
use crate::model::Frame;
use crate::store::{StoreError, User};

/// Writes at least one frame of a user whose lock is held, and returns how many were new or
/// different. No two of the frames have the same id.
pub(in crate::store) async fn write_locked(
    transaction: &DatabaseTransaction,
    user: &User,
    lock: UserLock,
    writer: Option<Uuid>,
    frames: &[Frame],
    now: i64,
) -> Result<u64, StoreError> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        return postgres_writer::write(transaction, user.id, lock.seq, writer, frames, now).await;
    }
    let write = UserFrames {
        user_id: user.id,
        lock,
        writer,
        frames,
    };
    let written = sqlite_writer::write(transaction, &[write], now).await?;
    Ok(written.into_iter().sum())
}
