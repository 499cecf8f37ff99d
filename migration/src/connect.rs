//! How both programs open a database.

use std::time::Duration;

use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

use crate::{Dsn, Engine};

/// Opens the database with at most `connections` connections, each set up the way this schema expects.
///
/// SQLite: write-ahead log, every commit flushed to the disk (`synchronous=FULL`), foreign keys enforced, and up to ten
/// seconds of waiting for another writer. PostgreSQL: nothing but the name shown in `pg_stat_activity`. SQL text is
/// logged at debug level under the target `sqlx::query`, bound values never.
///
/// # Errors
/// When the database cannot be reached.
pub async fn connect(dsn: &Dsn, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(dsn.expose());
    options
        .max_connections(connections)
        .min_connections(0)
        .connect_timeout(Duration::from_secs(10))
        .acquire_timeout(Duration::from_secs(10))
        .sqlx_logging(true)
        .sqlx_logging_level(log::LevelFilter::Debug)
        .sqlx_slow_statements_logging_settings(log::LevelFilter::Off, Duration::from_secs(60))
        .record_stmt_in_spans(false);
    match dsn.engine() {
        Engine::Sqlite => {
            options.map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(10))
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", "FULL")
            });
            // Opening the file again for each request costs more than an idle handle.
            options
                .idle_timeout(None::<Duration>)
                .max_lifetime(None::<Duration>);
        }
        Engine::Postgres => {
            options.map_sqlx_postgres_opts(|postgres| postgres.application_name("crick-api"));
        }
    }
    Database::connect(options).await
}
