//! A list as one parameter, whatever its length: an array for PostgreSQL, a JSON text for SQLite; lists in an answer.

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, DbErr, QueryResult, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// Identifiers: `unnest($1::uuid[])`, or `unhex(value)` of `json_each($1)`.
pub(in crate::store) fn ids(
    backend: DbBackend,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Value, DbErr> {
    if backend == DbBackend::Postgres {
        return Ok(array(ArrayType::Uuid, ids));
    }
    json(ids.into_iter().map(Uuid::simple))
}

/// Texts: `unnest($1::text[])`, or `value` of `json_each($1)`.
pub(in crate::store) fn texts(backend: DbBackend, texts: &[String]) -> Result<Value, DbErr> {
    if backend == DbBackend::Postgres {
        return Ok(array(ArrayType::String, texts.iter().cloned()));
    }
    json(texts)
}

/// The list in a column that holds JSON text.
pub(in crate::store) fn read<T: DeserializeOwned>(
    row: &QueryResult,
    column: usize,
) -> Result<T, DbErr> {
    let text: String = row.try_get_by_index(column)?;
    serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))
}

fn array<T: Into<Value>>(kind: ArrayType, values: impl IntoIterator<Item = T>) -> Value {
    let values = values.into_iter().map(Into::into).collect();
    Value::Array(kind, Some(Box::new(values)))
}

fn json<T: Serialize>(values: impl IntoIterator<Item = T>) -> Result<Value, DbErr> {
    let values: Vec<T> = values.into_iter().collect();
    let text = serde_json::to_string(&values).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(text.into())
}
