//! What can go wrong below HTTP.

use migration::{CheckError, MigrateError, Precondition, explain};
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// A failure of the store. Knows no HTTP status; `http/error.rs` gives it one.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be opened.
    #[error("cannot open the database {dsn}: {}", explain(.cause))]
    Unreachable {
        /// Where it should be, the password hidden.
        dsn: String,
        /// What the driver said.
        cause: DbErr,
    },
    /// Steps are missing; how many.
    #[error(
        "the database's schema is too old for this program ({0} steps are missing): \
         run `crick-api-migrate up` with the same database address, then start again"
    )]
    SchemaBehind(usize),
    /// Steps are applied that this program does not know and that it cannot work with.
    #[error(
        "the database was changed by a newer crick-api that this one cannot work with ({0}): \
         start that version, or undo these steps with its `crick-api-migrate down`"
    )]
    SchemaAhead(String),
    /// The database is not one that can be used.
    #[error(transparent)]
    Unsuitable(Precondition),
    /// A schema step failed.
    #[error(transparent)]
    Migrate(MigrateError),
    /// A copy of a running PostgreSQL is `pg_dump`'s work.
    #[error("only a SQLite database is copied by this command; for PostgreSQL use pg_dump")]
    BackupNeedsSqlite,
    /// The copy's file exists already or cannot be made.
    #[error("cannot make the file {file}: {cause}")]
    BackupFile {
        /// Its name.
        file: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Another request of the same device has the precedence.
    #[error("another sync of this device is running; try again in a moment")]
    SyncRunning,
    /// The database was restored from a backup, and the device has to be merged with it.
    #[error(
        "the server's database was restored from a backup; delete the file `last_sync` in Watson's folder \
         (`~/.config/watson`, or on macOS `~/Library/Application Support/watson`) and sync twice: \
         nothing on this device is lost"
    )]
    MustStartOver,
    /// The database was restored from a backup, and it cannot be told which of several devices this is.
    #[error(
        "the server's database was restored from a backup, and this token is shared by several devices; \
         create a token for each device, set it with `watson config backend.token`, and sync: \
         nothing on this device is lost"
    )]
    SharedSinceRestore,
    /// The user was removed while the request was under way.
    #[error("the user of these credentials was removed")]
    UserGone,
    /// The thing named is not there, or not this user's.
    #[error("there is no {0}")]
    NotFound(String),
    /// The thing named is there already.
    #[error("there is already {0}")]
    Exists(String),
    /// A project is in use by so many frames.
    #[error("the project has {0} frames")]
    HasFrames(u64),
    /// The owner has a team of this name.
    #[error("A team with this name already exists")]
    TeamExists,
    /// A member asks for what only the owner of the team may do.
    #[error("Not allowed: only the team's owner may do this")]
    NotOwner,
    /// A team is never without its owner.
    #[error("the owner cannot leave the team; delete it instead")]
    OwnerStays,
    /// Somebody is named who is not there; who.
    #[error("there is no user {0}")]
    UnknownUser(uuid::Uuid),
    /// A project is named that the team is not about.
    #[error("the team has no project {}", crate::model::quoted(.0))]
    NotInTeam(String),
    /// A list that everybody in the team is sent has an end.
    #[error(
        "a team has at most {} people, those invited included",
        crate::model::MOST_TEAM_PEOPLE
    )]
    TooManyPeople,
    /// What one owner makes has an end.
    #[error("one may own at most {} teams", crate::model::MOST_OWNED_TEAMS)]
    TooManyTeams,
    /// What one owner asks of one person has an end.
    #[error(
        "a person may have at most {} invitations from one owner that they have not answered",
        crate::model::MOST_PENDING_INVITATIONS
    )]
    TooManyInvitations,
    /// What one user makes has an end.
    #[error("one may have at most {} calendar feeds", crate::model::MOST_FEEDS)]
    TooManyFeeds,
    /// A feed's name that cannot be one.
    #[error("a feed's name has 1 to 64 characters, none of them a control character")]
    InvalidFeedName,
    /// A report would have more groups than can be told; how many can.
    #[error("the report has more than {0} groups: ask for fewer levels or a shorter range")]
    TooManyGroups(usize),
    /// Frames longer than a day, times the periods of a report: how many parts there may be.
    #[error(
        "there are too many frames longer than a day for so many periods: together they may have {0} parts; \
         ask for a shorter range, or for longer periods"
    )]
    TooManyParts(usize),
    /// A name that cannot be one.
    #[error(transparent)]
    InvalidLogin(#[from] crate::store::InvalidLogin),
    /// A device name that cannot be one.
    #[error("a device name has 1 to 64 characters")]
    InvalidDevice,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {0}")]
    NoRandomness(getrandom::Error),
    /// The database is out of reach, out of connections or out of space: worth trying again.
    #[error("the database is unavailable: {}", explain(.0))]
    Unavailable(DbErr),
    /// The database failed in a way that trying again will not help.
    #[error("the database failed: {}", explain(.0))]
    Database(DbErr),
}

/// What a failure is about, for those who answer for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// There is no such thing, or it is somebody else's.
    Missing,
    /// The user has been removed meanwhile.
    Gone,
    /// It is there already, or something stands in the way.
    Conflict,
    /// Only the owner may.
    NotAllowed,
    /// It is well-formed, but cannot be.
    Impossible,
    /// It is not well-formed.
    Malformed,
    /// Another request has the precedence; a repeat may succeed.
    Busy,
    /// The database is away; a repeat may succeed.
    Unavailable,
    /// The server's own fault.
    Fault,
}

impl StoreError {
    /// What it is about.
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
            Self::InvalidLogin(_) | Self::InvalidDevice | Self::InvalidFeedName => {
                Failure::Malformed
            }
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
        // What refers to a user refers to one who was there when the request came.
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

/// Whether an insert failed because the row is there already.
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
