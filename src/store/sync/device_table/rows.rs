//! The rows of `device_syncs` and `past_syncs`: as JSON parameters, and as results.

use sea_orm::{DbErr, QueryResult, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::store::db::bind::json;
use crate::store::sync::exclusive::{DeviceSync, PastSync, Ranges, SeqRange};
use crate::store::sync::two_devices::LatestSyncs;

/// A sync under way and the past syncs that end with it, to be written over the row that they were
/// derived from.
#[derive(Clone, Debug)]
pub(in crate::store) struct Note {
    pub(in crate::store::sync) user_id: Uuid,
    pub(in crate::store::sync) token_id: Uuid,
    pub(in crate::store::sync) sync: DeviceSync,
    pub(in crate::store::sync) past: Vec<PastSync>,
    /// When it is written, by the database's clock.
    pub(in crate::store::sync) now: i64,
}

/// A row of `device_syncs` as JSON.
#[derive(Serialize)]
struct SyncRow<'a> {
    user_id: Uuid,
    token_id: Uuid,
    revision: i64,
    writer: Uuid,
    number: i64,
    pulls: i64,
    last_sync: i64,
    told: i64,
    wrote: i64,
    is_whole: bool,
    is_repeated: bool,
    has_owed: bool,
    has_missing: bool,
    end_seq: i64,
    first_end: i64,
    open_pulls: i64,
    open_pushes: i64,
    wrote_end: i64,
    pushed_from: Option<i64>,
    pushed_to: Option<i64>,
    inherited: Option<&'a [SeqRange]>,
    pushed_at: i64,
    hold_until: i64,
    forgotten_before: i64,
    resend: bool,
    merged_at: i64,
    is_merging: bool,
    usage: &'a LatestSyncs,
}

/// A row of `past_syncs` as JSON.
#[derive(Serialize)]
struct PastRow<'a> {
    user_id: Uuid,
    token_id: Uuid,
    last_sync: i64,
    number: i64,
    told: i64,
    wrote: i64,
    pushed: &'a Ranges,
    noted_at: i64,
}

impl Note {
    fn sync_row(&self) -> SyncRow<'_> {
        let sync = &self.sync;
        SyncRow {
            user_id: self.user_id,
            token_id: self.token_id,
            revision: sync.revision + 1,
            writer: sync.writer,
            number: sync.number,
            pulls: sync.pull_id,
            last_sync: sync.last_sync,
            told: sync.others_seq,
            wrote: sync.own_seq,
            is_whole: sync.sends_own,
            is_repeated: sync.is_repeated,
            has_owed: sync.has_owed,
            has_missing: sync.has_missing,
            end_seq: sync.end_seq,
            first_end: sync.first_end_seq,
            open_pulls: sync.open_pulls.into(),
            open_pushes: sync.open_pushes.into(),
            wrote_end: sync.own_end_seq,
            pushed_from: sync.pushed.map(|(from, _)| from),
            pushed_to: sync.pushed.map(|(_, to)| to),
            inherited: (!sync.inherited.is_empty()).then_some(&sync.inherited),
            pushed_at: sync.pushed_at,
            hold_until: sync.hold_until,
            forgotten_before: sync.forgotten_before,
            resend: sync.resend,
            merged_at: sync.merged_at,
            is_merging: sync.is_merging,
            usage: &sync.latest_syncs,
        }
    }

    fn past_rows(&self) -> impl Iterator<Item = PastRow<'_>> {
        // A sync that never pulled is no state of a device. Of two with one `last_sync` the later
        // one counts, and a statement may write each row only once.
        let is_last = |(at, past): &(usize, &PastSync)| {
            past.last_sync >= 0
                && !self.past[at + 1..]
                    .iter()
                    .any(|p| p.last_sync == past.last_sync)
        };
        let past = self.past.iter().enumerate().filter(is_last);
        past.map(|(_, past)| PastRow {
            user_id: self.user_id,
            token_id: self.token_id,
            last_sync: past.last_sync,
            number: past.number,
            told: past.others_seq,
            wrote: past.own_seq,
            pushed: &past.pushed,
            noted_at: self.now,
        })
    }
}

/// The parameters of notes: the syncs, then the past ones.
pub(in crate::store::sync) fn parameters<'a>(
    notes: impl IntoIterator<Item = &'a Note, IntoIter: Clone>,
) -> Result<[Value; 2], DbErr> {
    let notes = notes.into_iter();
    Ok([
        json(&notes.clone().map(Note::sync_row).collect::<Vec<_>>())?,
        json(&notes.flat_map(Note::past_rows).collect::<Vec<_>>())?,
    ])
}

/// Reads the columns of `device_syncs`; `None` if an outer join found no row.
pub(in crate::store::sync) fn read_sync(row: &QueryResult) -> Result<Option<DeviceSync>, DbErr> {
    let Some(revision) = row.try_get("", "revision")? else {
        return Ok(None);
    };
    let count = |name| -> Result<i64, DbErr> { row.try_get("", name) };
    let flag = |name| -> Result<bool, DbErr> { row.try_get("", name) };
    let (from, to): (Option<i64>, Option<i64>) = (
        row.try_get("", "pushed_from")?,
        row.try_get("", "pushed_to")?,
    );
    let small =
        |name| -> Result<i32, DbErr> { Ok(i32::try_from(count(name)?).unwrap_or(i32::MAX)) };
    Ok(Some(DeviceSync {
        revision,
        writer: row.try_get("", "writer")?,
        number: count("number")?,
        pull_id: count("pulls")?,
        last_sync: count("last_sync")?,
        others_seq: count("told")?,
        own_seq: count("wrote")?,
        sends_own: flag("is_whole")?,
        is_repeated: flag("is_repeated")?,
        has_owed: flag("has_owed")?,
        has_missing: flag("has_missing")?,
        end_seq: count("end_seq")?,
        first_end_seq: count("first_end")?,
        open_pulls: small("open_pulls")?,
        open_pushes: small("open_pushes")?,
        own_end_seq: count("wrote_end")?,
        pushed: from.zip(to),
        inherited: read_json::<Ranges>(row.try_get("", "inherited")?)?.0,
        pushed_at: count("pushed_at")?,
        hold_until: count("hold_until")?,
        forgotten_before: count("forgotten_before")?,
        resend: flag("resend")?,
        merged_at: count("merged_at")?,
        is_merging: flag("is_merging")?,
        latest_syncs: read_json(row.try_get("", "usage")?)?,
    }))
}

/// Reads the columns of a past sync, which begin with `past_`; `None` if an outer join found no
/// row.
pub(in crate::store::sync) fn read_past(row: &QueryResult) -> Result<Option<PastSync>, DbErr> {
    let Some(number) = row.try_get("", "past_number")? else {
        return Ok(None);
    };
    Ok(Some(PastSync {
        number,
        last_sync: row.try_get("", "past_last_sync")?,
        others_seq: row.try_get("", "past_told")?,
        own_seq: row.try_get("", "past_wrote")?,
        pushed: read_json(row.try_get("", "past_pushed")?)?,
    }))
}

fn read_json<T: Default + DeserializeOwned>(text: Option<String>) -> Result<T, DbErr> {
    let value = text.map(|text| serde_json::from_str(&text)).transpose();
    let value = value.map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(value.unwrap_or_default())
}
