//! The state of the schema, read without changing anything.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement};

use crate::steps;

/// The state of the schema, compared with this program's [`steps`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// All steps are applied, and no others.
    Current,
    /// Steps are missing; their names, oldest first.
    Behind(Vec<String>),
    /// A newer program has migrated the database, and this one is compatible.
    AheadCompatible,
    /// A newer program has migrated the database, and this one is incompatible; the unknown steps.
    AheadIncompatible(Vec<String>),
}

/// Reads the state, which needs only `SELECT` rights. One statement if the schema is current,
/// because each start of the server waits for it.
/// A database without our tables is `Behind`.
pub async fn state(db: &impl ConnectionTrait) -> Result<SchemaState, DbErr> {
    let applied = match versions(db).await {
        Err(error) if !is_refusal(&error) => return Err(error),
        // Another process has created the table meanwhile, or the error will occur again.
        Err(_) if exists(db).await? => versions(db).await?,
        Err(_) => Vec::new(),
        Ok(applied) => applied,
    };
    let known = steps();
    let missing: Vec<String> = known
        .iter()
        .map(|step| step.name().to_owned())
        .filter(|name| !applied.contains(name))
        .collect();
    let unknown: Vec<String> = applied
        .into_iter()
        .filter(|name| !known.iter().any(|step| step.name() == name))
        .collect();
    if !missing.is_empty() {
        return Ok(if unknown.is_empty() {
            SchemaState::Behind(missing)
        } else {
            SchemaState::AheadIncompatible(unknown)
        });
    }
    if unknown.is_empty() {
        return Ok(SchemaState::Current);
    }
    let level = i32::try_from(known.len()).unwrap_or(i32::MAX);
    let row = db
        .query_one_raw(Statement::from_string(
            db.get_database_backend(),
            "SELECT MAX(oldest_level) FROM schema_compatibility",
        ))
        .await?;
    let oldest: Option<i32> = row.and_then(|row| row.try_get_by_index(0).ok());
    Ok(if oldest.is_some_and(|oldest| oldest <= level) {
        SchemaState::AheadCompatible
    } else {
        SchemaState::AheadIncompatible(unknown)
    })
}

/// Whether the database rejected the statement, in contrast to a failed connection.
fn is_refusal(error: &DbErr) -> bool {
    match error {
        DbErr::Query(RuntimeErr::SqlxError(cause)) => cause.as_database_error().is_some(),
        _ => false,
    }
}

/// The names of the applied steps, oldest first.
pub async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    // Checked first, because in PostgreSQL a failed statement aborts its transaction.
    if exists(db).await? {
        versions(db).await
    } else {
        Ok(Vec::new())
    }
}

/// Whether the table of applied steps exists.
async fn exists(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let exists = match backend {
        DbBackend::Postgres => {
            // Not to_regclass, whose cache may be older than the wait for the advisory lock.
            "SELECT 1 FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relname = 'seaql_migrations' AND n.nspname = current_schema()"
        }
        _ => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
    };
    let row = db.query_one_raw(Statement::from_string(backend, exists));
    Ok(row.await?.is_some())
}

/// Reads that table, which must exist.
async fn versions(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let versions = match backend {
        // Not from another schema in the search path.
        DbBackend::Postgres => {
            "SELECT m.version FROM seaql_migrations m \
             JOIN pg_catalog.pg_class c ON c.oid = m.tableoid \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = current_schema() ORDER BY m.version"
        }
        _ => "SELECT version FROM seaql_migrations ORDER BY version",
    };
    let rows = db.query_all_raw(Statement::from_string(backend, versions));
    rows.await?
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect()
}
