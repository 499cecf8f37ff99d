//! Notes that a token, session or feed was used, to the minute. A reader must not wait for a writer
//! just for this note.

use std::time::Duration;

use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait as _, DbErr, EntityTrait, QueryFilter as _, QuerySelect as _, QueryTrait as _,
    UpdateResult, Value,
};

/// A use is noted at most this often, in microseconds, so that reading does not write.
pub(super) const STEP: i64 = 60_000_000;
/// How long a request may wait for the note.
const PATIENCE: Duration = Duration::from_millis(200);

/// Selects the row with this key, unless PostgreSQL has it locked: an update would wait for the lock
/// even after the request has given up, and hold a connection as long.
pub(super) fn unlocked<E: EntityTrait>(key: E::Column, value: impl Into<Value>) -> Expr {
    let row = E::find()
        .select_only()
        .column(key)
        .filter(key.eq(value))
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        .into_query();
    key.in_subquery(row)
}

/// Runs the update if the database can do so soon. Otherwise the next use is noted.
pub(super) async fn note(update: impl Future<Output = Result<UpdateResult, DbErr>>) {
    match tokio::time::timeout(PATIENCE, update).await {
        Ok(Ok(_)) => (),
        Ok(Err(error)) => tracing::debug!(%error, "the use of a secret was not noted"),
        Err(_) => tracing::debug!("the use of a secret was not noted: the database is busy"),
    }
}
