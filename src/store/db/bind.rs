//! Lists as parameters and as columns of handwritten SQL.

use sea_orm::sea_query::{ArrayType, ValueType};
use sea_orm::{ColIdx, DbBackend, DbErr, QueryResult, TryGetError, TryGetable, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Binds a list of any length as one parameter: `unnest($1)` on PostgreSQL, `json_each($1)` on SQLite.
pub(in crate::store) fn list<T>(
    backend: DbBackend,
    values: impl IntoIterator<Item = T>,
) -> Result<Value, DbErr>
where
    T: Into<Value> + ValueType + Serialize,
{
    if backend == DbBackend::Postgres {
        return Ok(array(T::array_type(), values));
    }
    let values: Vec<T> = values.into_iter().collect();
    json(&values)
}

/// Binds values as a PostgreSQL array.
pub(in crate::store) fn array<T: Into<Value>>(
    kind: ArrayType,
    values: impl IntoIterator<Item = T>,
) -> Value {
    let values = values.into_iter().map(Into::into).collect();
    Value::Array(kind, Some(Box::new(values)))
}

/// Binds a value as JSON text.
pub(in crate::store) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Value, DbErr> {
    let text = serde_json::to_string(value).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(text.into())
}

/// The value of a column that holds JSON text.
#[derive(Debug)]
pub(in crate::store) struct JsonText<T>(pub(in crate::store) T);

impl<T: DeserializeOwned> TryGetable for JsonText<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        let value = serde_json::from_str(&text);
        value
            .map(Self)
            .map_err(|error| TryGetError::DbErr(DbErr::Json(error.to_string())))
    }
}
