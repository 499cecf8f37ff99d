//! The requirements of a database, each with the remedy.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use crate::Dsn;
use crate::explain::explain;
use crate::state::applied;
use crate::steps;

/// The oldest supported version of PostgreSQL.
const OLDEST_VERSION: i32 = 14;

/// PostgreSQL settings that change the meaning or the success of our statements, with the required
/// values. `connect.rs` sets them on each connection.
pub(crate) const SETTINGS: [(&str, &str); 6] = [
    // Backslashes in strings are literal.
    ("standard_conforming_strings", "on"),
    // `x = NULL` is not `x IS NULL`.
    ("transform_null_equals", "off"),
    // A statement that waited for a lock sees what was committed meanwhile.
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "off"),
    // A unique violation does not end the connection.
    ("exit_on_error", "off"),
    // Two pushes of one user wait for each other.
    ("lock_timeout", "0"),
];

/// Our tables. If another program has one of them, ours cannot be created. A test compares this
/// list with the steps.
const TABLES: [&str; 21] = [
    "api_tokens",
    "calendar_feeds",
    "device_syncs",
    "frame_sequences",
    "frames",
    "identities",
    "owed_frames",
    "past_syncs",
    "projects",
    "refused_frames",
    "restored_frames",
    "schema_compatibility",
    "sync_cursors",
    "team_invitations",
    "team_members",
    "team_projects",
    "team_shares",
    "teams",
    "tombstones",
    "users",
    "web_sessions",
];

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Precondition {
    /// The encoding cannot store every text.
    #[error(
        "the database has the encoding {0}, but crick-api needs UTF8. The encoding of a database \
         cannot be changed: create another one with \
         `CREATE DATABASE crick ENCODING 'UTF8' TEMPLATE template0` and use that"
    )]
    Encoding(String),
    /// The server is too old.
    #[error("PostgreSQL {0} is too old: crick-api needs version {OLDEST_VERSION} or newer")]
    Version(String),
    /// The server is a standby.
    #[error("the database server is a standby, which can only be read: connect to the primary")]
    Standby,
    /// There is no schema for tables.
    #[error(
        "the search_path names no schema that is there and that the role may use: create one, \
         `GRANT USAGE` on it, or set the role's search_path with \
         `ALTER ROLE … SET search_path = public`"
    )]
    NoSchema,
    /// The role lacks a right, for instance because another role applied a step.
    #[error(
        "the role {role} may not read and write the table `{table}`: run \
         `crick-api-migrate up --grant-to {role}` as the owner of the tables"
    )]
    NoRights {
        /// The role.
        role: String,
        /// The first table of that kind.
        table: String,
    },
    /// A setting is wrong that a connection cannot override.
    #[error(
        "{name} is {value} for this role or database, but crick-api relies on {needed}: \
         set it with `ALTER ROLE … SET {name} = '{needed}'`, or in the connection pooler"
    )]
    Setting {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
        /// The required value.
        needed: String,
    },
    /// The SQLite file is read-only for this process.
    #[error(
        "the database {0} can only be read: give its file and folder to the user that this program \
         runs as"
    )]
    ReadOnly(Dsn),
    /// The database belongs to the first Crick.
    #[error(
        "this database holds the tables of the original Crick, which crick-api does not change. \
         Create another database for crick-api; Watson sends the frames there at its next full \
         sync, and `crick-api-server import` takes over a Watson `frames` file"
    )]
    OriginalCrick,
    /// The database belongs to another program.
    #[error("this database contains a table `{table}` of another program: {advice}")]
    ForeignTable {
        /// Its name.
        table: String,
        /// Where to put crick-api's tables instead.
        advice: &'static str,
    },
}

impl Precondition {
    fn foreign_table(engine: DbBackend, table: String) -> Self {
        let advice = match engine {
            DbBackend::Postgres => {
                "create another database for crick-api, or another schema and set the role's \
                 search_path to it"
            }
            _ => "name another file for crick-api",
        };
        Self::ForeignTable { table, advice }
    }
}

/// A failed check.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The database is unsuitable.
    #[error(transparent)]
    Unsuitable(#[from] Precondition),
    /// The check itself failed.
    #[error("{}", explain(.0))]
    Database(#[from] DbErr),
}

/// Checks that the database is usable, with or without the schema. Changes nothing.
pub async fn check(db: &impl ConnectionTrait) -> Result<(), CheckError> {
    if db.get_database_backend() == DbBackend::Postgres {
        check_server(db).await?;
    }
    Ok(())
}

/// Checks that our tables can be created if there are none yet.
pub async fn check_tables(db: &impl ConnectionTrait) -> Result<(), CheckError> {
    let backend = db.get_database_backend();
    let names = applied(db).await?;
    if has_steps(&names) {
        return Ok(());
    }
    if !names.is_empty() {
        let table = "seaql_migrations".to_owned();
        return Err(Precondition::foreign_table(backend, table).into());
    }
    let names = TABLES.map(|name| format!("'{name}'")).join(", ");
    let text = match backend {
        DbBackend::Postgres => format!(
            "SELECT c.relname::text, EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a \
                WHERE a.attrelid = c.oid AND a.attname IN ('auth0_id', 'synchronized_at')) \
             FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = current_schema() AND c.relname IN ({names}) \
             ORDER BY 2 DESC, 1 LIMIT 1"
        ),
        _ => format!(
            "SELECT name, false FROM sqlite_master WHERE name IN ({names}) ORDER BY 1 LIMIT 1"
        ),
    };
    let Some(row) = one(db, text).await? else {
        return Ok(());
    };
    let (table, is_of_crick): (String, bool) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    // Another process may have applied the first step meanwhile.
    if has_steps(&applied(db).await?) {
        return Ok(());
    }
    Err(if is_of_crick {
        Precondition::OriginalCrick.into()
    } else {
        Precondition::foreign_table(backend, table).into()
    })
}

/// Whether one of these applied steps is ours.
fn has_steps(applied: &[String]) -> bool {
    let steps = steps();
    let mut applied = applied.iter();
    applied.any(|name| steps.iter().any(|step| step.name() == name))
}

async fn check_server(db: &impl ConnectionTrait) -> Result<(), CheckError> {
    let settings: Vec<String> = SETTINGS
        .iter()
        .map(|(name, _)| format!("current_setting('{name}')"))
        .collect();
    let text = format!(
        "SELECT current_setting('server_encoding'), current_setting('server_version'), \
            current_setting('server_version_num')::int / 10000, pg_is_in_recovery(), \
            current_schema()::text, {}, current_user::text, \
            current_setting('session_replication_role'), {}",
        unusable_table(),
        settings.join(", ")
    );
    let row = one(db, text).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("settings".to_owned()))?;
    let encoding: String = row.try_get_by_index(0)?;
    if encoding != "UTF8" {
        return Err(Precondition::Encoding(encoding).into());
    }
    let major: i32 = row.try_get_by_index(2)?;
    if major < OLDEST_VERSION {
        return Err(Precondition::Version(row.try_get_by_index(1)?).into());
    }
    if row.try_get_by_index(3)? {
        return Err(Precondition::Standby.into());
    }
    let schema: Option<String> = row.try_get_by_index(4)?;
    if schema.is_none_or(|schema| schema.starts_with("pg_")) {
        return Err(Precondition::NoSchema.into());
    }
    if let Some(table) = row.try_get_by_index(5)? {
        let role = row.try_get_by_index(6)?;
        return Err(Precondition::NoRights { role, table }.into());
    }
    // Otherwise foreign keys are not enforced. Only a superuser may set it.
    let needed = [("session_replication_role", "origin")]
        .into_iter()
        .chain(SETTINGS);
    for (at, (name, needed)) in (7..).zip(needed) {
        let value: String = row.try_get_by_index(at)?;
        if value != needed {
            let (name, needed) = (name.to_owned(), needed.to_owned());
            return Err(Precondition::Setting {
                name,
                value,
                needed,
            }
            .into());
        }
    }
    Ok(())
}

/// The first of our tables on which the role lacks a right. Only the migrator writes the two tables
/// that describe the schema.
fn unusable_table() -> String {
    let names = TABLES.map(|name| format!("'{name}'")).join(", ");
    let rights = ["INSERT", "UPDATE", "DELETE"]
        .map(|right| format!("has_table_privilege(c.oid, '{right}')"))
        .join(" AND ");
    format!(
        "(SELECT c.relname::text FROM pg_catalog.pg_class c \
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
          WHERE n.nspname = current_schema() AND c.relkind = 'r' \
            AND c.relname IN ('seaql_migrations', {names}) \
            AND EXISTS (SELECT 1 FROM pg_catalog.pg_class m WHERE m.relnamespace = n.oid \
                AND m.relname = 'seaql_migrations') \
            AND NOT (has_table_privilege(c.oid, 'SELECT') AND ({rights} \
                OR c.relname IN ('seaql_migrations', 'schema_compatibility'))) \
          ORDER BY 1 LIMIT 1)"
    )
}

async fn one(db: &impl ConnectionTrait, text: String) -> Result<Option<QueryResult>, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), text);
    db.query_one_raw(statement).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{connect, up};

    #[tokio::test]
    async fn the_tables_that_must_not_exist_are_those_that_the_steps_create() {
        let dsn = Dsn::parse("sqlite::memory:").expect("a DSN");
        let db = connect(&dsn, 1).await.expect("a database");
        up(&db, |_| {}).await.expect("a schema");
        let names = "SELECT name FROM sqlite_master WHERE type = 'table' \
                     AND name NOT IN ('seaql_migrations', 'sqlite_sequence') ORDER BY name";
        let statement = Statement::from_string(DbBackend::Sqlite, names);
        let rows = db.query_all_raw(statement).await.expect("names");
        let names: Vec<String> = rows
            .iter()
            .map(|row| row.try_get_by_index(0).expect("a name"))
            .collect();
        assert_eq!(names, TABLES);
    }
}
