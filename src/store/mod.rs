//! All of SQL: the only module that knows a table. One file per noun.
//!
//! Architecture invariants: every method that touches somebody's data takes a [`User`] first, and only this module can
//! make one, from a login, a token or an identity; a call that writes is one transaction; the number of statements of a call
//! does not depend on the amount of data; instants are microseconds here and `jiff::Timestamp` everywhere else.

mod database;
mod entity;
mod error;
mod feeds;
mod frame_export;
mod frame_import;
mod frame_list;
mod frame_source;
mod frames;
mod grant;
mod identities;
mod invitations;
mod kept;
mod last_used;
mod list;
mod members;
mod packed;
mod projects;
mod refused_frames;
mod reports;
mod restart;
mod secret;
mod sessions;
mod shares;
mod sync;
mod teams;
mod tokens;
mod turns;
mod users;
mod workloads;
mod writable;

use std::path::Path;
use std::sync::Arc;

use database::Database;
use migration::{Engine, SchemaState};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, Value,
};
use sync::group_commit::GroupCommit;
use sync::late_notes::{self, LateNotes};
use sync::push::together::DeviceWrite;
use sync::running_pushes::RunningPushes;
use tokio::sync::Semaphore;
use turns::Turns;

pub use error::{Failure, StoreError};
pub use feeds::{FEED_DAYS, Feed, InvalidFeed, NewFeed, OpenFeed};
pub use frame_export::ExportedFrame;
pub use frame_import::Imported;
pub use frame_list::{FrameFilter, FrameList};
pub use frame_source::FrameSource;
pub use frames::PutFrame;
pub use grant::{Grant, NotGranted};
pub use invitations::{Invitation, Invited, TeamInvitation};
pub use migration::{Dsn, DsnError};
pub use projects::{OwnProject, ProjectChange};
pub use refused_frames::RecordedFrame;
pub use reports::ReportFilter;
pub use sessions::Session;
pub use sync::pull::{Pull, PulledFrame};
pub use sync::push::Written;
pub use sync::running_pushes::RunningPush;
pub use teams::Team;
pub use tokens::{Caller, Device, NewToken};
pub use users::{InvalidLogin, Person, User};

/// The database. Cloning it is cheap and shares its connections.
#[derive(Clone, Debug)]
pub struct Store {
    /// PostgreSQL: the pool. SQLite: the one connection that writes.
    writer: Database,
    /// PostgreSQL: the same pool. SQLite: connections that read while another writes.
    reader: Database,
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
        let connect = async |connections| {
            let pool = migration::connect(dsn, connections).await;
            pool.map_err(|cause| unreachable(dsn, cause))
        };
        Ok(match dsn.engine() {
            Engine::Postgres => {
                let database = Database::new(connect(connections).await?);
                Self::new(database.clone(), database)
            }
            Engine::Sqlite => {
                let writer = connect(1).await?;
                let reader = match dsn.file() {
                    Some(_) => connect(connections.max(2) - 1).await?,
                    None => writer.clone(),
                };
                Self::new(Database::new(writer), Database::new(reader))
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

    fn new(writer: Database, reader: Database) -> Self {
        let late_notes = Arc::<LateNotes>::default();
        tokio::spawn(late_notes::write_regularly(
            writer.clone(),
            Arc::downgrade(&late_notes),
        ));
        Self {
            group_commit: GroupCommit::new(writer.clone()),
            writer,
            reader,
            reports: Arc::new(Semaphore::new(reports::AT_ONCE)),
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

/// A statement in the words of the engine it is for. Parameters are `$1`, `$2`, … on both.
struct Sql {
    postgres: &'static str,
    sqlite: &'static str,
}

impl Sql {
    /// One text that both engines understand.
    const fn both(text: &'static str) -> Self {
        Self {
            postgres: text,
            sqlite: text,
        }
    }

    fn with(&self, backend: DbBackend, values: impl IntoIterator<Item = Value>) -> Statement {
        let text = if backend == DbBackend::Postgres {
            self.postgres
        } else {
            self.sqlite
        };
        Statement::from_sql_and_values(backend, text, values)
    }

    async fn execute(
        &self,
        db: &impl ConnectionTrait,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<u64, DbErr> {
        let result = db
            .execute_raw(self.with(db.get_database_backend(), values))
            .await?;
        Ok(result.rows_affected())
    }

    async fn one(
        &self,
        db: &impl ConnectionTrait,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<QueryResult>, DbErr> {
        db.query_one_raw(self.with(db.get_database_backend(), values))
            .await
    }

    async fn all(
        &self,
        db: &impl ConnectionTrait,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<QueryResult>, DbErr> {
        db.query_all_raw(self.with(db.get_database_backend(), values))
            .await
    }
}

/// This moment in microseconds.
fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// A stored instant. Only values that came from a `Timestamp` are stored, so one out of range is damage.
fn instant(microseconds: i64) -> Result<jiff::Timestamp, DbErr> {
    jiff::Timestamp::from_microsecond(microseconds).map_err(|error| DbErr::Type(error.to_string()))
}
