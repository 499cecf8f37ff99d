//! The frames that a push reveals to be missing on its device, which is rare.
//!
//! SQL by hand: each statement covers any number of frames.

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Value};

use super::frame_batch::bind_frames;
use crate::model::Frame;
use crate::store::StoreError;
use crate::store::db::bind::{json, list};
use crate::store::db::sql::Sql;
use crate::store::sync::device_table::Note;
use crate::store::sync::exclusive::{DeviceSync, Ranges};

const DELETE_OTHERS: Sql =
    Sql::both("DELETE FROM owed_frames WHERE user_id = $1 AND token_id = $2 AND sync <> $3");

/// Frames that earlier attempts of the sync have pushed, that were not written again since, and
/// that this push lacks.
const ADD_MISSING: Sql = Sql {
    postgres: "INSERT INTO owed_frames (user_id, token_id, sync, frame_id, seq) \
        SELECT $1, $2, $3, f.id, f.seq FROM frames f \
        JOIN json_array_elements($5::json) r ON f.seq > (r ->> 0)::bigint AND f.seq <= (r ->> \
        1)::bigint \
        WHERE f.user_id = $1 AND f.written_by = $4 \
           AND f.id <> ALL ($6) ON CONFLICT DO NOTHING",
    sqlite: "INSERT OR IGNORE INTO owed_frames (user_id, token_id, sync, frame_id, seq) \
        SELECT $1, $2, $3, f.id, f.seq FROM frames f \
        JOIN json_each($5) r ON f.seq > (r.value ->> 0) AND f.seq <= (r.value ->> 1) \
        WHERE f.user_id = $1 AND f.written_by = $4 \
           AND f.id NOT IN (SELECT unhex(i.value, '-') FROM json_each($6) i)",
};

/// Frames that this push has written.
const ADD_WRITTEN: Sql = Sql::both(
    "INSERT INTO owed_frames (user_id, token_id, sync, frame_id, seq) \
     SELECT $1, $2, $3, f.id, f.seq FROM frames f WHERE f.user_id = $1 AND f.written_by = $4 AND \
     f.seq > $5 \
     ON CONFLICT DO NOTHING",
);

/// Frames of the user that this push lacks or has in another version.
const ADD_DIFFERENT: Sql = Sql {
    postgres: "INSERT INTO owed_frames (user_id, token_id, sync, frame_id, seq) \
        SELECT $1, $2, $3, f.id, f.seq FROM frames f JOIN projects p ON p.id = f.project_id \
        LEFT JOIN unnest($4, $5, $6, $7, $8) AS i (id, project, start_at, end_at, tags) ON i.id = \
        f.id \
        WHERE f.user_id = $1 AND (i.id IS NULL OR (p.name, f.start_at, f.end_at, f.tags) \
           <> (i.project, i.start_at, i.end_at, i.tags::jsonb)) ON CONFLICT DO NOTHING",
    sqlite: "INSERT OR IGNORE INTO owed_frames (user_id, token_id, sync, frame_id, seq) \
        SELECT $1, $2, $3, f.id, f.seq FROM frames f JOIN projects p ON p.id = f.project_id \
        LEFT JOIN (SELECT unhex(value ->> 0) AS id, value ->> 1 AS project, value ->> 2 AS \
        start_at, \
                          value ->> 3 AS end_at, value ->> 4 AS tags FROM json_each($4)) i ON \
                          i.id = f.id \
        WHERE f.user_id = $1 AND (i.id IS NULL OR (p.name, f.start_at, f.end_at, f.tags) \
           <> (i.project, i.start_at, i.end_at, i.tags))",
};

/// Records the frames that are owed to the next sync, now that the push has been written according
/// to `plan`. `before` is the sync before this push, and `seq` the user's newest number then.
pub(super) async fn record(
    transaction: &DatabaseTransaction,
    note: &Note,
    frames: &[Frame],
    before: Option<&DeviceSync>,
    seq: i64,
    owes_written: bool,
) -> Result<(), StoreError> {
    let (sync, backend) = (&note.sync, transaction.get_database_backend());
    let (user, token): (Value, Value) = (note.user_id.into(), note.token_id.into());
    let values = [user.clone(), token.clone(), sync.number.into()];
    DELETE_OTHERS.execute(transaction, values).await?;
    let mut values = vec![user, token, (sync.number + 1).into()];
    if sync.is_merging {
        values.extend(bind_frames(backend, frames)?);
        ADD_DIFFERENT.execute(transaction, values).await?;
        return Ok(());
    }
    values.push(sync.writer.into());
    if owes_written {
        let mut values = values.clone();
        values.push(seq.into());
        ADD_WRITTEN.execute(transaction, values).await?;
    }
    let pushed = before.map_or_else(Ranges::default, DeviceSync::pushed_ranges);
    let ids = frames.iter().map(|frame| frame.id);
    values.extend([json(&pushed)?, list(backend, ids)?]);
    ADD_MISSING.execute(transaction, values).await?;
    Ok(())
}
