//! Handwritten statements, and instants as they are stored.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, QueryResult, Statement, Value};

/// A statement for each engine. Parameters are `$1`, `$2`, … on both.
pub(in crate::store) struct Sql {
    pub(in crate::store) postgres: &'static str,
    pub(in crate::store) sqlite: &'static str,
}

impl Sql {
    /// A statement that both engines understand.
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
        Statement::from_sql_and_values(backend, self.text(backend), values)
    }

    pub(in crate::store) fn text(&self, backend: DbBackend) -> &'static str {
        match backend {
            DbBackend::Postgres => self.postgres,
            _ => self.sqlite,
        }
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

    /// The first row.
    pub(in crate::store) async fn find<T: FromQueryResult>(
        &self,
        db: &impl ConnectionTrait,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<T>, DbErr> {
        let row = self.one(db, values).await?;
        row.map(|row| T::from_query_result(&row, "")).transpose()
    }

    /// All rows.
    pub(in crate::store) async fn list<T: FromQueryResult>(
        &self,
        db: &impl ConnectionTrait,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<T>, DbErr> {
        let rows = self.all(db, values).await?;
        rows.iter()
            .map(|row| T::from_query_result(row, ""))
            .collect()
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

/// A stored instant. Only values of a `Timestamp` are stored, so one out of its range is damage.
pub(in crate::store) fn instant(microseconds: i64) -> Result<jiff::Timestamp, DbErr> {
    jiff::Timestamp::from_microsecond(microseconds).map_err(|error| DbErr::Type(error.to_string()))
}
