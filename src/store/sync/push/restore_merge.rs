//! Merges what a device pushes with a database that was restored from a backup.
//!
//! The push contains every frame of the device. A frame in the backup's version changes nothing. A
//! frame in another version is either an edit of the backup's version, which counts, or older,
//! which does not. It is an edit if the device has had the backup's version. How far it had
//! received the frames of others when the database was restored:
//!
//! - at least as far as the backup remembers ([`DeviceSync::others_seq`]);
//! - completely, if it has a later frame of another device in the backup's version: then it has
//!   synced since the backup was made;
//! - for a token that the backup does not know: completely, if the device lacks no frame of the
//!   backup, else up to the latest frame that it has in the backup's version.
//!
//! If it remains uncertain, the backup's version stays. Another device that has received the edit
//! brings it back, but nothing brings back an edit that an older version has replaced.
//!
//! SQL by hand: one statement covers any number of frames.
//!
//! [`DeviceSync::others_seq`]: crate::store::sync::exclusive::DeviceSync::others_seq

use std::collections::HashSet;

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbErr};
use uuid::Uuid;

use super::frame_batch::bind_frames;
use crate::model::Frame;
use crate::store::StoreError;
use crate::store::db::sql::Sql;
use crate::store::sync::device_table::Note;

/// The frames of the list that are not written. The parameters after the list are: up to where the
/// device has received others' frames as the backup remembers it, the device's writer id, and
/// whether the backup knows the token.
macro_rules! find_stale {
    ($pushed:literal, $told:literal, $writer:literal, $is_known:literal, $differs:literal) => {
        concat!(
            "WITH pushed AS (",
            $pushed,
            "), later AS (SELECT is_same, seq FROM pushed WHERE seq > ",
            $told,
            " AND written_by ",
            $differs,
            " ",
            $writer,
            "), had AS (SELECT CASE \
                WHEN ",
            $is_known,
            " AND EXISTS (SELECT 1 FROM later WHERE is_same) THEN 9223372036854775807 \
                WHEN ",
            $is_known,
            " THEN ",
            $told,
            " WHEN (SELECT count(*) FROM pushed) = (SELECT count(*) FROM restored_frames WHERE \
                user_id = $1) \
                THEN 9223372036854775807 \
                ELSE coalesce((SELECT max(seq) FROM pushed WHERE is_same), 0) END AS seq) \
             SELECT p.id FROM pushed p CROSS JOIN had \
             WHERE p.is_same OR (p.seq > had.seq AND p.written_by ",
            $differs,
            " ",
            $writer,
            ")"
        )
    };
}

const FIND_STALE: Sql = Sql {
    postgres: find_stale!(
        "SELECT b.id, b.seq, b.written_by, \
            (b.project, b.start_at, b.end_at, b.tags) = (i.project, i.start_at, i.end_at, \
            i.tags::jsonb) AS is_same \
         FROM unnest($2, $3, $4, $5, $6) AS i (id, project, start_at, end_at, tags) \
         JOIN restored_frames b ON b.user_id = $1 AND b.id = i.id",
        "$7::bigint",
        "$8",
        "$9",
        "IS DISTINCT FROM"
    ),
    sqlite: find_stale!(
        "SELECT b.id, b.seq, b.written_by, \
            (b.project, b.start_at, b.end_at, b.tags) = (i.project, i.start_at, i.end_at, i.tags) \
            AS is_same \
         FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS project, value ->> 2 AS start_at, \
                      value ->> 3 AS end_at, value ->> 4 AS tags FROM json_each($2)) i \
         JOIN restored_frames b ON b.user_id = $1 AND b.id = i.id",
        "$3",
        "$4",
        "$5",
        "IS NOT"
    ),
};

/// The frames of a push that are written.
pub(super) async fn without_stale(
    transaction: &DatabaseTransaction,
    note: &Note,
    frames: &[Frame],
) -> Result<Vec<Frame>, StoreError> {
    let sync = &note.sync;
    let mut values = vec![note.user_id.into()];
    values.extend(bind_frames(transaction.get_database_backend(), frames)?);
    // The sync that merges the device is the first one of a token that the backup does not know.
    let is_known = sync.number > 1;
    values.extend([sync.others_seq.into(), sync.writer.into(), is_known.into()]);
    let rows = FIND_STALE.all(transaction, values).await?;
    let stale = rows.iter().map(|row| row.try_get("", "id"));
    let stale = stale.collect::<Result<HashSet<Uuid>, DbErr>>()?;
    let frames = frames.iter().filter(|frame| !stale.contains(&frame.id));
    Ok(frames.cloned().collect())
}
