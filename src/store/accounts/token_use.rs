//! Noting that something was used, to the minute. A reader must not wait for a writer only for that.

use std::time::Duration;

use sea_orm::DbErr;

/// How long a request may wait for it.
const PATIENCE: Duration = Duration::from_millis(200);

/// The statement that notes it: in a table, of the row whose key is `$1`. PostgreSQL passes over a row that somebody has
/// locked: it would wait for them also when nobody waits for the note any more, and keep a connection as long.
macro_rules! statement {
    ($table:literal, $key:literal, $changes:literal) => {
        Sql {
            postgres: concat!(
                "UPDATE ",
                $table,
                " SET ",
                $changes,
                " WHERE ",
                $key,
                " IN (SELECT ",
                $key,
                " FROM ",
                $table,
                " WHERE ",
                $key,
                " = $1 FOR NO KEY UPDATE SKIP LOCKED)"
            ),
            sqlite: concat!(
                "UPDATE ", $table, " SET ", $changes, " WHERE ", $key, " = $1"
            ),
        }
    };
}
pub(in crate::store) use statement;

/// Notes a use as far as the database is free for it. Whoever comes next notes theirs.
pub(in crate::store) async fn note(writing: impl Future<Output = Result<u64, DbErr>>) {
    match tokio::time::timeout(PATIENCE, writing).await {
        Ok(Ok(_)) => (),
        Ok(Err(error)) => tracing::debug!(%error, "a use was not noted"),
        Err(_) => tracing::debug!("a use was not noted: the database is busy"),
    }
}
