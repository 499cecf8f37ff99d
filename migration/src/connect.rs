//! Opens the database for both programs.

use std::io::ErrorKind;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use sea_orm_migration::sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm_migration::sea_orm::sqlx::{Connection as _, Executor as _, PgConnection};
use sea_orm_migration::sea_orm::{self, ConnectOptions, DatabaseConnection, DbErr, RuntimeErr};

use crate::tls::Transport;
use crate::{Dsn, Engine, preconditions};

/// How long an idle connection is used again without a ping.
pub const PING_AFTER_IDLE: Duration = Duration::from_millis(100);

/// The size in bytes to which SQLite truncates its write-ahead log after a large push: about the
/// size between two checkpoints. Without a limit it would keep the size of the largest push.
const JOURNAL_SIZE_LIMIT: &str = "4194304";

/// How long to wait for another process that locks a SQLite file while it is opened, and the pause
/// between two attempts.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);
const SQLITE_BUSY: u32 = 5;

/// The settings of a PostgreSQL connection, which override those of the role and the database. Idle
/// and transaction timeouts would end pooled connections and schema steps. `transaction_timeout` is
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

/// Opens the database with at most `connections` connections.
///
/// SQLite: the file is readable by its owner only; with a write-ahead log, a flush of each commit
/// (`synchronous=FULL`), foreign keys, and up to ten seconds of waiting for another writer.
/// PostgreSQL: with an application name, without just-in-time compilation, and a minute per
/// statement. SQL is logged at debug level with the target `sqlx::query`, without bound values.
///
/// Several connections to PostgreSQL are opened lazily; [`find_connect_error()`] explains a
/// failure.
pub async fn connect(dsn: &Dsn, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(dsn.expose());
    options
        .max_connections(connections)
        .min_connections(0)
        .connect_timeout(Duration::from_secs(10))
        .acquire_timeout(Duration::from_secs(10))
        // The driver also pings a connection when it is returned.
        .test_before_acquire_if_idle_for(PING_AFTER_IDLE)
        .sqlx_logging(true)
        .sqlx_logging_level(log::LevelFilter::Debug)
        .sqlx_slow_statements_logging_settings(log::LevelFilter::Off, Duration::from_secs(60))
        .record_stmt_in_spans(false);
    match dsn.engine() {
        Engine::Sqlite => {
            create_private_file(dsn)?;
            // When a COMMIT fails, for instance because the disk is full, SQLite rolls back by
            // itself, but the driver still counts a transaction, and would use savepoints from then
            // on.
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
            // Reopening the file costs more than an idle connection.
            options
                .idle_timeout(None::<Duration>)
                .max_lifetime(None::<Duration>);
        }
        Engine::Postgres => {
            options.connect_lazy(connections > 1);
            let transport = open_transport(dsn)?;
            options.map_sqlx_postgres_opts(move |postgres| {
                transport.apply(postgres.application_name("crick-api"))
            });
            // Set after connecting, because poolers reject unknown settings in the first message.
            // Compiling takes seconds, while statements take milliseconds. A schema step has no
            // time limit, see `runner.rs`.
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
            Err(error) => return Err(find_connect_error(dsn).await.unwrap_or(error)),
            result => return result,
        }
    }
}

/// Whether another process is just enabling the write-ahead log of a new SQLite file. SQLite does
/// not wait for that.
fn is_locked(error: &DbErr) -> bool {
    let DbErr::Conn(RuntimeErr::SqlxError(cause)) = error else {
        return false;
    };
    let code = cause.as_database_error().and_then(|cause| cause.code());
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

/// Creates the file of a SQLite database before SQLite does, so that only its owner may read it.
///
/// Does not open an existing file: closing it would release all locks of this process on it (POSIX
/// `fcntl`), and another program could then delete the write-ahead log.
fn create_private_file(dsn: &Dsn) -> Result<(), DbErr> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let Some(file) = dsn.file().filter(|_| dsn.creates_file()) else {
        return Ok(());
    };
    let created = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file);
    match created {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(connect_error(format!(
            "cannot create the file {}: {error}",
            file.display()
        ))),
        Err(_) if file.is_dir() => Err(connect_error(format!("{} is a folder", file.display()))),
        _ => Ok(()),
    }
}

/// Connects once to find out why PostgreSQL cannot be reached, because a pool only reports a
/// timeout. Returns `None` for SQLite, and if the connection succeeds.
pub async fn find_connect_error(dsn: &Dsn) -> Option<DbErr> {
    if dsn.engine() != Engine::Postgres {
        return None;
    }
    let options: PgConnectOptions = dsn.expose().parse().ok()?;
    let options = match open_transport(dsn) {
        Ok(transport) => transport.apply(options),
        Err(error) => return Some(error),
    };
    let error = PgConnection::connect_with(&options).await.err()?;
    Some(DbErr::Conn(match error.as_database_error() {
        Some(error) => RuntimeErr::Internal(error.message().to_owned()),
        None => RuntimeErr::SqlxError(Arc::new(error)),
    }))
}

fn connect_error(text: String) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(text))
}

fn open_transport(dsn: &Dsn) -> Result<Transport, DbErr> {
    let options: Result<PgConnectOptions, _> = dsn.expose().parse();
    let options = options.map_err(|error| connect_error(error.to_string()))?;
    Transport::open(dsn, &options).map_err(|error| connect_error(error.to_string()))
}
