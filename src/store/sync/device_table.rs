//! The rows of `device_syncs` and `past_syncs`.
//!
//! Why SQL by hand: one statement reads a token together with its sync state, and one writes a sync with the sync that it
//! ends, compare-and-swap included.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::exclusive::{DeviceSync, PastSync, Ranges, SeqRange};
use super::two_devices::LatestSyncs;
use crate::store::db::sql::Sql;

/// A sync to be written over the row that it was derived from, with the past syncs that go with it.
#[derive(Clone, Debug)]
pub(in crate::store) struct Note {
    pub(super) user_id: Uuid,
    pub(super) token_id: Uuid,
    pub(super) sync: DeviceSync,
    pub(super) past: Vec<PastSync>,
    /// When it is written, by the database's clock.
    pub(super) now: i64,
}

/// The columns that a note writes.
macro_rules! columns {
    () => {
        "user_id, token_id, revision, writer, number, pulls, last_sync, told, wrote, is_whole, is_repeated, has_owed, \
         has_missing, end_seq, first_end, open_pulls, open_pushes, wrote_end, pushed_from, pushed_to, inherited, pushed_at, \
         hold_until, forgotten_before, resend, merged_at, is_merging, usage"
    };
}

/// Replaces the row if it still has the revision that the note was derived from.
macro_rules! replace {
    () => {
        "ON CONFLICT (user_id, token_id) DO UPDATE SET revision = excluded.revision, writer = excluded.writer, \
            number = excluded.number, pulls = excluded.pulls, last_sync = excluded.last_sync, told = excluded.told, \
            wrote = excluded.wrote, is_whole = excluded.is_whole, is_repeated = excluded.is_repeated, \
            has_owed = excluded.has_owed, has_missing = excluded.has_missing, end_seq = excluded.end_seq, \
            first_end = excluded.first_end, open_pulls = excluded.open_pulls, open_pushes = excluded.open_pushes, \
            wrote_end = excluded.wrote_end, pushed_from = excluded.pushed_from, pushed_to = excluded.pushed_to, \
            inherited = excluded.inherited, pushed_at = excluded.pushed_at, hold_until = excluded.hold_until, \
            forgotten_before = excluded.forgotten_before, resend = excluded.resend, merged_at = excluded.merged_at, \
            is_merging = excluded.is_merging, usage = excluded.usage \
         WHERE device_syncs.revision = excluded.revision - 1"
    };
}

/// Of two past syncs with one `last_sync` the later one counts.
macro_rules! replace_past {
    () => {
        "ON CONFLICT (user_id, token_id, last_sync) DO UPDATE SET number = excluded.number, told = excluded.told, \
            wrote = excluded.wrote, pushed = excluded.pushed, noted_at = excluded.noted_at \
         WHERE past_syncs.number <= excluded.number"
    };
}

/// Whether the row that the note `r` was derived from is there, or may be created: a token may have been removed or replaced
/// by a shared one since. A row that is there is compared by its revision.
macro_rules! may_write {
    ($revision:literal, $user:literal, $token:literal) => {
        concat!(
            "WHERE EXISTS (SELECT 1 FROM device_syncs d WHERE d.user_id = ",
            $user,
            " AND d.token_id = ",
            $token,
            ") OR (",
            $revision,
            " = 1 AND EXISTS (SELECT 1 FROM api_tokens t WHERE t.user_id = ",
            $user,
            " AND t.id = ",
            $token,
            " AND NOT t.is_shared)) "
        )
    };
}

/// The parts of a statement on PostgreSQL: `sync` has a row if the note with the parameters `$sync` (JSON) could be written;
/// `$if` is a further condition and its tables.
macro_rules! note_postgres {
    ($sync:literal, $past:literal, $if:literal) => {
        concat!(
            "sync AS (INSERT INTO device_syncs (",
            crate::store::sync::device_table::columns!(),
            ") SELECT r.user_id, r.token_id, r.revision, r.writer, r.number, r.pulls, r.last_sync, r.told, r.wrote, \
                r.is_whole, r.is_repeated, r.has_owed, r.has_missing, r.end_seq, r.first_end, r.open_pulls, r.open_pushes, \
                r.wrote_end, r.pushed_from, r.pushed_to, r.inherited, r.pushed_at, r.hold_until, r.forgotten_before, \
                r.resend, r.merged_at, r.is_merging, r.usage \
              FROM json_populate_recordset(NULL::device_syncs, ",
            $sync,
            ") r ",
            $if,
            " ",
            crate::store::sync::device_table::may_write!("r.revision", "r.user_id", "r.token_id"),
            crate::store::sync::device_table::replace!(),
            " RETURNING token_id), \
             past AS (INSERT INTO past_syncs (user_id, token_id, last_sync, number, told, wrote, pushed, noted_at) \
              SELECT r.user_id, r.token_id, r.last_sync, r.number, r.told, r.wrote, r.pushed, r.noted_at \
              FROM json_populate_recordset(NULL::past_syncs, ",
            $past,
            ") r JOIN sync s ON s.token_id = r.token_id ",
            crate::store::sync::device_table::replace_past!(),
            ")"
        )
    };
}
pub(super) use {columns, may_write, note_postgres, replace, replace_past};

const NOTE: &str = concat!(
    "WITH ",
    note_postgres!("$1::json", "$2::json", ""),
    " SELECT token_id FROM sync"
);

const SQLITE_NOTE_SYNC: &str = concat!(
    "INSERT INTO device_syncs (",
    columns!(),
    ") SELECT unhex(value ->> 'user_id', '-'), unhex(value ->> 'token_id', '-'), value ->> 'revision', \
        unhex(value ->> 'writer', '-'), value ->> 'number', value ->> 'pulls', value ->> 'last_sync', value ->> 'told', \
        value ->> 'wrote', value ->> 'is_whole', value ->> 'is_repeated', value ->> 'has_owed', value ->> 'has_missing', \
        value ->> 'end_seq', value ->> 'first_end', value ->> 'open_pulls', value ->> 'open_pushes', \
        value ->> 'wrote_end', value ->> 'pushed_from', value ->> 'pushed_to', value ->> 'inherited', \
        value ->> 'pushed_at', value ->> 'hold_until', value ->> 'forgotten_before', value ->> 'resend', \
        value ->> 'merged_at', value ->> 'is_merging', value ->> 'usage' \
      FROM json_each($1) ",
    may_write!(
        "value ->> 'revision'",
        "unhex(value ->> 'user_id', '-')",
        "unhex(value ->> 'token_id', '-')"
    ),
    replace!(),
    " RETURNING token_id"
);

const SQLITE_NOTE_PAST: &str = concat!(
    "INSERT INTO past_syncs (user_id, token_id, last_sync, number, told, wrote, pushed, noted_at) \
     SELECT unhex(value ->> 'user_id', '-'), unhex(value ->> 'token_id', '-'), value ->> 'last_sync', value ->> 'number', \
        value ->> 'told', value ->> 'wrote', value ->> 'pushed', value ->> 'noted_at' \
     FROM json_each($1) WHERE true ",
    replace_past!()
);

/// Past syncs whose token's row is there, whether or not they are older than it.
const ADD_PAST: Sql = Sql {
    postgres: "INSERT INTO past_syncs (user_id, token_id, last_sync, number, told, wrote, pushed, noted_at) \
     SELECT r.user_id, r.token_id, r.last_sync, r.number, r.told, r.wrote, r.pushed, r.noted_at \
     FROM json_populate_recordset(NULL::past_syncs, $1::json) r \
     JOIN device_syncs d ON d.user_id = r.user_id AND d.token_id = r.token_id ON CONFLICT DO NOTHING",
    sqlite: "INSERT OR IGNORE INTO past_syncs (user_id, token_id, last_sync, number, told, wrote, pushed, noted_at) \
     SELECT unhex(value ->> 'user_id', '-'), unhex(value ->> 'token_id', '-'), value ->> 'last_sync', value ->> 'number', \
        value ->> 'told', value ->> 'wrote', value ->> 'pushed', value ->> 'noted_at' \
     FROM json_each($1) WHERE EXISTS (SELECT 1 FROM device_syncs d WHERE d.user_id = unhex(value ->> 'user_id', '-') \
        AND d.token_id = unhex(value ->> 'token_id', '-'))",
};

const FIND: Sql = Sql {
    postgres: "SELECT * FROM device_syncs WHERE user_id = $1 AND token_id = $2 FOR UPDATE",
    sqlite: "SELECT * FROM device_syncs WHERE user_id = $1 AND token_id = $2",
};
/// So many past syncs of a token are remembered, however old they are.
const MIN_REMEMBERED: i64 = 1_000;
const FORGET_OLD: Sql = Sql::both(
    "DELETE FROM past_syncs WHERE user_id = $1 AND token_id = $2 AND noted_at < $3 AND number <= \
     (SELECT d.number - $4 FROM device_syncs d WHERE d.user_id = $1 AND d.token_id = $2)",
);
/// The lowest value that is left: the highest one that is forgotten could be of a time when the device's clock was wrong.
const NOTE_FORGOTTEN: Sql = Sql::both(
    "UPDATE device_syncs SET revision = revision + 1, forgotten_before = \
     (SELECT coalesce(min(p.last_sync), 0) FROM past_syncs p \
      WHERE p.user_id = $1 AND p.token_id = $2 AND p.last_sync > 0) \
     WHERE user_id = $1 AND token_id = $2",
);

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
        // A sync that never pulled is no state of a device. Of two with one `last_sync` the later one counts, and a
        // statement may write each row once.
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

fn json<T: Serialize>(rows: Vec<T>) -> Result<Value, DbErr> {
    let text = serde_json::to_string(&rows).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(text.into())
}

/// The parameters of notes: the syncs, then the past ones.
pub(super) fn parameters<'a>(
    notes: impl IntoIterator<Item = &'a Note, IntoIter: Clone>,
) -> Result<[Value; 2], DbErr> {
    let notes = notes.into_iter();
    Ok([
        json(notes.clone().map(Note::sync_row).collect())?,
        json(notes.flat_map(Note::past_rows).collect())?,
    ])
}

/// Writes a note. Returns `false`, having written nothing, if the row is not the one that it was derived from.
pub(super) async fn write(db: &impl ConnectionTrait, note: &Note) -> Result<bool, DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        let written = Sql::both(NOTE).one(db, parameters([note])?).await?;
        return Ok(written.is_some());
    }
    Ok(!write_together(db, &[note]).await?.is_empty())
}

/// Writes notes of different tokens on SQLite, and returns the tokens whose row is the one that the note was derived from.
pub(super) async fn write_together(
    db: &impl ConnectionTrait,
    notes: &[&Note],
) -> Result<HashSet<Uuid>, DbErr> {
    let [syncs, _] = parameters(notes.iter().copied())?;
    let rows = Sql::both(SQLITE_NOTE_SYNC).all(db, [syncs]).await?;
    let tokens = rows.iter().map(|row| row.try_get("", "token_id"));
    let tokens: HashSet<Uuid> = tokens.collect::<Result<_, _>>()?;
    let written = notes.iter().copied();
    let written = written.filter(|note| tokens.contains(&note.token_id) && !note.past.is_empty());
    let written: Vec<&Note> = written.collect();
    if !written.is_empty() {
        let [_, past] = parameters(written)?;
        Sql::both(SQLITE_NOTE_PAST).execute(db, [past]).await?;
    }
    Ok(tokens)
}

/// Writes notes of many tokens that were left for later, and returns the tokens whose sync could be written. A sync that
/// was derived from a row that has changed since is dropped; its past syncs are kept if they are not known yet.
pub(super) async fn write_late(
    transaction: &DatabaseTransaction,
    notes: &[Note],
) -> Result<HashSet<Uuid>, DbErr> {
    let [syncs, past] = parameters(notes)?;
    let rows = if transaction.get_database_backend() == DbBackend::Postgres {
        Sql::both(NOTE)
            .all(transaction, [syncs, "[]".into()])
            .await?
    } else {
        Sql::both(SQLITE_NOTE_SYNC)
            .all(transaction, [syncs])
            .await?
    };
    ADD_PAST.execute(transaction, [past]).await?;
    rows.iter().map(|row| row.try_get("", "token_id")).collect()
}

/// The sync under way of a token. On PostgreSQL its row stays locked until the transaction ends.
pub(super) async fn locked(
    transaction: &DatabaseTransaction,
    user_id: Uuid,
    token_id: Uuid,
) -> Result<Option<DeviceSync>, DbErr> {
    let row = FIND.one(transaction, [user_id.into(), token_id.into()]);
    let row = row.await?;
    Ok(row.as_ref().map(read_sync).transpose()?.flatten())
}

/// Forgets the past syncs of a token that were noted before this time, except for the latest [`MIN_REMEMBERED`].
pub(super) async fn forget_old(
    transaction: &DatabaseTransaction,
    user_id: Uuid,
    token_id: Uuid,
    before: i64,
) -> Result<(), DbErr> {
    let values = [
        user_id.into(),
        token_id.into(),
        before.into(),
        MIN_REMEMBERED.into(),
    ];
    if FORGET_OLD.execute(transaction, values).await? > 0 {
        let values = [user_id.into(), token_id.into()];
        NOTE_FORGOTTEN.execute(transaction, values).await?;
    }
    Ok(())
}

/// Reads the columns of `device_syncs`; `None` if an outer join found no row.
pub(super) fn read_sync(row: &QueryResult) -> Result<Option<DeviceSync>, DbErr> {
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

/// Reads the columns of a past sync, which begin with `past_`; `None` if an outer join found no row.
pub(super) fn read_past(row: &QueryResult) -> Result<Option<PastSync>, DbErr> {
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

/// What a column holds as JSON; nothing if it is null.
fn read_json<T: Default + DeserializeOwned>(text: Option<String>) -> Result<T, DbErr> {
    let read = text.map(|text| serde_json::from_str(&text)).transpose();
    Ok(read
        .map_err(|error| DbErr::Json(error.to_string()))?
        .unwrap_or_default())
}
