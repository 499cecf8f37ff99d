//! Writes the frames of several users on SQLite, with as many statements as for one frame.
//!
//! SQL by hand: each statement takes any number of frames, as JSON.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{DatabaseTransaction, DbErr, Value};
use serde::Serialize;
use uuid::Uuid;
use uuid::fmt::Simple;

use super::user_lock::UserLock;
use crate::model::Frame;
use crate::store::StoreError;
use crate::store::db::bind::json;
use crate::store::db::sql::Sql;

/// Frames of a user whose lock is held. No two have the same id.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserFrames<'a> {
    pub(super) user_id: Uuid,
    pub(super) lock: UserLock,
    pub(super) writer: Option<Uuid>,
    pub(super) frames: &'a [Frame],
}

const LOCK_USERS: Sql = Sql::both(
    "UPDATE frame_sequences SET seq = seq + (i.value ->> 1) FROM json_each($1) i \
    WHERE user_id = unhex(i.value ->> 0) RETURNING user_id, seq, \
       EXISTS (SELECT 1 FROM tombstones t \
          WHERE t.user_id = frame_sequences.user_id) AS has_tombstones",
);

const INSERT_PROJECTS: Sql = Sql::both(
    "INSERT INTO projects (id, user_id, name, created_at) \
    SELECT unhex(value ->> 0), unhex(value ->> 1), value ->> 2, $1 FROM json_each($2) WHERE true \
    ON CONFLICT (user_id, name) DO NOTHING",
);

/// Inserts new frames and replaces different ones; ignores frames that equal the stored or the
/// deleted one.
macro_rules! upsert_frames {
    () => {
        "INSERT INTO frames (user_id, id, project_id, start_at, end_at, tags, seq, written_by, \
         updated_at) \
         SELECT i.user_id, i.id, p.id, i.start_at, i.end_at, i.tags, i.seq, i.writer, $1 \
         FROM (SELECT unhex(value ->> 0) AS user_id, value ->> 1 AS seq, unhex(value ->> 2) AS \
         writer, \
                      unhex(value ->> 3) AS id, value ->> 4 AS project, value ->> 5 AS start_at, \
                      value ->> 6 AS end_at, value ->> 7 AS tags FROM json_each($2)) i \
         CROSS JOIN projects p ON p.user_id = i.user_id AND p.name = i.project \
         LEFT JOIN tombstones t ON t.user_id = i.user_id AND t.frame_id = i.id \
         WHERE t.frame_id IS NULL \
            OR (t.project, t.start_at, t.end_at, t.tags) <> (i.project, i.start_at, i.end_at, \
            i.tags) \
         ON CONFLICT (user_id, id) DO UPDATE SET project_id = excluded.project_id, start_at = \
         excluded.start_at, \
            end_at = excluded.end_at, tags = excluded.tags, seq = excluded.seq, \
            written_by = excluded.written_by, updated_at = excluded.updated_at \
         WHERE (frames.project_id, frames.start_at, frames.end_at, frames.tags) \
            <> (excluded.project_id, excluded.start_at, excluded.end_at, excluded.tags)"
    };
}
const UPSERT_FRAMES: Sql = Sql::both(upsert_frames!());
const UPSERT_AND_RETURN: Sql = Sql::both(concat!(upsert_frames!(), " RETURNING user_id"));

const DELETE_TOMBSTONES: Sql = Sql::both(
    "DELETE FROM tombstones WHERE user_id = $1 AND EXISTS \
     (SELECT 1 FROM frames f WHERE f.user_id = $1 AND f.id = tombstones.frame_id)",
);

/// Projects that this push created but left without frames, because the frames stay deleted.
const DELETE_EMPTY_PROJECTS: Sql = Sql::both(
    "DELETE FROM projects WHERE user_id = $1 AND created_at = $2 \
     AND NOT EXISTS (SELECT 1 FROM frames f WHERE f.project_id = projects.id)",
);

/// Id, user, name.
#[derive(Serialize)]
struct ProjectRow<'a>(Simple, Simple, &'a str);

/// User, sequence number, writer, id, project, start, end, tags.
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

/// Locks several users and reserves this many sequence numbers for each. Deleted users are not in
/// the result.
pub(super) async fn lock_users(
    transaction: &DatabaseTransaction,
    reserved: &HashMap<Uuid, i64>,
) -> Result<HashMap<Uuid, UserLock>, StoreError> {
    let rows: Vec<(Simple, i64)> = reserved
        .iter()
        .map(|(user, count)| (user.simple(), *count))
        .collect();
    let mut locks = HashMap::new();
    for row in LOCK_USERS.all(transaction, [json(&rows)?]).await? {
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
        .into_iter()
        .map(|(user, name)| ProjectRow(Uuid::now_v7().simple(), user.simple(), name))
        .collect();
    let values = [now.into(), json(&projects)?];
    INSERT_PROJECTS.execute(transaction, values).await?;
    let frames: Vec<FrameRow<'_>> = writes.iter().flat_map(frame_rows).collect();
    let values = [now.into(), json(&frames)?];
    let written = if writes.len() == 1 {
        vec![UPSERT_FRAMES.execute(transaction, values).await?]
    } else {
        let rows = UPSERT_AND_RETURN.all(transaction, values).await?;
        let users: Vec<Uuid> = rows
            .iter()
            .map(|row| row.try_get("", "user_id"))
            .collect::<Result<_, DbErr>>()?;
        let of = |id: Uuid| users.iter().filter(|user| **user == id).count() as u64;
        writes.iter().map(|write| of(write.user_id)).collect()
    };
    for write in writes.iter().filter(|write| write.lock.has_tombstones) {
        let user_id: Value = write.user_id.into();
        DELETE_TOMBSTONES
            .execute(transaction, [user_id.clone()])
            .await?;
        DELETE_EMPTY_PROJECTS
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
