//! What a push shows to be missing on its device, which is rare.
//!
//! Why SQL by hand: each is one statement over any number of frames.

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Value};

use super::DevicePush;
use super::batch::Batch;
use crate::store::StoreError;
use crate::store::db::sql::Sql;
use crate::store::sync::exclusive::{DeviceSync, PushPlan, Ranges};

const FORGET: Sql =
    Sql::both("DELETE FROM owed_frames WHERE user_id = $1 AND token_id = $2 AND sync <> $3");

/// Frames that earlier attempts of the sync have pushed, that are still as they were pushed, and that this push lacks.
const NOTE_MISSING: Sql = Sql {
    postgres: "INSERT INTO owed_frames (user_id, token_id, sync, frame_id, seq) \
        SELECT $1, $2, $3, f.id, f.seq FROM frames f \
        JOIN json_array_elements($5::json) r ON f.seq > (r ->> 0)::bigint AND f.seq <= (r ->> 1)::bigint \
        WHERE f.user_id = $1 AND f.written_by = $4 \
           AND f.id NOT IN (SELECT i::uuid FROM json_array_elements_text($6::json) i) ON CONFLICT DO NOTHING",
    sqlite: "INSERT OR IGNORE INTO owed_frames (user_id, token_id, sync, frame_id, seq) \
        SELECT $1, $2, $3, f.id, f.seq FROM frames f \
        JOIN json_each($5) r ON f.seq > (r.value ->> 0) AND f.seq <= (r.value ->> 1) \
        WHERE f.user_id = $1 AND f.written_by = $4 \
           AND f.id NOT IN (SELECT unhex(i.value, '-') FROM json_each($6) i)",
};

/// Frames that this push has written.
const NOTE_WRITTEN: Sql = Sql::both(
    "INSERT INTO owed_frames (user_id, token_id, sync, frame_id, seq) \
     SELECT $1, $2, $3, f.id, f.seq FROM frames f WHERE f.user_id = $1 AND f.written_by = $4 AND f.seq > $5 \
     ON CONFLICT DO NOTHING",
);

/// Frames of the user that are not as in this push.
const NOTE_DIFFERENT: Sql = Sql {
    postgres: "INSERT INTO owed_frames (user_id, token_id, sync, frame_id, seq) \
        SELECT $1, $2, $3, f.id, f.seq FROM frames f JOIN projects p ON p.id = f.project_id \
        LEFT JOIN unnest($4, $5, $6, $7, $8) AS i (id, project, start_at, end_at, tags) ON i.id = f.id \
        WHERE f.user_id = $1 AND (i.id IS NULL OR (p.name, f.start_at, f.end_at, f.tags) \
           <> (i.project, i.start_at, i.end_at, i.tags::jsonb)) ON CONFLICT DO NOTHING",
    sqlite: "INSERT OR IGNORE INTO owed_frames (user_id, token_id, sync, frame_id, seq) \
        SELECT $1, $2, $3, f.id, f.seq FROM frames f JOIN projects p ON p.id = f.project_id \
        LEFT JOIN (SELECT unhex(value ->> 0) AS id, value ->> 1 AS project, value ->> 2 AS start_at, \
                          value ->> 3 AS end_at, value ->> 4 AS tags FROM json_each($4)) i ON i.id = f.id \
        WHERE f.user_id = $1 AND (i.id IS NULL OR (p.name, f.start_at, f.end_at, f.tags) \
           <> (i.project, i.start_at, i.end_at, i.tags))",
};

/// Notes the frames that are owed to the next sync, now that the push has been written according to `plan`. `before` is the
/// sync before this push, and `seq` the user's newest sequence number then.
pub(super) async fn note(
    transaction: &DatabaseTransaction,
    push: &DevicePush,
    before: Option<&DeviceSync>,
    seq: i64,
    plan: &PushPlan,
) -> Result<(), StoreError> {
    let sync = &plan.sync;
    let (user, token): (Value, Value) = (push.user.id.into(), push.token_id.into());
    FORGET
        .execute(
            transaction,
            [user.clone(), token.clone(), sync.number.into()],
        )
        .await?;
    let mut values = vec![user, token, (sync.number + 1).into()];
    if sync.is_merging {
        values.extend(Batch::new(transaction.get_database_backend(), &push.frames)?.frames);
        NOTE_DIFFERENT.execute(transaction, values).await?;
        return Ok(());
    }
    if plan.owes_written {
        let mut values = values.clone();
        values.extend([sync.writer.into(), seq.into()]);
        NOTE_WRITTEN.execute(transaction, values).await?;
    }
    let pushed = before.map_or_else(Ranges::default, DeviceSync::pushed_ranges);
    let ids: Vec<String> = push
        .frames
        .iter()
        .map(|frame| format!("\"{}\"", frame.id))
        .collect();
    values.extend([
        sync.writer.into(),
        pushed.to_json().into(),
        format!("[{}]", ids.join(",")).into(),
    ]);
    NOTE_MISSING.execute(transaction, values).await?;
    Ok(())
}
