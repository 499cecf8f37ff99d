//! The state of a token's syncs when a request arrives.
//!
//! SQL by hand: the token, its user and this state are read in one round trip.

use sea_orm::{ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _, QueryResult, Value};
use uuid::Uuid;

use super::device_table::{read_past, read_sync, sync_columns};
use super::exclusive::{Arrival, DeviceSync, PastSync};
use super::shared::Cursor;
use crate::store::accounts::caller::find_token;
use crate::store::db::secret::hash;
use crate::store::db::sql::Sql;
use crate::store::entity::sync_cursor;
use crate::store::{Caller, Clock, Store, StoreError};

/// The state of a token's syncs, as it was when the request's token was looked up.
#[derive(Clone, Debug)]
pub struct SyncState {
    /// The user's newest sequence number.
    pub(super) seq: i64,
    /// When the database was restored from a backup; 0 if it was not or the merging has ended.
    pub(super) restored_at: i64,
    /// Shows the database's time, which all servers of the database share.
    pub(super) clock: Clock,
    /// For an exclusive token: the state when the request arrived. The body of a push may take so
    /// long that `devices` is outdated and the pull's late note written.
    pub(super) arrival: Arrival,
    pub(super) devices: Devices,
    pub(super) has_refused: bool,
}

impl SyncState {
    /// Whether refused frames of the token are recorded.
    #[must_use]
    pub fn has_refused(&self) -> bool {
        self.has_refused
    }
}

/// The devices that use a token.
#[derive(Clone, Debug)]
pub(super) enum Devices {
    /// An exclusive token.
    One(Box<OneDevice>),
    /// A shared token: one cursor for each device, as far as they can be told apart.
    Several(Vec<Cursor>),
}

/// What is stored about the device of an exclusive token.
#[derive(Clone, Debug)]
pub(super) struct OneDevice {
    pub(super) under_way: Option<DeviceSync>,
    /// The past sync with the `last_sync` that the device presents.
    pub(super) past: Option<PastSync>,
}

/// Further columns and tables of a statement that finds a token.
macro_rules! state_columns {
    () => {
        concat!(
            ", EXISTS (SELECT 1 FROM refused_frames r \
                WHERE r.user_id = t.user_id AND r.token_id = t.id) AS has_refused, \
             t.is_shared, s.seq, s.restored_at, d.writer, ",
            sync_columns!(list "d." ""),
            ", p.number AS past_number, p.last_sync AS past_last_sync, p.told AS past_told, \
             p.wrote AS past_wrote, p.pushed AS past_pushed"
        )
    };
}
macro_rules! state_tables {
    () => {
        " JOIN frame_sequences s ON s.user_id = t.user_id \
          LEFT JOIN device_syncs d ON d.user_id = t.user_id AND d.token_id = t.id \
          LEFT JOIN past_syncs p ON p.user_id = t.user_id AND p.token_id = t.id \
             AND p.last_sync = $2"
    };
}
macro_rules! postgres_clock {
    () => {
        ", (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS clock"
    };
}

/// By the token's hash.
const FIND: Sql = Sql {
    postgres: find_token!(state_columns!(), postgres_clock!(); state_tables!()),
    sqlite: find_token!(state_columns!(); state_tables!()),
};

/// By the token's id, after the request has waited.
const FIND_AGAIN: Sql = Sql {
    postgres: concat!(
        "SELECT t.id",
        state_columns!(),
        postgres_clock!(),
        " FROM api_tokens t",
        state_tables!(),
        " WHERE t.id = $1"
    ),
    sqlite: concat!(
        "SELECT t.id",
        state_columns!(),
        " FROM api_tokens t",
        state_tables!(),
        " WHERE t.id = $1"
    ),
};

impl Store {
    /// [`Store::authenticate`] with the state of the token's syncs, which the same statement reads.
    /// A pull presents `last_sync`.
    ///
    /// # Errors
    /// A failure of the database says nothing about the token.
    pub async fn authenticate_for_sync(
        &self,
        token: &str,
        last_sync: Option<jiff::Timestamp>,
    ) -> Result<Option<(Caller, SyncState)>, StoreError> {
        let last_sync = last_sync.map(jiff::Timestamp::as_microsecond);
        let hash = hash(token);
        let values = [Value::from(hash.clone()), last_sync.into()];
        let Some(row) = FIND.one(&self.reader, values).await? else {
            return Ok(None);
        };
        let Some(caller) = self.read_caller(&row, hash).await? else {
            return Ok(None);
        };
        Ok(Some((caller, self.read_state(&row).await?)))
    }

    /// The state of a token's syncs now.
    pub(super) async fn sync_state(
        &self,
        token_id: Uuid,
        last_sync: Option<i64>,
    ) -> Result<SyncState, StoreError> {
        let row = FIND_AGAIN.one(&self.writer, [token_id.into(), last_sync.into()]);
        let row = row.await?.ok_or(StoreError::UserGone)?;
        self.read_state(&row).await
    }

    async fn read_state(&self, row: &QueryResult) -> Result<SyncState, StoreError> {
        let token_id: Uuid = row.try_get("", "id")?;
        let (arrival, devices) = if row.try_get("", "is_shared")? {
            (
                Arrival::at(None),
                Devices::Several(self.cursors(token_id).await?),
            )
        } else {
            let stored = read_sync(row)?;
            let newest = self.late_notes.newest(token_id, stored.clone());
            let one = OneDevice {
                under_way: stored,
                past: read_past(row)?,
            };
            (Arrival::at(newest.as_ref()), Devices::One(Box::new(one)))
        };
        let clock = if self.is_postgres() {
            self.clock.of_database(row.try_get("", "clock")?)
        } else {
            self.clock.of_database(self.clock.now())
        };
        Ok(SyncState {
            seq: row.try_get("", "seq")?,
            restored_at: row.try_get("", "restored_at")?,
            clock,
            arrival,
            devices,
            has_refused: row.try_get("", "has_refused")?,
        })
    }

    async fn cursors(&self, token_id: Uuid) -> Result<Vec<Cursor>, DbErr> {
        let of_token = sync_cursor::Column::TokenId.eq(token_id);
        let rows = sync_cursor::Entity::find()
            .filter(of_token)
            .all(&self.reader);
        Ok(rows.await?.into_iter().map(Cursor::from).collect())
    }
}
