//! Reads and writes `device_syncs` and `past_syncs`, the tables of exclusive tokens.
//!
//! SQL by hand: one statement writes a sync together with the sync that it ends, if the row is
//! still the one that both were derived from. SeaQuery can neither insert from JSON nor combine
//! writes.

mod rows;

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};
use uuid::Uuid;

use super::exclusive::DeviceSync;
use crate::store::db::sql::Sql;

pub(in crate::store) use rows::Note;
pub(super) use rows::{parameters, read_past, read_sync};

/// Expands `$each` for the columns of `device_syncs` that are not UUIDs.
macro_rules! sync_columns {
    ($each:ident $($texts:literal)*) => {
        crate::store::sync::device_table::$each!(
            $($texts)* revision number pulls last_sync told wrote is_whole is_repeated has_owed
            has_missing end_seq first_end open_pulls open_pushes wrote_end pushed_from pushed_to
            inherited pushed_at hold_until forgotten_before resend merged_at is_merging usage
        )
    };
}

/// Lists columns, with a text before and one after each.
macro_rules! list {
    ($before:literal $after:literal $first:ident $($column:ident)*) => {
        concat!(
            $before, stringify!($first), $after
            $(, ", ", $before, stringify!($column), $after)*
        )
    };
}

/// Sets columns to those of the row that could not be inserted.
macro_rules! set {
    ($first:ident $($column:ident)*) => {
        concat!(
            stringify!($first), " = excluded.", stringify!($first)
            $(, ", ", stringify!($column), " = excluded.", stringify!($column))*
        )
    };
}

/// Replaces the row if it still has the revision that the note was derived from.
macro_rules! replace {
    () => {
        concat!(
            "ON CONFLICT (user_id, token_id) DO UPDATE SET writer = excluded.writer, ",
            crate::store::sync::device_table::sync_columns!(set),
            " WHERE device_syncs.revision = excluded.revision - 1"
        )
    };
}

/// Of two past syncs with one `last_sync` the later one counts.
macro_rules! replace_past {
    () => {
        "ON CONFLICT (user_id, token_id, last_sync) DO UPDATE SET number = excluded.number, \
            told = excluded.told, wrote = excluded.wrote, pushed = excluded.pushed, \
            noted_at = excluded.noted_at \
         WHERE past_syncs.number <= excluded.number"
    };
}

/// Whether the row that the note `r` was derived from exists, or may be created: the token may have
/// been deleted or replaced by a shared one since. An existing row is compared by its revision.
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

/// Parts of a statement on PostgreSQL that write the notes with the JSON parameters `$sync` and
/// `$past`. The part `sync` has a row for each note that could be written; `$if` is a further
/// condition and its tables.
macro_rules! note_postgres {
    ($sync:literal, $past:literal, $if:literal) => {
        concat!(
            "sync AS (INSERT INTO device_syncs (user_id, token_id, writer, ",
            crate::store::sync::device_table::sync_columns!(list "" ""),
            ") SELECT r.user_id, r.token_id, r.writer, ",
            crate::store::sync::device_table::sync_columns!(list "r." ""),
            " FROM json_populate_recordset(NULL::device_syncs, ",
            $sync,
            ") r ",
            $if,
            " ",
            crate::store::sync::device_table::may_write!("r.revision", "r.user_id", "r.token_id"),
            crate::store::sync::device_table::replace!(),
            " RETURNING token_id), \
             past AS (INSERT INTO past_syncs \
                (user_id, token_id, last_sync, number, told, wrote, pushed, noted_at) \
              SELECT r.user_id, r.token_id, r.last_sync, r.number, r.told, r.wrote, r.pushed, \
                r.noted_at \
              FROM json_populate_recordset(NULL::past_syncs, ",
            $past,
            ") r JOIN sync s ON s.token_id = r.token_id ",
            crate::store::sync::device_table::replace_past!(),
            ")"
        )
    };
}
pub(super) use {list, may_write, note_postgres, replace, replace_past, set, sync_columns};

const WRITE: Sql = Sql::both(concat!(
    "WITH ",
    note_postgres!("$1::json", "$2::json", ""),
    " SELECT token_id FROM sync"
));

const SQLITE_WRITE_SYNCS: Sql = Sql::both(concat!(
    "INSERT INTO device_syncs (user_id, token_id, writer, ",
    sync_columns!(list "" ""),
    ") SELECT unhex(value ->> 'user_id', '-'), unhex(value ->> 'token_id', '-'), \
        unhex(value ->> 'writer', '-'), ",
    sync_columns!(list "value ->> '" "'"),
    " FROM json_each($1) ",
    may_write!(
        "value ->> 'revision'",
        "unhex(value ->> 'user_id', '-')",
        "unhex(value ->> 'token_id', '-')"
    ),
    replace!(),
    " RETURNING token_id"
));

macro_rules! sqlite_past {
    () => {
        "INTO past_syncs (user_id, token_id, last_sync, number, told, wrote, pushed, noted_at) \
         SELECT unhex(value ->> 'user_id', '-'), unhex(value ->> 'token_id', '-'), \
            value ->> 'last_sync', value ->> 'number', value ->> 'told', value ->> 'wrote', \
            value ->> 'pushed', value ->> 'noted_at' \
         FROM json_each($1) WHERE "
    };
}

const SQLITE_WRITE_PAST: Sql =
    Sql::both(concat!("INSERT ", sqlite_past!(), "true ", replace_past!()));

/// Adds past syncs whose token has a row, older or newer than they are.
const ADD_PAST: Sql = Sql {
    postgres: "INSERT INTO past_syncs \
        (user_id, token_id, last_sync, number, told, wrote, pushed, noted_at) \
     SELECT r.user_id, r.token_id, r.last_sync, r.number, r.told, r.wrote, r.pushed, r.noted_at \
     FROM json_populate_recordset(NULL::past_syncs, $1::json) r \
     JOIN device_syncs d ON d.user_id = r.user_id AND d.token_id = r.token_id \
     ON CONFLICT DO NOTHING",
    sqlite: concat!(
        "INSERT OR IGNORE ",
        sqlite_past!(),
        "EXISTS (SELECT 1 FROM device_syncs d \
            WHERE d.user_id = unhex(value ->> 'user_id', '-') \
               AND d.token_id = unhex(value ->> 'token_id', '-'))"
    ),
};

const LOCK_SYNC: Sql = Sql {
    postgres: "SELECT * FROM device_syncs WHERE user_id = $1 AND token_id = $2 FOR UPDATE",
    sqlite: "SELECT * FROM device_syncs WHERE user_id = $1 AND token_id = $2",
};

/// How many past syncs of a token are remembered, however old they are.
const MIN_REMEMBERED: i64 = 1_000;
const DELETE_OLD: Sql = Sql::both(
    "DELETE FROM past_syncs WHERE user_id = $1 AND token_id = $2 AND noted_at < $3 AND number <= \
     (SELECT d.number - $4 FROM device_syncs d WHERE d.user_id = $1 AND d.token_id = $2)",
);
/// The lowest value that is left. The highest one that was deleted would be wrong if the device's
/// clock was ahead at that time.
const NOTE_FORGOTTEN: Sql = Sql::both(
    "UPDATE device_syncs SET revision = revision + 1, forgotten_before = \
     (SELECT coalesce(min(p.last_sync), 0) FROM past_syncs p \
      WHERE p.user_id = $1 AND p.token_id = $2 AND p.last_sync > 0) \
     WHERE user_id = $1 AND token_id = $2",
);

/// Writes a note. Returns `false`, having written nothing, if the row is not the one that it was
/// derived from.
pub(super) async fn write(db: &impl ConnectionTrait, note: &Note) -> Result<bool, DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        return Ok(WRITE.one(db, parameters([note])?).await?.is_some());
    }
    Ok(!write_together(db, &[note]).await?.is_empty())
}

/// Writes notes of different tokens on SQLite. Returns the tokens whose note could be written.
pub(super) async fn write_together(
    db: &impl ConnectionTrait,
    notes: &[&Note],
) -> Result<HashSet<Uuid>, DbErr> {
    let [syncs, _] = parameters(notes.iter().copied())?;
    let rows = SQLITE_WRITE_SYNCS.all(db, [syncs]).await?;
    let tokens = rows.iter().map(|row| row.try_get("", "token_id"));
    let tokens: HashSet<Uuid> = tokens.collect::<Result<_, _>>()?;
    let notes = notes.iter().copied();
    let with_past = notes.filter(|note| tokens.contains(&note.token_id) && !note.past.is_empty());
    let with_past: Vec<&Note> = with_past.collect();
    if !with_past.is_empty() {
        let [_, past] = parameters(with_past)?;
        SQLITE_WRITE_PAST.execute(db, [past]).await?;
    }
    Ok(tokens)
}

/// Writes late notes of many tokens. Returns the tokens whose sync could be written. A sync whose
/// row has changed since is dropped; its past syncs are added unless they are known.
pub(super) async fn write_late(
    transaction: &DatabaseTransaction,
    notes: &[Note],
) -> Result<HashSet<Uuid>, DbErr> {
    let [syncs, past] = parameters(notes)?;
    let rows = if transaction.get_database_backend() == DbBackend::Postgres {
        WRITE.all(transaction, [syncs, "[]".into()]).await?
    } else {
        SQLITE_WRITE_SYNCS.all(transaction, [syncs]).await?
    };
    ADD_PAST.execute(transaction, [past]).await?;
    rows.iter().map(|row| row.try_get("", "token_id")).collect()
}

/// The sync under way of a token. On PostgreSQL its row stays locked until the transaction ends.
pub(super) async fn lock_sync(
    transaction: &DatabaseTransaction,
    user_id: Uuid,
    token_id: Uuid,
) -> Result<Option<DeviceSync>, DbErr> {
    let values = [user_id.into(), token_id.into()];
    let row = LOCK_SYNC.one(transaction, values).await?;
    Ok(row.as_ref().map(read_sync).transpose()?.flatten())
}

/// Deletes the past syncs of a token that were noted before this time, except for the latest
/// [`MIN_REMEMBERED`].
pub(super) async fn delete_old(
    transaction: &DatabaseTransaction,
    user_id: Uuid,
    token_id: Uuid,
    before: i64,
) -> Result<(), DbErr> {
    let [user, token] = [user_id.into(), token_id.into()];
    let values = [user, token, before.into(), MIN_REMEMBERED.into()];
    if DELETE_OLD.execute(transaction, values).await? > 0 {
        let values = [user_id.into(), token_id.into()];
        NOTE_FORGOTTEN.execute(transaction, values).await?;
    }
    Ok(())
}
