//! Applying and undoing steps: one transaction per step, one runner at a time.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use crate::explain::explain;
use crate::state::applied;
use crate::{CheckError, Precondition, SchemaState, Step, check, check_tables, state, steps};

/// The key of PostgreSQL's advisory lock that runners take turns with: "crick" in ASCII.
const RUNNER_LOCK: i64 = 0x63_7269_636b;

/// Why a migration did not happen. What was applied before stays applied; the failing step left nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A step failed and was rolled back.
    #[error(
        "step {step} could not be {verb} and left no trace; the database is as it was before this step. \
         Put right what follows and run the same command again: {}",
        explain(.cause)
    )]
    Step {
        /// The step's name.
        step: String,
        /// `applied` or `undone`.
        verb: &'static str,
        /// What the database said.
        cause: DbErr,
    },
    /// The database was migrated by a newer program that this one cannot follow.
    #[error(
        "this database was migrated by a newer crick-api (unknown steps: {0}); use that version, \
         or undo these steps with its `crick-api-migrate down`"
    )]
    Ahead(String),
    /// The database is not one that can be migrated.
    #[error(transparent)]
    Unsuitable(#[from] Precondition),
    /// The database could not be used.
    #[error("{}", explain(.0))]
    Database(#[from] DbErr),
}

impl From<CheckError> for MigrateError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Unsuitable(error) => error.into(),
            CheckError::Database(error) => error.into(),
        }
    }
}

/// [`steps`] as sea-orm's runner wants them.
struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        steps().into_iter().map(|step| step.migration).collect()
    }
}

/// Applies every missing step, telling `on_step` each one's name, and answers how many there were.
///
/// A database that is ahead of this program but compatible with it counts as done, so that a rollback's migration
/// succeeds. Concurrent runners take turns and the later ones find nothing left to do.
///
/// # Errors
/// When a step fails (it is rolled back; earlier ones stay), or when the database is ahead and incompatible.
pub async fn up(
    db: &DatabaseConnection,
    mut on_step: impl FnMut(&str),
) -> Result<usize, MigrateError> {
    let mut count = 0;
    check(db).await?;
    check_tables(db).await?;
    loop {
        match state(db).await? {
            SchemaState::Current | SchemaState::AheadCompatible => return Ok(count),
            SchemaState::AheadIncompatible(unknown) => {
                return Err(MigrateError::Ahead(unknown.join(", ")));
            }
            SchemaState::Behind(_) => {}
        }
        if let Some(name) = up_one(db).await? {
            on_step(&name);
            count += 1;
        }
    }
}

/// Undoes the last `count` steps, telling `on_step` each one's name, and answers how many there were.
///
/// # Errors
/// When a step fails (it is rolled back; earlier ones stay undone), or when the database holds steps unknown here.
pub async fn down(
    db: &DatabaseConnection,
    count: usize,
    mut on_step: impl FnMut(&str),
) -> Result<usize, MigrateError> {
    for done in 0..count {
        let transaction = begin(db).await?;
        let names = applied(&transaction).await?;
        let known = steps();
        let unknown: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|name| !known.iter().any(|s| s.name() == *name))
            .collect();
        if !unknown.is_empty() {
            return Err(MigrateError::Ahead(unknown.join(", ")));
        }
        let Some(name) = names.last() else {
            return Ok(done);
        };
        let undone = async {
            if known.len() > 1 && name != known[0].name() {
                forget_compatibility(&transaction, name).await?;
            }
            Migrator::down(&transaction, Some(1)).await
        };
        undone.await.map_err(|cause| MigrateError::Step {
            step: name.clone(),
            verb: "undone",
            cause,
        })?;
        transaction.commit().await?;
        on_step(name);
    }
    Ok(count)
}

/// Drops every table, ours or not, and applies all steps.
///
/// # Errors
/// When the database fails.
pub async fn fresh(
    db: &DatabaseConnection,
    on_step: impl FnMut(&str),
) -> Result<usize, MigrateError> {
    struct Nothing;
    impl MigratorTrait for Nothing {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            Vec::new()
        }
    }
    let transaction = begin(db).await?;
    if transaction.get_database_backend() == DbBackend::Sqlite {
        drop_newest_first(&transaction).await?;
    }
    Nothing::fresh(&transaction).await?;
    transaction.commit().await?;
    up(db, on_step).await
}

/// SQLite looks for the tables that refer to a dropped one, and these came after it.
async fn drop_newest_first(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let tables = db
        .query_all_raw(Statement::from_string(
            DbBackend::Sqlite,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' \
             ORDER BY rowid DESC",
        ))
        .await?;
    for table in tables {
        let name: String = table.try_get_by_index(0)?;
        db.execute(&Table::drop().table(name).to_owned()).await?;
    }
    Ok(())
}

/// Applies the first missing step, if another runner has not done it meanwhile.
async fn up_one(db: &DatabaseConnection) -> Result<Option<String>, MigrateError> {
    let transaction = begin(db).await?;
    let names = applied(&transaction).await?;
    let Some(step) = next_step(&names) else {
        return Ok(None);
    };
    let name = step.name().to_owned();
    let applied = async {
        Migrator::up(&transaction, Some(1)).await?;
        record_compatibility(&transaction, &step).await
    };
    applied.await.map_err(|cause| MigrateError::Step {
        step: name.clone(),
        verb: "applied",
        cause,
    })?;
    transaction.commit().await?;
    Ok(Some(name))
}

fn next_step(applied: &[String]) -> Option<Step> {
    steps()
        .into_iter()
        .find(|step| !applied.iter().any(|name| name == step.name()))
}

/// Begins the transaction of one step and waits for its turn.
///
/// SQLite: the only writer from the start. PostgreSQL: an advisory lock held until the end, then a short patience for
/// table locks, because a step that queues for a table would make every request queue behind it.
async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let transaction = db
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        })
        .await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // However long the wait for another runner, and the step.
        transaction
            .execute_unprepared("SET LOCAL statement_timeout = 0")
            .await?;
        transaction
            .execute_unprepared(&format!(
                "SELECT pg_advisory_xact_lock({RUNNER_LOCK}); SET LOCAL lock_timeout = '5s'"
            ))
            .await?;
    }
    Ok(transaction)
}

async fn record_compatibility(db: &impl ConnectionTrait, step: &Step) -> Result<(), DbErr> {
    let insert = Query::insert()
        .into_table("schema_compatibility")
        .columns(["step", "oldest_level"])
        .values_panic([step.name().into(), step.oldest_level.into()])
        .to_owned();
    db.execute(&insert).await.map(drop)
}

async fn forget_compatibility(db: &impl ConnectionTrait, step: &str) -> Result<(), DbErr> {
    let delete = Query::delete()
        .from_table("schema_compatibility")
        .and_where(Expr::col("step").eq(step))
        .to_owned();
    db.execute(&delete).await.map(drop)
}

/// A statement for PostgreSQL.
pub(crate) fn postgres(sql: String) -> Statement {
    Statement::from_string(DbBackend::Postgres, sql)
}
