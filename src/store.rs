//! The only module that accesses the database. Each folder states its contract in its root file.
//!
//! - Every method that touches a user's data takes a [`User`] or [`Caller`] first. Only this module
//!   creates one, from a login, a token or an identity.
//! - A method that writes is one transaction.
//! - The number of statements of a method does not depend on the amount of data.
//! - Instants are microseconds here and `jiff::Timestamp` everywhere else.

mod accounts;
mod db;
mod entity;
mod error;
mod frames;
mod sync;
mod teams;

use std::path::Path;
use std::sync::Arc;

use db::database::Database;
use migration::{Engine, SchemaState};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};
use sync::group_commit::GroupCommit;
use sync::late_notes;
use sync::late_notes::LateNotes;
use sync::push::device_write::DeviceWrite;
use sync::running_pushes::RunningPushes;
use sync::turns::Turns;
use tokio::sync::Semaphore;

pub use accounts::caller::Caller;
pub use accounts::feed_selection::{FEED_DAYS, FeedSelection, InvalidFeed};
pub use accounts::feeds::{Feed, OpenFeed};
pub use accounts::grant::{Grant, NotGranted};
pub use accounts::sessions::Session;
pub use accounts::tokens::{Device, NewToken};
pub use accounts::user::{Person, User};
pub use db::clock::Clock;
pub use error::{Failure, StoreError};
pub use frames::export::ExportedFrame;
pub use frames::import::Imported;
pub use frames::list::{FrameFilter, FrameList};
pub use frames::one::PutFrame;
pub use frames::projects::{OwnProject, ProjectChange};
pub use frames::refused::RecordedFrame;
pub use frames::reports::ReportFilter;
pub use frames::scope::FrameSource;
pub use migration::{Dsn, DsnError};
pub use sync::SyncState;
pub use sync::pull::{Pull, PulledFrame};
pub use sync::push::PushOutcome;
pub use sync::running_pushes::RunningPush;
pub use teams::invitations::{Invitation, Invited, TeamInvitation};
pub use teams::team::Team;

/// How many reports run at once. A report may keep the database busy for a while.
const MAX_REPORTS: usize = 2;

/// The database. Cloning it is cheap and shares its connections.
#[derive(Clone, Debug)]
pub struct Store {
    /// PostgreSQL: the pool. SQLite: the one connection that writes.
    writer: Database,
    /// PostgreSQL: the same pool. SQLite: connections that read while another writes.
    reader: Database,
    clock: Clock,
    /// Permits for reports.
    reports: Arc<Semaphore>,
    /// Notes of syncs without changes.
    late_notes: Arc<LateNotes>,
    pushes: RunningPushes,
    /// PostgreSQL: the turns of pushes, by user. Without them, pushes of one user would wait for each other
    /// in the database, each holding a connection.
    writers: Turns,
    /// SQLite: pushes and notes of pulls that share a transaction.
    group_commit: GroupCommit<DeviceWrite>,
}

impl Store {
    /// Opens the database with at most `connections` connections, applies missing schema steps if
    /// `migrate`, and checks the schema.
    ///
    /// # Errors
    /// When the database is unreachable or unsuitable, or its schema is too old or too new.
    pub async fn open(dsn: &Dsn, connections: u32, migrate: bool) -> Result<Self, StoreError> {
        let store = Self::connect(dsn, connections).await?;
        store.prepare(dsn, migrate).await?;
        Ok(store)
    }

    /// The first half of [`Store::open`]. With more than one connection it does not wait for PostgreSQL.
    ///
    /// # Errors
    /// When the database is unreachable.
    pub async fn connect(dsn: &Dsn, connections: u32) -> Result<Self, StoreError> {
        Self::connect_with(dsn, connections, Clock::default()).await
    }

    /// [`Store::connect`] with another clock, for tests.
    ///
    /// # Errors
    /// When the database is unreachable.
    pub async fn connect_with(
        dsn: &Dsn,
        connections: u32,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let connect = async |connections| {
            let pool = migration::connect(dsn, connections).await;
            pool.map_err(|cause| unreachable(dsn, cause))
        };
        Ok(match dsn.engine() {
            Engine::Postgres => {
                let database = Database::new(connect(connections).await?);
                Self::new(database.clone(), database, clock)
            }
            Engine::Sqlite => {
                let writer = connect(1).await?;
                let reader = match dsn.file() {
                    Some(_) => connect(connections.max(2) - 1).await?,
                    None => writer.clone(),
                };
                Self::new(Database::new(writer), Database::new(reader), clock)
            }
        })
    }

    /// The second half of [`Store::open`].
    ///
    /// # Errors
    /// When the database is unreachable or unsuitable, or its schema is too old or too new.
    pub async fn prepare(&self, dsn: &Dsn, migrate: bool) -> Result<(), StoreError> {
        match self.check_or_migrate(migrate).await {
            Err(
                error @ (StoreError::SchemaBehind(_)
                | StoreError::SchemaAhead(_)
                | StoreError::Unsuitable(_)),
            ) => Err(error),
            Err(error) => match migration::find_connect_error(dsn).await {
                Some(cause) => Err(unreachable(dsn, cause)),
                None => Err(error),
            },
            Ok(()) => Ok(()),
        }
    }

    async fn check_or_migrate(&self, migrate: bool) -> Result<(), StoreError> {
        if migrate {
            migration::up(self.writer.pool(), |step| {
                tracing::info!(step, "schema step applied")
            })
            .await?;
        }
        self.check_schema().await
    }

    fn new(writer: Database, reader: Database, clock: Clock) -> Self {
        let late_notes = Arc::<LateNotes>::default();
        tokio::spawn(late_notes::write_regularly(
            writer.clone(),
            clock.clone(),
            Arc::downgrade(&late_notes),
        ));
        Self {
            group_commit: GroupCommit::new(writer.clone()),
            writer,
            reader,
            clock,
            reports: Arc::new(Semaphore::new(MAX_REPORTS)),
            late_notes,
            pushes: RunningPushes::default(),
            writers: Turns::default(),
        }
    }

    /// Checks that the database is reachable and suitable, and that this program works with its schema.
    ///
    /// # Errors
    /// Says which of these fails.
    pub async fn check_schema(&self) -> Result<(), StoreError> {
        migration::check(&self.reader).await?;
        let state = migration::state(&self.reader).await?;
        if let SchemaState::Behind(_) | SchemaState::AheadIncompatible(_) = state {
            migration::check_tables(&self.reader).await?;
        }
        match state {
            SchemaState::Current | SchemaState::AheadCompatible => Ok(()),
            SchemaState::Behind(missing) => Err(StoreError::SchemaBehind(missing.len())),
            SchemaState::AheadIncompatible(unknown) => {
                Err(StoreError::SchemaAhead(unknown.join(", ")))
            }
        }
    }

    /// Copies a SQLite database to a new file while it is in use.
    ///
    /// # Errors
    /// When the database is not SQLite, or the file exists or cannot be written.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        use std::os::unix::fs::OpenOptionsExt as _;
        if self.backend() != DbBackend::Sqlite {
            return Err(StoreError::BackupNeedsSqlite);
        }
        // Create the file for SQLite, which accepts an empty one, so that other users cannot read it.
        let created = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file);
        let name = file.display().to_string();
        created.map_err(|cause| StoreError::BackupFile {
            file: name.clone(),
            cause,
        })?;
        let vacuum =
            Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO $1", [name.into()]);
        self.reader.execute_raw(vacuum).await?;
        Ok(())
    }

    /// Writes what is pending and closes the connections.
    pub async fn close(self) {
        self.late_notes.write_to(&self.writer).await;
        for connection in [self.reader, self.writer] {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "closing the database failed");
            }
        }
    }

    /// The clock that decides what has expired and when something was written.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    fn is_postgres(&self) -> bool {
        self.backend() == DbBackend::Postgres
    }

    fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Begins a transaction that will write; on SQLite it takes the write lock at once.
    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.writer.begin().await
    }
}

fn unreachable(dsn: &Dsn, cause: DbErr) -> StoreError {
    StoreError::Unreachable {
        dsn: dsn.to_string(),
        cause,
    }
}
