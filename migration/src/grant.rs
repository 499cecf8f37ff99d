//! Rights of the server's role, if migrations run with another role.

use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};

use crate::runner::postgres;

/// Grants `role` to use the schema, and to read and write rows in all present and future tables.
///
/// # Errors
/// When the database is not PostgreSQL, the role does not exist, or the connected role may not
/// grant.
pub async fn grant_to(db: &DatabaseConnection, role: &str) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Err(DbErr::Custom(
            "only PostgreSQL has roles to grant rights to".to_owned(),
        ));
    }
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    let row = db
        .query_one_raw(postgres("SELECT quote_ident(current_schema())".to_owned()))
        .await?;
    let schema: String = row
        .ok_or_else(|| DbErr::Custom("the connection has no current schema".to_owned()))?
        .try_get_by_index(0)?;
    let rights = "SELECT, INSERT, UPDATE, DELETE";
    db.execute_unprepared(&format!(
        "GRANT USAGE ON SCHEMA {schema} TO {role};
         GRANT {rights} ON ALL TABLES IN SCHEMA {schema} TO {role};
         ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {rights} ON TABLES TO {role}"
    ))
    .await
    .map(drop)
}
