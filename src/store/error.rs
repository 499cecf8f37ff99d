//! The errors of the store.

use migration::{CheckError, MigrateError, Precondition, explain};
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// An error of the store. `http/error.rs` assigns the HTTP status.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be opened.
    #[error("cannot open the database {dsn}: {}", explain(.cause))]
    Unreachable {
        /// Its address, without the password.
        dsn: String,
        /// The driver's error.
        cause: DbErr,
    },
    /// This many schema steps are missing.
    #[error(
        "the database's schema is too old for this program ({0} steps are missing): \
         run `crick-api-migrate up` with the same database address, then start again"
    )]
    SchemaBehind(usize),
    /// These unknown schema steps are applied, with which this program cannot work.
    #[error(
        "the database was changed by a newer crick-api that this one cannot work with ({0}): \
         start that version, or undo these steps with its `crick-api-migrate down`"
    )]
    SchemaAhead(String),
    /// The database does not meet a precondition.
    #[error(transparent)]
    Unsuitable(Precondition),
    /// A schema step failed.
    #[error(transparent)]
    Migrate(MigrateError),
    /// Only SQLite databases can be copied.
    #[error("only a SQLite database is copied by this command; for PostgreSQL use pg_dump")]
    BackupNeedsSqlite,
    /// The file of the copy exists already or cannot be created.
    #[error("cannot create the file {file}: {cause}")]
    BackupFile {
        /// Its name.
        file: String,
        /// The system's error.
        cause: std::io::Error,
    },
    /// Another request of the same device has precedence.
    #[error("another sync of this device is running; try again in a moment")]
    SyncRunning,
    /// The database was restored from a backup, and the device has to be merged with it.
    #[error(
        "the server's database was restored from a backup; delete the file `last_sync` in Watson's folder \
         (`~/.config/watson`, or on macOS `~/Library/Application Support/watson`) and sync twice: \
         nothing on this device is lost"
    )]
    MustStartOver,
    /// The database was restored from a backup, and the token does not identify the device.
    #[error(
        "the server's database was restored from a backup, and this token is shared by several devices; \
         create a token for each device, set it with `watson config backend.token`, and sync: \
         nothing on this device is lost"
    )]
    SharedSinceRestore,
    /// The user was deleted during the request.
    #[error("the user of these credentials was deleted")]
    UserGone,
    /// This does not exist, or does not belong to the user.
    #[error("there is no {0}")]
    NotFound(String),
    /// This exists already.
    #[error("there is already {0}")]
    Exists(String),
    /// The project has this many frames.
    #[error("the project has {0} frames")]
    HasFrames(u64),
    /// The owner has a team of this name.
    #[error("A team with this name already exists")]
    TeamExists,
    /// Only the owner of the team may do this.
    #[error("Not allowed: only the team's owner may do this")]
    NotOwner,
    /// A team always has its owner.
    #[error("the owner cannot leave the team; delete it instead")]
    OwnerStays,
    /// There is no user with this id.
    #[error("there is no user {0}")]
    UnknownUser(uuid::Uuid),
    /// The team does not have this project.
    #[error("the team has no project {}", crate::model::quoted(.0))]
    NotInTeam(String),
    /// Limits the size of a team.
    #[error(
        "a team has at most {} people, those invited included",
        crate::model::MOST_TEAM_PEOPLE
    )]
    TooManyPeople,
    /// Limits the teams of an owner.
    #[error("one may own at most {} teams", crate::model::MOST_OWNED_TEAMS)]
    TooManyTeams,
    /// Limits a user's invitations from one owner.
    #[error(
        "a person may have at most {} invitations from one owner that they have not answered",
        crate::model::MOST_PENDING_INVITATIONS
    )]
    TooManyInvitations,
    /// Limits the feeds of a user.
    #[error("one may have at most {} calendar feeds", crate::model::MOST_FEEDS)]
    TooManyFeeds,
    /// An invalid name of a feed.
    #[error("a feed's name has 1 to 64 characters, none of them a control character")]
    InvalidFeedName,
    /// A report has at most this many groups.
    #[error("the report has more than {0} groups: ask for fewer levels or a shorter range")]
    TooManyGroups(usize),
    /// The frames longer than a day are cut into at most this many parts.
    #[error(
        "there are too many frames longer than a day for so many periods: together they may have {0} parts; \
         ask for a shorter range, or for longer periods"
    )]
    TooManyParts(usize),
    /// An invalid login.
    #[error("a login has 1 to 64 characters: letters, digits, and . _ - @ +")]
    InvalidLogin,
    /// An invalid name of a device.
    #[error("a device name has 1 to 64 characters")]
    InvalidDevice,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {0}")]
    NoRandomness(getrandom::Error),
    /// The database is unreachable, out of connections or out of space: a retry may succeed.
    #[error("the database is unavailable: {}", explain(.0))]
    Unavailable(DbErr),
    /// The database failed, and a retry will fail, too.
    #[error("the database failed: {}", explain(.0))]
    Database(DbErr),
}

/// The kinds of errors that HTTP and the log treat differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It does not exist, or does not belong to the user.
    Missing,
    /// The user was deleted.
    Gone,
    /// It exists already, or the state does not allow it.
    Conflict,
    /// Only the owner may do it.
    NotAllowed,
    /// It is well-formed, but invalid.
    Impossible,
    /// It is not well-formed.
    Malformed,
    /// Another request has precedence; a retry may succeed.
    Busy,
    /// The database is unavailable; a retry may succeed.
    Unavailable,
    /// The server's own fault.
    Fault,
}

impl StoreError {
    /// The kind of the error.
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::NotFound(_) => Failure::Missing,
            Self::UserGone => Failure::Gone,
            Self::HasFrames(_)
            | Self::Exists(_)
            | Self::TeamExists
            | Self::OwnerStays
            | Self::MustStartOver
            | Self::SharedSinceRestore => Failure::Conflict,
            Self::NotOwner => Failure::NotAllowed,
            Self::UnknownUser(_)
            | Self::NotInTeam(_)
            | Self::TooManyPeople
            | Self::TooManyGroups(_)
            | Self::TooManyParts(_)
            | Self::TooManyTeams
            | Self::TooManyInvitations
            | Self::TooManyFeeds => Failure::Impossible,
            Self::InvalidLogin | Self::InvalidDevice | Self::InvalidFeedName => Failure::Malformed,
            Self::SyncRunning => Failure::Busy,
            Self::Unavailable(_)
            | Self::Unreachable { .. }
            | Self::SchemaBehind(_)
            | Self::SchemaAhead(_)
            | Self::Unsuitable(_) => Failure::Unavailable,
            Self::Database(_)
            | Self::Migrate(_)
            | Self::BackupNeedsSqlite
            | Self::BackupFile { .. }
            | Self::NoRandomness(_) => Failure::Fault,
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Unsuitable(error) => Self::Unsuitable(error),
            error => Self::Migrate(error),
        }
    }
}

impl From<CheckError> for StoreError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Unsuitable(error) => Self::Unsuitable(error),
            CheckError::Database(error) => error.into(),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        // Foreign keys refer to the user, who existed when the request arrived.
        if matches!(
            error.sql_err(),
            Some(SqlErr::ForeignKeyConstraintViolation(_))
        ) {
            return Self::UserGone;
        }
        if is_transient(&error) {
            Self::Unavailable(error)
        } else {
            Self::Database(error)
        }
    }
}

/// Whether an insert failed because the row exists already.
pub(super) fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// The driver's own error, if it is the cause.
pub(super) fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// Whether the same request may succeed later. PostgreSQL by the class of its SQLSTATE (connection, resources,
/// operator intervention, read-only standby, serialization); SQLite by its primary result code (BUSY, LOCKED, NOMEM,
/// READONLY, IOERR, FULL, CANTOPEN).
fn is_transient(error: &DbErr) -> bool {
    if matches!(error, DbErr::ConnectionAcquire(_)) {
        return true;
    }
    let Some(sqlx) = driver_error(error) else {
        return false;
    };
    match sqlx {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(cause) => {
            let code = cause.code().unwrap_or_default();
            match code.parse::<u32>() {
                Ok(sqlite) if code.len() < 5 => {
                    matches!(sqlite & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14)
                }
                _ => ["08", "53", "57", "58", "25006", "40", "55P03"]
                    .iter()
                    .any(|class| code.starts_with(class)),
            }
        }
        _ => false,
    }
}
