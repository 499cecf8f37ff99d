//! Where a database stands in the schema's history, asked without changing anything.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement};

use crate::steps;

/// Where a database stands, seen from this program's [`steps`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// Exactly the steps this program knows.
    Current,
    /// Steps that this program needs are missing; their names, oldest first.
    Behind(Vec<String>),
    /// A newer program has migrated it, and this one still works with it.
    AheadCompatible,
    /// A newer program has migrated it, and this one no longer works with it; the unknown steps' names.
    AheadIncompatible(Vec<String>),
}

/// Reads the state, needing no more rights than `SELECT`: with one statement where the schema is current, because every
/// start of the server waits for it.
///
/// # Errors
/// When the database fails; a database without any table of ours is `Behind`, not an error.
pub async fn state(db: &impl ConnectionTrait) -> Result<SchemaState, DbErr> {
    let applied = match versions(db).await {
        Err(error) if !is_refusal(&error) => return Err(error),
        // Another runner has made it since, or it is refused for another reason, and will be again.
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

/// Whether the database has answered, and said no.
fn is_refusal(error: &DbErr) -> bool {
    matches!(error, DbErr::Query(RuntimeErr::SqlxError(cause)) if cause.as_database_error().is_some())
}

/// The names of the applied steps, oldest first; none when nothing was ever applied.
///
/// # Errors
/// When the database fails.
pub async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    // Asked first: on PostgreSQL a statement that fails ends the transaction that it is in.
    if exists(db).await? {
        versions(db).await
    } else {
        Ok(Vec::new())
    }
}

/// Whether there is a table of applied steps.
async fn exists(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let exists = match backend {
        DbBackend::Postgres => {
            // Not to_regclass, which may answer from a cache that is older than the wait for the runners' lock.
            "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relname = 'seaql_migrations' AND n.nspname = current_schema()"
        }
        _ => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
    };
    let row = db.query_one_raw(Statement::from_string(backend, exists));
    Ok(row.await?.is_some())
}

/// What that table holds; fails where there is none.
async fn versions(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let versions = match backend {
        // Not those of a schema further down the search path, which is somebody else's.
        DbBackend::Postgres => {
            "SELECT m.version FROM seaql_migrations m JOIN pg_catalog.pg_class c ON c.oid = m.tableoid \
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
