//! Waits for a limited time while PostgreSQL restarts, instead of failing the request.

use std::io::ErrorKind;
use std::time::Duration;

use sea_orm::{DbErr, Statement, sqlx};
use tokio::time::{Instant, sleep};

use crate::store::error::driver_error;

/// How long a request waits. sqlx's pool waits as long for a TCP port that refuses connections, but not at
/// all for a Unix socket, which PostgreSQL deletes while it is stopped.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// The time that a request has left to wait for PostgreSQL.
pub(in crate::store) struct Restart {
    deadline: Instant,
}

impl Restart {
    pub(in crate::store) fn new() -> Self {
        Self {
            deadline: Instant::now() + PATIENCE,
        }
    }

    /// Pauses before the next attempt to connect. Returns `false` at once if PostgreSQL is not restarting
    /// or takes too long.
    pub(in crate::store) async fn should_retry(&self, error: &sqlx::Error) -> bool {
        if !is_restarting(error) || Instant::now() + PAUSE > self.deadline {
            return false;
        }
        sleep(PAUSE).await;
        true
    }
}

/// A copy of a statement that may be repeated after PostgreSQL closed its connection: only reads, because a
/// write may have been committed although its result did not arrive.
pub(in crate::store) fn repeatable(statement: &Statement) -> Option<Statement> {
    (statement.sql.trim_start().starts_with("SELECT")).then(|| statement.clone())
}

/// Whether PostgreSQL closed the connection of a statement because it stops. A connection that could not
/// be opened has been waited for already.
pub(in crate::store) fn has_lost_connection(error: &DbErr) -> bool {
    let is_statement = matches!(error, DbErr::Query(_) | DbErr::Exec(_));
    is_statement && driver_error(error).is_some_and(is_restarting)
}

/// Whether PostgreSQL stops, is stopped, or starts. 57P01: it closes the connection; 57P02: it crashed;
/// 57P03: it starts or stops.
fn is_restarting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(cause) => matches!(
            cause.kind(),
            ErrorKind::NotFound
                | ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof
        ),
        sqlx::Error::Database(cause) => {
            matches!(cause.code().as_deref(), Some("57P01" | "57P02" | "57P03"))
        }
        _ => false,
    }
}
