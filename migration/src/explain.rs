//! Messages of database errors.

use sea_orm_migration::sea_orm::{DbErr, RuntimeErr, sqlx};

/// The message of the database or of the operating system, without the prefixes of the libraries
/// ("Execution Error: error returned from database: ") and PostgreSQL's source location.
#[must_use]
pub fn explain(error: &DbErr) -> String {
    let cause = match error {
        DbErr::Conn(cause) | DbErr::Exec(cause) | DbErr::Query(cause) => cause,
        DbErr::ConnectionAcquire(_) => return "no connection was free in time".to_owned(),
        DbErr::Custom(text) => return text.clone(),
        other => return other.to_string(),
    };
    match cause {
        RuntimeErr::Internal(text) => text.clone(),
        RuntimeErr::SqlxError(cause) => explain_driver(cause),
    }
}

fn explain_driver(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(cause) => cause.message().to_owned(),
        sqlx::Error::Io(cause) => format!("the connection to the database failed: {cause}"),
        sqlx::Error::PoolTimedOut => "no connection was free in time".to_owned(),
        other => other.to_string(),
    }
}
