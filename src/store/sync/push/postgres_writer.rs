//! Writes frames on PostgreSQL, with one statement.
//!
//! SQL by hand: SeaQuery has no statement with several parts that write, and each part saves a
//! round trip.
//!
//! All parts see the database as it was when the statement began, even after waiting for a lock. So
//! the first part increases the user's sequence number only if it is the expected one. Every write
//! of the user increases it, so nothing of the user has changed since it was read, and what the
//! other parts see is current.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Value};
use uuid::Uuid;

use super::frame_batch::{bind_frames, bind_projects};
use crate::model::Frame;
use crate::store::StoreError;
use crate::store::db::sql::Sql;
use crate::store::error::is_duplicate;
use crate::store::sync::device_table;
use crate::store::sync::device_table::{Note, note_postgres};

/// Parameters: `$1` the user, `$2` the newest sequence number before, `$3` the writer, `$4` the
/// time, `$5` to `$9` the frames, `$10` and `$11` the projects. `$first` holds further parts;
/// frames are written if `$if` is true.
macro_rules! write_frames {
    ($first:expr, $if:literal) => {
        concat!(
            "WITH ",
            $first,
            "wanted AS (SELECT i.* \
                FROM unnest($5, $6, $7, $8, $9) WITH ORDINALITY AS i (id, project, start_at, \
                end_at, tags, ordinal) \
                LEFT JOIN tombstones t ON t.user_id = $1 AND t.frame_id = i.id \
                WHERE (t.frame_id IS NULL \
                   OR (t.project, t.start_at, t.end_at, t.tags) <> (i.project, i.start_at, \
                   i.end_at, i.tags::jsonb)) \
                AND ",
            $if,
            "), \
             created AS (INSERT INTO projects (id, user_id, name, created_at) \
                SELECT p.id, $1, p.name, $4 FROM unnest($10, $11) AS p (id, name) \
                WHERE p.name IN (SELECT project FROM wanted) \
                AND NOT EXISTS (SELECT 1 FROM projects o WHERE o.user_id = $1 AND o.name = p.name) \
                RETURNING id, name), \
             named AS (SELECT id, name FROM created \
                UNION ALL SELECT id, name FROM projects WHERE user_id = $1 AND name = ANY ($11)), \
             written AS (INSERT INTO frames \
                   (user_id, id, project_id, start_at, end_at, tags, seq, written_by, updated_at) \
                SELECT $1, w.id, n.id, w.start_at, w.end_at, w.tags::jsonb, $2 + w.ordinal, $3, $4 \
                FROM wanted w JOIN named n ON n.name = w.project \
                ON CONFLICT (user_id, id) DO UPDATE SET project_id = excluded.project_id, \
                   start_at = excluded.start_at, end_at = excluded.end_at, tags = excluded.tags, \
                   seq = excluded.seq, \
                   written_by = excluded.written_by, updated_at = excluded.updated_at \
                WHERE (frames.project_id, frames.start_at, frames.end_at, frames.tags) \
                   <> (excluded.project_id, excluded.start_at, excluded.end_at, excluded.tags) \
                RETURNING id), \
             revived AS (DELETE FROM tombstones t USING written w WHERE t.user_id = $1 AND \
             t.frame_id = w.id) \
             SELECT (SELECT count(*) FROM written) AS written, ",
            $if,
            " AS is_done"
        )
    };
}

const WRITE: &str = write_frames!("", "true");

const PUSH: &str = write_frames!(
    concat!(
        "seq AS (UPDATE frame_sequences s SET seq = s.seq + cardinality($5) \
            FROM (SELECT id FROM users WHERE id = $1 FOR KEY SHARE) u \
            WHERE s.user_id = u.id AND s.seq = $2 RETURNING s.user_id), ",
        note_postgres!("$12::json", "$13::json", "CROSS JOIN seq"),
        ", "
    ),
    "EXISTS (SELECT 1 FROM sync)"
);

/// Writes the frames of a push and its note. Returns `None`, having written nothing, if the user's
/// newest sequence number is not `seq` or the device's sync is not the one that the note follows.
pub(super) async fn push(
    db: &impl ConnectionTrait,
    seq: i64,
    frames: &[Frame],
    note: &Note,
) -> Result<Option<u64>, StoreError> {
    let writer = Some(note.sync.writer);
    let mut values = parameters(note.user_id, seq, writer, frames, note.now)?;
    values.extend(device_table::parameters([note])?);
    match execute(db, PUSH, values).await {
        // A project of that name was created since the statement began.
        Err(error) if is_duplicate(&error) => Ok(None),
        written => Ok(written?),
    }
}

/// Writes frames of a user whose lock is held and whose newest sequence number was `seq` before.
pub(super) async fn write(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    seq: i64,
    writer: Option<Uuid>,
    frames: &[Frame],
    now: i64,
) -> Result<u64, StoreError> {
    let values = parameters(user_id, seq, writer, frames, now)?;
    let written = execute(db, WRITE, values).await?;
    Ok(written.unwrap_or_default())
}

async fn execute(
    db: &impl ConnectionTrait,
    text: &'static str,
    values: Vec<Value>,
) -> Result<Option<u64>, DbErr> {
    let Some(row) = Sql::both(text).one(db, values).await? else {
        return Ok(None);
    };
    let written: i64 = row.try_get("", "written")?;
    let is_done: bool = row.try_get("", "is_done")?;
    Ok(is_done.then_some(written.unsigned_abs()))
}

fn parameters(
    user_id: Uuid,
    seq: i64,
    writer: Option<Uuid>,
    frames: &[Frame],
    now: i64,
) -> Result<Vec<Value>, DbErr> {
    let mut values = vec![user_id.into(), seq.into(), writer.into(), now.into()];
    values.extend(bind_frames(DbBackend::Postgres, frames)?);
    values.extend(bind_projects(frames));
    Ok(values)
}
