//! Noting that something was used, to the minute. A reader must not wait for a writer only for that.

use std::time::Duration;

use sea_orm::DbErr;

/// How long a request may wait for it.
const PATIENCE: Duration = Duration::from_millis(200);

/// Notes a use as far as the database is free for it. Whoever comes next notes theirs.
pub(super) async fn note(writing: impl Future<Output = Result<u64, DbErr>>) {
    match tokio::time::timeout(PATIENCE, writing).await {
        Ok(Ok(_)) => (),
        Ok(Err(error)) => tracing::debug!(%error, "a use was not noted"),
        Err(_) => tracing::debug!("a use was not noted: the database is busy"),
    }
}
