//! Tests whether a SQLite file is writable: SQLite silently opens other files read-only.

use migration::{Dsn, Precondition};
use sea_orm::{ConnectionTrait as _, DbErr};

use crate::store::error::driver_error;
use crate::store::{Store, StoreError};

/// A write that changes nothing and is rolled back. Beginning a write transaction is not enough, because
/// SQLite fails only when it changes a page.
const WRITE: &str = "PRAGMA user_version = 1";
/// The primary result code of a read-only database.
const SQLITE_READONLY: u32 = 8;

impl Store {
    /// Checks that the SQLite file is writable. For PostgreSQL, the schema check does this.
    ///
    /// # Errors
    /// When the file is read-only.
    pub async fn check_writable(&self, dsn: &Dsn) -> Result<(), StoreError> {
        if self.is_postgres() {
            return Ok(());
        }
        // Another process is writing, so the file is writable.
        let Ok(transaction) = self.begin().await else {
            return Ok(());
        };
        let written = transaction.execute_unprepared(WRITE).await;
        transaction.rollback().await?;
        match written {
            Err(error) if is_read_only(&error) => {
                Err(StoreError::Unsuitable(Precondition::ReadOnly(dsn.clone())))
            }
            // Other errors, such as a full disk, do not prevent reading.
            _ => Ok(()),
        }
    }
}

fn is_read_only(error: &DbErr) -> bool {
    let cause = driver_error(error).and_then(|cause| cause.as_database_error());
    let code = cause.and_then(|cause| cause.code());
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == SQLITE_READONLY)
}
