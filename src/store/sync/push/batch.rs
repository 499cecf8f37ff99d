//! Frames as the parameters of a push's statements.

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, DbErr, Value};
use serde::Serialize;
use uuid::Uuid;

use crate::model::Frame;
use crate::store::StoreError;

/// Frames as parameters of the two bulk statements: arrays for PostgreSQL, one JSON text for SQLite.
pub(in crate::store) struct Batch {
    pub(super) projects: Vec<Value>,
    pub(in crate::store) frames: Vec<Value>,
}

impl Batch {
    pub(in crate::store) fn new(backend: DbBackend, frames: &[Frame]) -> Result<Self, StoreError> {
        let mut names: Vec<&str> = frames.iter().map(|frame| frame.project.as_str()).collect();
        names.sort_unstable(); // Two users' pushes never meet, two of one user wait for its lock: order is for the index.
        names.dedup();
        let batch = match backend {
            DbBackend::Postgres => Self::arrays(frames, &names),
            _ => Self::json(frames, &names),
        };
        batch.map_err(|error| StoreError::Database(DbErr::Json(error.to_string())))
    }

    fn arrays(frames: &[Frame], names: &[&str]) -> Result<Self, serde_json::Error> {
        fn array<T>(kind: ArrayType, values: impl Iterator<Item = T>) -> Value
        where
            T: Into<Value>,
        {
            Value::Array(kind, Some(Box::new(values.map(Into::into).collect())))
        }
        let tags: Vec<String> = frames
            .iter()
            .map(|frame| serde_json::to_string(&frame.tags))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            projects: vec![
                array(ArrayType::Uuid, names.iter().map(|_| Uuid::now_v7())),
                array(ArrayType::String, names.iter().copied()),
            ],
            frames: vec![
                array(ArrayType::Uuid, frames.iter().map(|frame| frame.id)),
                array(
                    ArrayType::String,
                    frames.iter().map(|frame| frame.project.as_str()),
                ),
                array(
                    ArrayType::BigInt,
                    frames.iter().map(|frame| frame.start_at.as_microsecond()),
                ),
                array(
                    ArrayType::BigInt,
                    frames.iter().map(|frame| frame.end_at.as_microsecond()),
                ),
                array(ArrayType::String, tags.into_iter()),
            ],
        })
    }

    fn json(frames: &[Frame], names: &[&str]) -> Result<Self, serde_json::Error> {
        /// Identifier in hexadecimal, project, start, end, tags.
        #[derive(Serialize)]
        struct Row<'a>(uuid::fmt::Simple, &'a str, i64, i64, &'a [String]);
        let projects: Vec<(uuid::fmt::Simple, &str)> = names
            .iter()
            .map(|name| (Uuid::now_v7().simple(), *name))
            .collect();
        let rows: Vec<Row<'_>> = frames
            .iter()
            .map(|frame| {
                let (start, end) = (
                    frame.start_at.as_microsecond(),
                    frame.end_at.as_microsecond(),
                );
                Row(frame.id.simple(), &frame.project, start, end, &frame.tags)
            })
            .collect();
        Ok(Self {
            projects: vec![serde_json::to_string(&projects)?.into()],
            frames: vec![serde_json::to_string(&rows)?.into()],
        })
    }
}
