//! How both programs open a database.

use std::io::ErrorKind;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use sea_orm_migration::sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm_migration::sea_orm::sqlx::{Connection as _, Executor as _, PgConnection};
use sea_orm_migration::sea_orm::{self, ConnectOptions, DatabaseConnection, DbErr, RuntimeErr};

use crate::tls::Transport;
use crate::{Dsn, Engine, preconditions};

/// How long an unused connection that was well is believed to be.
pub const WELL_FOR: Duration = Duration::from_millis(100);

/// What SQLite's write-ahead log shrinks to when a large push is in the database, in bytes: about
/// what it grows to between two checkpoints anyway. It would keep the size of the largest push.
const JOURNAL_SIZE_LIMIT: &str = "4194304";

/// How long another process may hold a lock on a SQLite file that is being opened, and the pause between two attempts.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);
const SQLITE_BUSY: u32 = 5;

/// The settings of a connection to PostgreSQL, whatever those of the role and the database are. The
/// timeouts would end a connection that the pool keeps, or a schema step. `transaction_timeout` is
/// new in PostgreSQL 17.
static SETTINGS: LazyLock<String> = LazyLock::new(|| {
    let mut text = "SET jit = off; SET statement_timeout = '60s'; \
        SET idle_in_transaction_session_timeout = 0; SET idle_session_timeout = 0; \
        SELECT set_config('transaction_timeout', '0', false) \
            WHERE current_setting('transaction_timeout', true) IS NOT NULL"
        .to_owned();
    for (name, value) in preconditions::SETTINGS {
        text.push_str(&format!("; SET {name} = '{value}'"));
    }
    text
});

/// Opens the database with at most `connections` connections, each set up the way this schema expects.
///
/// SQLite: the file is made readable by its owner only; write-ahead log, every commit flushed to the disk (`synchronous=FULL`), foreign keys enforced, and up to ten
/// seconds of waiting for another writer. PostgreSQL: the name shown in `pg_stat_activity`, and no just-in-time compilation, and no statement
/// that takes longer than a minute. SQL text is
/// logged at debug level under the target `sqlx::query`, bound values never.
///
/// Several connections to PostgreSQL are opened when they are needed, not here; [`unreachable()`] says why they cannot be.
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
        // The driver asks whether a connection is well when it comes back, too.
        .test_before_acquire_if_idle_for(WELL_FOR)
        .sqlx_logging(true)
        .sqlx_logging_level(log::LevelFilter::Debug)
        .sqlx_slow_statements_logging_settings(log::LevelFilter::Off, Duration::from_secs(60))
        .record_stmt_in_spans(false);
    match dsn.engine() {
        Engine::Sqlite => {
            make_private(dsn)?;
            // When a COMMIT fails, for want of space for instance, SQLite has rolled back by itself and the driver still
            // counts a transaction: what is later "committed" on that connection would only be the end of a savepoint.
            options.map_sqlx_sqlite_before_acquire(|connection, _| {
                let is_clean = !connection.is_in_transaction();
                Box::pin(async move { Ok(is_clean) })
            });
            let creates_file = dsn.creates_file();
            options.map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .create_if_missing(creates_file)
                    .foreign_keys(true)
                    .busy_timeout(PATIENCE)
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", "FULL")
                    .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT)
            });
            // Opening the file again for each request costs more than an idle handle.
            options
                .idle_timeout(None::<Duration>)
                .max_lifetime(None::<Duration>);
        }
        Engine::Postgres => {
            options.connect_lazy(connections > 1);
            let transport = transport(dsn)?;
            options.map_sqlx_postgres_opts(move |postgres| {
                transport.apply(postgres.application_name("crick-api"))
            });
            // Statements here take milliseconds; to compile one takes seconds, and one that takes a minute has nobody
            // left who waits for it. A schema step takes as long as it needs, see `runner.rs`. Said after connecting, because a pooler
            // in between refuses settings that it does not know.
            options.map_sqlx_postgres_pool_opts(|pool| {
                pool.after_connect(|connection, _| {
                    Box::pin(async move { connection.execute(SETTINGS.as_str()).await.map(drop) })
                })
            });
        }
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        #[expect(
            clippy::disallowed_methods,
            reason = "everything else connects with this function"
        )]
        let connected = sea_orm::Database::connect(options.clone()).await;
        match connected {
            Err(error) if is_locked(&error) && Instant::now() < deadline => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(unreachable(dsn).await.unwrap_or(error)),
            result => return result,
        }
    }
}

/// Whether another process is just turning on SQLite's write-ahead log in a new file, for which SQLite does not wait by
/// itself.
fn is_locked(error: &DbErr) -> bool {
    let DbErr::Conn(RuntimeErr::SqlxError(cause)) = error else {
        return false;
    };
    let code = cause.as_database_error().and_then(|cause| cause.code());
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

/// Makes the file of a SQLite database before SQLite does, so that nobody else may read it.
///
/// A file that is there is not opened: closing it again would give up every lock that SQLite holds on it in this process
/// (POSIX, `fcntl`), and another program that reads the database would then take its write-ahead log away.
fn make_private(dsn: &Dsn) -> Result<(), DbErr> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let Some(file) = dsn.file().filter(|_| dsn.creates_file()) else {
        return Ok(());
    };
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(internal(format!(
            "cannot create the file {}: {error}",
            file.display()
        ))),
        Err(_) if file.is_dir() => Err(internal(format!("{} is a folder", file.display()))),
        _ => Ok(()),
    }
}

/// Why PostgreSQL cannot be reached, which a pool keeps to itself: it tries until its time is over. Nothing when it can
/// be, or is SQLite.
pub async fn unreachable(dsn: &Dsn) -> Option<DbErr> {
    if dsn.engine() != Engine::Postgres {
        return None;
    }
    let options: PgConnectOptions = dsn.expose().parse().ok()?;
    let options = match transport(dsn) {
        Ok(transport) => transport.apply(options),
        Err(error) => return Some(error),
    };
    let error = PgConnection::connect_with(&options).await.err()?;
    Some(DbErr::Conn(match error.as_database_error() {
        Some(error) => RuntimeErr::Internal(error.message().to_owned()),
        None => RuntimeErr::SqlxError(Arc::new(error)),
    }))
}

fn internal(text: String) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(text))
}

fn transport(dsn: &Dsn) -> Result<Transport, DbErr> {
    let options: Result<PgConnectOptions, _> = dsn.expose().parse();
    let options = options.map_err(|error| internal(error.to_string()))?;
    Transport::open(dsn, &options).map_err(|error| internal(error.to_string()))
}
