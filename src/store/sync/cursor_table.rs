//! The cursors of a token in the database. What they mean, and every decision about them, is in `cursor.rs`.
//!
//! A request reads them with the token itself, decides, and writes the one cursor that changes if it still is what was
//! read: a sync of a device that has a token of its own takes no lock. Whenever that does not do, because several
//! cursors change or somebody else was quicker, the request decides once more under the token's lock.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, Iterable,
    QueryFilter, QuerySelect, Value,
};
use uuid::Uuid;

use super::shared::Cursor;
use crate::store::db::sql::Sql;
use crate::store::entity::sync_cursor;

/// Writes a cursor that still is what was read.
const REPLACE: Sql = Sql {
    postgres: "UPDATE sync_cursors SET writer = $2, last_sync = $3, from_seq = $4, upto_seq = $5, pulls = $6, \
                  pulled_at = $7, pushed_at = $8, clock_offset = $9 \
               WHERE id = $1 AND writer = $10 AND last_sync = $11 AND from_seq = $12 AND upto_seq = $13 AND pulls = $14 \
                  AND pulled_at = $15 AND pushed_at IS NOT DISTINCT FROM $16 AND clock_offset IS NOT DISTINCT FROM $17",
    sqlite: "UPDATE sync_cursors SET writer = $2, last_sync = $3, from_seq = $4, upto_seq = $5, pulls = $6, \
                pulled_at = $7, pushed_at = $8, clock_offset = $9 \
             WHERE id = $1 AND writer = $10 AND last_sync = $11 AND from_seq = $12 AND upto_seq = $13 AND pulls = $14 \
                AND pulled_at = $15 AND pushed_at IS $16 AND clock_offset IS $17",
};

/// Serializes the requests of one token; on SQLite the transaction itself does.
const LOCK_TOKEN: &str = "SELECT id FROM api_tokens WHERE id = $1 FOR UPDATE";

/// Writes the one cursor in which `changed` differs from `read`, if it still is what was read. Whether it could.
pub(super) async fn replace(
    db: &impl ConnectionTrait,
    read: &[Cursor],
    changed: &[Cursor],
) -> Result<bool, DbErr> {
    let [new] = changed else {
        return Ok(changed.is_empty());
    };
    let Some(old) = read.iter().find(|cursor| cursor.id == new.id) else {
        return Ok(false);
    };
    let values = [Value::from(new.id)]
        .into_iter()
        .chain(columns(new))
        .chain(columns(old));
    Ok(REPLACE.execute(db, values).await? == 1)
}

fn columns(cursor: &Cursor) -> [Value; 8] {
    [
        cursor.writer.into(),
        cursor.last_sync.into(),
        cursor.from_seq.into(),
        cursor.upto_seq.into(),
        cursor.pulls.into(),
        cursor.pulled_at.into(),
        cursor.pushed_at.into(),
        cursor.clock_offset.into(),
    ]
}

/// The cursors of a token, which nobody else changes until the transaction ends.
pub(super) async fn locked(
    transaction: &DatabaseTransaction,
    token_id: Uuid,
) -> Result<Vec<Cursor>, DbErr> {
    let mut rows = sync_cursor::Entity::find().filter(sync_cursor::Column::TokenId.eq(token_id));
    if transaction.get_database_backend() == DbBackend::Postgres {
        let lock = Sql::both(LOCK_TOKEN).with(DbBackend::Postgres, [token_id.into()]);
        transaction.query_one_raw(lock).await?;
        // Against who replaces one without the token's lock.
        rows = rows.lock_exclusive();
    }
    let rows = rows.all(transaction).await?;
    Ok(rows.into_iter().map(Cursor::from).collect())
}

/// Writes new and changed cursors of a token, with one statement.
pub(super) async fn write(
    transaction: &DatabaseTransaction,
    token_id: Uuid,
    cursors: Vec<Cursor>,
) -> Result<(), DbErr> {
    if cursors.is_empty() {
        return Ok(());
    }
    let changing = sync_cursor::Column::iter().filter(|column| {
        !matches!(
            column,
            sync_cursor::Column::Id | sync_cursor::Column::TokenId
        )
    });
    sync_cursor::Entity::insert_many(cursors.into_iter().map(|cursor| cursor.into_row(token_id)))
        .on_conflict(
            OnConflict::column(sync_cursor::Column::Id)
                .update_columns(changing)
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}
