//! Applies and undoes steps, each in a transaction, and in one process at a time.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use crate::explain::explain;
use crate::state::applied;
use crate::{CheckError, Precondition, SchemaState, Step, check, check_tables, state, steps};

/// The key of the advisory lock in PostgreSQL: "crick" in ASCII.
const RUNNER_LOCK: i64 = 0x63_7269_636b;

/// Why a migration failed. Steps that were applied before stay; the failed one is rolled back.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A step failed and was rolled back.
    #[error(
        "step {step} could not be {verb} and was rolled back. \
         Fix the following problem and run the same command again: {}",
        explain(.cause)
    )]
    Step {
        /// The name of the step.
        step: String,
        /// `applied` or `undone`.
        verb: &'static str,
        /// The error of the database.
        cause: DbErr,
    },
    /// A newer program has migrated the database, and this one is incompatible with it.
    #[error(
        "this database was migrated by a newer crick-api (unknown steps: {0}); use that version, \
         or undo these steps with its `crick-api-migrate down`"
    )]
    Ahead(String),
    /// The database is unsuitable.
    #[error(transparent)]
    Unsuitable(#[from] Precondition),
    /// The database failed.
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

/// [`steps`] for sea-orm's migrator.
struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        steps().into_iter().map(|step| step.migration).collect()
    }
}

/// Applies all missing steps, calls `on_step` with the name of each, and returns their number.
///
/// A database that is ahead of this program but compatible with it counts as migrated, so that a
/// rollback succeeds. Concurrent processes take turns, and later ones find nothing to do.
///
/// # Errors
/// When a step fails, or when the database is ahead and incompatible.
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

/// Undoes the last `count` steps, calls `on_step` with the name of each, and returns their number.
///
/// # Errors
/// When a step fails, or when the database contains unknown steps.
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

/// Drops all tables, also those of other programs, and applies all steps.
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

/// In reverse order, because SQLite checks the tables that refer to a dropped one.
async fn drop_newest_first(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let tables = db
        .query_all_raw(Statement::from_string(
            DbBackend::Sqlite,
            "SELECT name FROM sqlite_master WHERE type = 'table' \
             AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid DESC",
        ))
        .await?;
    for table in tables {
        let name: String = table.try_get_by_index(0)?;
        db.execute(&Table::drop().table(name).to_owned()).await?;
    }
    Ok(())
}

/// Applies the first missing step, unless another process has done so meanwhile.
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

/// Begins the transaction of a step, and waits for other processes.
///
/// SQLite allows only one writer. PostgreSQL: an advisory lock until the end, and then a short
/// timeout for table locks, because requests would queue behind a step that waits for a table.
async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let transaction = db
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        })
        .await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // Waiting for another process and the step itself may take any time.
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

pub(crate) fn postgres(sql: String) -> Statement {
    Statement::from_string(DbBackend::Postgres, sql)
}
