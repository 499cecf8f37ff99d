//! Whether a SQLite file can be written at all: SQLite opens one that cannot be for reading only, without saying so.

use migration::{Dsn, Precondition};
use sea_orm::{ConnectionTrait as _, DbErr};

use crate::store::error::driver_error;
use crate::store::{Store, StoreError};

/// A write that changes nothing and is rolled back. To begin a transaction of a writer is not enough: SQLite notices only when
/// it changes a page.
const WRITE: &str = "PRAGMA user_version = 1";
/// The primary result code of a database that is open for reading only.
const SQLITE_READONLY: u32 = 8;

impl Store {
    /// Makes sure that this process can write. PostgreSQL's own conditions are checked with the schema.
    ///
    /// # Errors
    /// When the file is open for reading only.
    pub async fn check_writable(&self, dsn: &Dsn) -> Result<(), StoreError> {
        if self.is_postgres() {
            return Ok(());
        }
        // Another process may be writing just now, and so the file can be written.
        let Ok(transaction) = self.begin().await else {
            return Ok(());
        };
        let written = transaction.execute_unprepared(WRITE).await;
        transaction.rollback().await?;
        match written {
            Err(error) if is_read_only(&error) => {
                Err(StoreError::Unsuitable(Precondition::ReadOnly(dsn.clone())))
            }
            // A full disk, for instance, does not keep it from being read.
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
