//! Reads and writes `sync_cursors`, the table of shared tokens. `shared.rs` decides about cursors.
//!
//! A request reads the cursors with the token, decides, and writes the one that changes by
//! compare-and-swap, without a lock. If several cursors change, or another request was faster, it
//! decides again under the token's lock. SQL by hand: NULL is compared as a value.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, Iterable,
    QueryFilter, QuerySelect, Value,
};
use uuid::Uuid;

use super::shared::Cursor;
use crate::store::db::sql::Sql;
use crate::store::entity::sync_cursor;

macro_rules! replace {
    ($equals:literal) => {
        concat!(
            "UPDATE sync_cursors SET writer = $2, last_sync = $3, from_seq = $4, upto_seq = $5, \
                pulls = $6, pulled_at = $7, pushed_at = $8, clock_offset = $9 \
             WHERE id = $1 AND writer = $10 AND last_sync = $11 AND from_seq = $12 \
                AND upto_seq = $13 AND pulls = $14 AND pulled_at = $15 AND pushed_at ",
            $equals,
            " $16 AND clock_offset ",
            $equals,
            " $17"
        )
    };
}

const REPLACE: Sql = Sql {
    postgres: replace!("IS NOT DISTINCT FROM"),
    sqlite: replace!("IS"),
};

/// Serializes the requests of one token; on SQLite the transaction does.
const LOCK_TOKEN: &str = "SELECT id FROM api_tokens WHERE id = $1 FOR UPDATE";

/// Compare-and-swap of the only changed cursor. Returns `false` if it is not as it was read, or if
/// several change.
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

/// The cursors of a token, locked until the transaction ends.
pub(super) async fn lock_cursors(
    transaction: &DatabaseTransaction,
    token_id: Uuid,
) -> Result<Vec<Cursor>, DbErr> {
    let mut rows = sync_cursor::Entity::find().filter(sync_cursor::Column::TokenId.eq(token_id));
    if transaction.get_database_backend() == DbBackend::Postgres {
        let lock = Sql::both(LOCK_TOKEN).with(DbBackend::Postgres, [token_id.into()]);
        transaction.query_one_raw(lock).await?;
        // Requests that compare and swap do not take the token's lock.
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
