//! Statements written as SQL, and instants as they are stored.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

/// A statement in the words of the engine it is for. Parameters are `$1`, `$2`, … on both.
pub(in crate::store) struct Sql {
    pub(in crate::store) postgres: &'static str,
    pub(in crate::store) sqlite: &'static str,
}

impl Sql {
    /// One text that both engines understand.
    pub(in crate::store) const fn both(text: &'static str) -> Self {
        Self {
            postgres: text,
            sqlite: text,
        }
    }

    pub(in crate::store) fn with(
        &self,
        backend: DbBackend,
        values: impl IntoIterator<Item = Value>,
    ) -> Statement {
        let text = if backend == DbBackend::Postgres {
            self.postgres
        } else {
            self.sqlite
        };
        Statement::from_sql_and_values(backend, text, values)
    }

    pub(in crate::store) async fn execute(
        &self,
        db: &impl ConnectionTrait,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<u64, DbErr> {
        let result = db
            .execute_raw(self.with(db.get_database_backend(), values))
            .await?;
        Ok(result.rows_affected())
    }

    pub(in crate::store) async fn one(
        &self,
        db: &impl ConnectionTrait,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<QueryResult>, DbErr> {
        db.query_one_raw(self.with(db.get_database_backend(), values))
            .await
    }

    pub(in crate::store) async fn all(
        &self,
        db: &impl ConnectionTrait,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<QueryResult>, DbErr> {
        db.query_all_raw(self.with(db.get_database_backend(), values))
            .await
    }
}

/// A stored instant. Only values that came from a `Timestamp` are stored, so one out of range is damage.
pub(in crate::store) fn instant(microseconds: i64) -> Result<jiff::Timestamp, DbErr> {
    jiff::Timestamp::from_microsecond(microseconds).map_err(|error| DbErr::Type(error.to_string()))
}
