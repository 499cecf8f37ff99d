//! Frames as the parameters of a statement: arrays for PostgreSQL, one JSON text for SQLite.

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, DbErr, Value};
use serde::Serialize;
use uuid::Uuid;
use uuid::fmt::Simple;

use crate::model::Frame;
use crate::store::db::bind::{array, json};

/// PostgreSQL: id, project, start, end and tags, each as an array. SQLite: rows of these.
pub(in crate::store) fn bind_frames(
    backend: DbBackend,
    frames: &[Frame],
) -> Result<Vec<Value>, DbErr> {
    if backend != DbBackend::Postgres {
        let rows: Vec<FrameRow<'_>> = frames.iter().map(FrameRow::new).collect();
        return Ok(vec![json(&rows)?]);
    }
    let tags: Result<Vec<Value>, DbErr> = frames.iter().map(|frame| json(&frame.tags)).collect();
    let projects = frames.iter().map(|frame| frame.project.as_str());
    let starts = frames.iter().map(|frame| frame.start_at.as_microsecond());
    let ends = frames.iter().map(|frame| frame.end_at.as_microsecond());
    Ok(vec![
        array(ArrayType::Uuid, frames.iter().map(|frame| frame.id)),
        array(ArrayType::String, projects),
        array(ArrayType::BigInt, starts),
        array(ArrayType::BigInt, ends),
        array(ArrayType::String, tags?),
    ])
}

/// The projects of the frames for PostgreSQL, each with an id in case it is new.
pub(super) fn bind_projects(frames: &[Frame]) -> [Value; 2] {
    let mut names: Vec<&str> = frames.iter().map(|frame| frame.project.as_str()).collect();
    names.sort_unstable(); // Index locality. Locks need no order: pushes of one user take turns.
    names.dedup();
    [
        array(ArrayType::Uuid, names.iter().map(|_| Uuid::now_v7())),
        array(ArrayType::String, names),
    ]
}

/// Id, project, start, end, tags.
#[derive(Serialize)]
struct FrameRow<'a>(Simple, &'a str, i64, i64, &'a [String]);

impl<'a> FrameRow<'a> {
    fn new(frame: &'a Frame) -> Self {
        Self(
            frame.id.simple(),
            &frame.project,
            frame.start_at.as_microsecond(),
            frame.end_at.as_microsecond(),
            &frame.tags,
        )
    }
}
