//! Writing the frames of several users on SQLite, with as many statements as for one frame.
//!
//! Why SQL by hand: each statement takes any number of frames.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, Statement, Value};
use serde::Serialize;
use uuid::Uuid;
use uuid::fmt::Simple;

use super::write::UserLock;
use crate::model::Frame;
use crate::store::StoreError;
use crate::store::db::sql::Sql;

/// Frames of a user whose lock is held, for which numbers were reserved. No two have the same id.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserFrames<'a> {
    pub(super) user_id: Uuid,
    pub(super) lock: UserLock,
    pub(super) writer: Option<Uuid>,
    pub(super) frames: &'a [Frame],
}

const LOCK_USERS: &str = "UPDATE frame_sequences SET seq = seq + (i.value ->> 1) FROM json_each($1) i \
    WHERE user_id = unhex(i.value ->> 0) RETURNING user_id, seq, \
       EXISTS (SELECT 1 FROM tombstones t WHERE t.user_id = frame_sequences.user_id) AS has_tombstones";

const INSERT_PROJECTS: &str = "INSERT INTO projects (id, user_id, name, created_at) \
    SELECT unhex(value ->> 0), unhex(value ->> 1), value ->> 2, $1 FROM json_each($2) WHERE true \
    ON CONFLICT (user_id, name) DO NOTHING";

/// New frames are inserted and different ones replaced; a frame that is the same as the stored or the removed one is left
/// alone.
macro_rules! upsert_frames {
    () => {
        "INSERT INTO frames (user_id, id, project_id, start_at, end_at, tags, seq, written_by, updated_at) \
         SELECT i.user_id, i.id, p.id, i.start_at, i.end_at, i.tags, i.seq, i.writer, $1 \
         FROM (SELECT unhex(value ->> 0) AS user_id, value ->> 1 AS seq, unhex(value ->> 2) AS writer, \
                      unhex(value ->> 3) AS id, value ->> 4 AS project, value ->> 5 AS start_at, \
                      value ->> 6 AS end_at, value ->> 7 AS tags FROM json_each($2)) i \
         CROSS JOIN projects p ON p.user_id = i.user_id AND p.name = i.project \
         LEFT JOIN tombstones t ON t.user_id = i.user_id AND t.frame_id = i.id \
         WHERE t.frame_id IS NULL \
            OR (t.project, t.start_at, t.end_at, t.tags) <> (i.project, i.start_at, i.end_at, i.tags) \
         ON CONFLICT (user_id, id) DO UPDATE SET project_id = excluded.project_id, start_at = excluded.start_at, \
            end_at = excluded.end_at, tags = excluded.tags, seq = excluded.seq, \
            written_by = excluded.written_by, updated_at = excluded.updated_at \
         WHERE (frames.project_id, frames.start_at, frames.end_at, frames.tags) \
            <> (excluded.project_id, excluded.start_at, excluded.end_at, excluded.tags)"
    };
}
const UPSERT_FRAMES: &str = upsert_frames!();
const UPSERT_AND_COUNT: &str = concat!(upsert_frames!(), " RETURNING user_id");

const FORGET_TOMBSTONES: Sql = Sql::both(
    "DELETE FROM tombstones WHERE user_id = $1 AND EXISTS \
     (SELECT 1 FROM frames f WHERE f.user_id = $1 AND f.id = tombstones.frame_id)",
);

/// Deletes projects that this push created but left without frames, because the frames had been removed and stay so.
const FORGET_PROJECTS: Sql = Sql::both(
    "DELETE FROM projects WHERE user_id = $1 AND created_at = $2 \
     AND NOT EXISTS (SELECT 1 FROM frames f WHERE f.project_id = projects.id)",
);

/// A project: its identifier, user and name.
#[derive(Serialize)]
struct ProjectRow<'a>(Simple, Simple, &'a str);

/// A frame: user, sequence number, writer, identifier, project, start, end, tags.
#[derive(Serialize)]
struct FrameRow<'a>(
    Simple,
    i64,
    Option<Simple>,
    Simple,
    &'a str,
    i64,
    i64,
    &'a [String],
);

/// Reserves sequence numbers for the frames of several users. A user who was deleted meanwhile is not in the result.
pub(super) async fn lock_users(
    transaction: &DatabaseTransaction,
    reserved: &HashMap<Uuid, i64>,
) -> Result<HashMap<Uuid, UserLock>, StoreError> {
    let rows: Vec<(Simple, i64)> = reserved
        .iter()
        .map(|(user, count)| (user.simple(), *count))
        .collect();
    let rows = transaction.query_all_raw(statement(LOCK_USERS, [json(&rows)?]));
    let mut locks = HashMap::new();
    for row in rows.await? {
        let user_id: Uuid = row.try_get("", "user_id")?;
        let newest: i64 = row.try_get("", "seq")?;
        let seq = newest - reserved.get(&user_id).copied().unwrap_or_default();
        let has_tombstones = row.try_get("", "has_tombstones")?;
        locks.insert(
            user_id,
            UserLock {
                seq,
                has_tombstones,
            },
        );
    }
    Ok(locks)
}

/// Writes the frames of different users, and returns how many of each were new or different.
pub(super) async fn write(
    transaction: &DatabaseTransaction,
    writes: &[UserFrames<'_>],
    now: i64,
) -> Result<Vec<u64>, StoreError> {
    let projects: BTreeSet<(Uuid, &str)> = writes
        .iter()
        .flat_map(|write| {
            let names = write.frames.iter().map(|frame| frame.project.as_str());
            names.map(|name| (write.user_id, name))
        })
        .collect();
    let projects: Vec<ProjectRow<'_>> = projects
        .iter()
        .map(|(user, name)| ProjectRow(Uuid::now_v7().simple(), user.simple(), name))
        .collect();
    transaction
        .execute_raw(statement(INSERT_PROJECTS, [now.into(), json(&projects)?]))
        .await?;
    let frames: Vec<FrameRow<'_>> = writes.iter().flat_map(frame_rows).collect();
    let values = [now.into(), json(&frames)?];
    let written = if writes.len() == 1 {
        let written = transaction.execute_raw(statement(UPSERT_FRAMES, values));
        vec![written.await?.rows_affected()]
    } else {
        let rows = transaction.query_all_raw(statement(UPSERT_AND_COUNT, values));
        let users = rows.await?;
        let users: Vec<Uuid> = users
            .iter()
            .map(|row| row.try_get("", "user_id"))
            .collect::<Result<_, DbErr>>()?;
        let of = |id: Uuid| users.iter().filter(|user| **user == id).count() as u64;
        writes.iter().map(|write| of(write.user_id)).collect()
    };
    for write in writes.iter().filter(|write| write.lock.has_tombstones) {
        let user_id: Value = write.user_id.into();
        FORGET_TOMBSTONES
            .execute(transaction, [user_id.clone()])
            .await?;
        FORGET_PROJECTS
            .execute(transaction, [user_id, now.into()])
            .await?;
    }
    Ok(written)
}

fn frame_rows<'a>(write: &UserFrames<'a>) -> impl Iterator<Item = FrameRow<'a>> {
    let UserFrames {
        user_id,
        lock,
        writer,
        frames,
    } = *write;
    let numbers = lock.seq + 1..;
    numbers.zip(frames).map(move |(seq, frame)| {
        FrameRow(
            user_id.simple(),
            seq,
            writer.map(Uuid::simple),
            frame.id.simple(),
            &frame.project,
            frame.start_at.as_microsecond(),
            frame.end_at.as_microsecond(),
            &frame.tags,
        )
    })
}

fn statement(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, text, values)
}

fn json<T: Serialize>(rows: &[T]) -> Result<Value, StoreError> {
    let text = serde_json::to_string(rows);
    let text = text.map_err(|error| StoreError::Database(DbErr::Json(error.to_string())))?;
    Ok(text.into())
}
