//! How far a device that shares its token has synced; `sync/shared.rs` explains the columns.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use crate::store::sync::shared::Cursor;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_cursors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub token_id: Uuid,
    pub writer: Uuid,
    pub last_sync: i64,
    pub from_seq: i64,
    pub upto_seq: i64,
    pub pulls: i32,
    pub pulled_at: i64,
    pub pushed_at: Option<i64>,
    pub clock_offset: Option<i64>,
    #[sea_orm(belongs_to, from = "token_id", to = "id")]
    pub token: BelongsTo<super::api_token::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Cursor {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            writer: row.writer,
            last_sync: row.last_sync,
            from_seq: row.from_seq,
            upto_seq: row.upto_seq,
            pulls: row.pulls,
            pulled_at: row.pulled_at,
            pushed_at: row.pushed_at,
            clock_offset: row.clock_offset,
        }
    }
}

impl Cursor {
    /// The row of this cursor for the token `token_id`.
    pub(in crate::store) fn into_row(self, token_id: Uuid) -> ActiveModel {
        ActiveModel {
            id: Set(self.id),
            token_id: Set(token_id),
            writer: Set(self.writer),
            last_sync: Set(self.last_sync),
            from_seq: Set(self.from_seq),
            upto_seq: Set(self.upto_seq),
            pulls: Set(self.pulls),
            pulled_at: Set(self.pulled_at),
            pushed_at: Set(self.pushed_at),
            clock_offset: Set(self.clock_offset),
        }
    }
}
