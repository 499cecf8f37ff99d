//! All of SQL: the only module that knows a table. One file per noun.
//!
//! Architecture invariants: every method that touches somebody's data takes a [`User`] first, and only this module can
//! make one, from a login, a token or an identity; a call that writes is one transaction; the number of statements of a call
//! does not depend on the amount of data; instants are microseconds here and `jiff::Timestamp` everywhere else.

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
use sync::push::together::DeviceWrite;
use sync::running_pushes::RunningPushes;
use sync::turns::Turns;
use tokio::sync::Semaphore;

pub use accounts::caller::Caller;
pub use accounts::feeds::{FEED_DAYS, Feed, InvalidFeed, NewFeed, OpenFeed};
pub use accounts::grant::{Grant, NotGranted};
pub use accounts::sessions::Session;
pub use accounts::tokens::{Device, NewToken};
pub use accounts::users::{InvalidLogin, Person, User};
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
pub use sync::push::Written;
pub use sync::running_pushes::RunningPush;
pub use teams::invitations::{Invitation, Invited, TeamInvitation};
pub use teams::team::Team;

/// The database. Cloning it is cheap and shares its connections.
#[derive(Clone, Debug)]
pub struct Store {
    /// PostgreSQL: the pool. SQLite: the one connection that writes.
    writer: Database,
    /// PostgreSQL: the same pool. SQLite: connections that read while another writes.
    reader: Database,
    clock: Clock,
    /// Places for reports.
    reports: Arc<Semaphore>,
    /// Notes of syncs in which nothing happened.
    late_notes: Arc<LateNotes>,
    pushes: RunningPushes,
    /// PostgreSQL: the turns of pushes, by user. Without them, pushes of one user would wait for each other in the database,
    /// each holding a connection that other users need.
    writers: Turns,
    /// SQLite: where pushes and notes of pulls share a transaction.
    group_commit: GroupCommit<DeviceWrite>,
}

impl Store {
    /// Opens the database with at most `connections` connections and makes sure that its schema is one that this
    /// program works with, applying missing steps if `migrate` says so.
    ///
    /// # Errors
    /// When the database cannot be reached, or its schema is too old, or too new.
    pub async fn open(dsn: &Dsn, connections: u32, migrate: bool) -> Result<Self, StoreError> {
        let store = Self::connect(dsn, connections).await?;
        store.prepare(dsn, migrate).await?;
        Ok(store)
    }

    /// The first half of [`Store::open`]: nothing may be asked of the store yet. PostgreSQL is waited for only if there is to
    /// be but one connection to it.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn connect(dsn: &Dsn, connections: u32) -> Result<Self, StoreError> {
        Self::connect_with(dsn, connections, Clock::default()).await
    }

    /// [`Store::connect`] with a clock of a test.
    ///
    /// # Errors
    /// When the database cannot be reached.
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

    /// The second half.
    ///
    /// # Errors
    /// When the database cannot be reached or is unsuitable, or its schema is too old, or too new.
    pub async fn prepare(&self, dsn: &Dsn, migrate: bool) -> Result<(), StoreError> {
        match self.migrated(migrate).await {
            Err(
                error @ (StoreError::SchemaBehind(_)
                | StoreError::SchemaAhead(_)
                | StoreError::Unsuitable(_)),
            ) => Err(error),
            Err(error) => match migration::unreachable(dsn).await {
                Some(cause) => Err(unreachable(dsn, cause)),
                None => Err(error),
            },
            Ok(()) => Ok(()),
        }
    }

    /// Migrates if it is to, and makes sure of the schema.
    async fn migrated(&self, migrate: bool) -> Result<(), StoreError> {
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
            reports: Arc::new(Semaphore::new(frames::reports::AT_ONCE)),
            late_notes,
            pushes: RunningPushes::default(),
            writers: Turns::default(),
        }
    }

    /// Makes sure that the database can be reached and is suitable, and that its schema is one that
    /// this program works with.
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

    /// Writes a copy of a SQLite database to a new file, while it is in use.
    ///
    /// # Errors
    /// When the database is not SQLite, or the file exists or cannot be written.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        use std::os::unix::fs::OpenOptionsExt as _;
        if self.backend() != DbBackend::Sqlite {
            return Err(StoreError::BackupNeedsSqlite);
        }
        // Made before SQLite makes it, which takes an empty file too, so that nobody else may read it.
        let made = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file);
        let name = file.display().to_string();
        made.map_err(|cause| StoreError::BackupFile {
            file: name.clone(),
            cause,
        })?;
        let vacuum =
            Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO $1", [name.into()]);
        self.reader.execute_raw(vacuum).await?;
        Ok(())
    }

    /// Closes the connections once what uses them is done.
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

    /// Begins a transaction that will write; on SQLite it is the only one from the start.
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
