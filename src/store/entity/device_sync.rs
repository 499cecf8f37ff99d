//! The latest sync of a token that belongs to one device; `sync/exclusive.rs` explains the columns.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_syncs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_id: Uuid,
    pub writer: Uuid,
    pub revision: i64,
    pub number: i64,
    pub pulls: i64,
    pub last_sync: i64,
    pub told: i64,
    pub wrote: i64,
    pub end_seq: i64,
    pub first_end: i64,
    pub open_pulls: i64,
    pub open_pushes: i64,
    pub wrote_end: i64,
    pub pushed_at: i64,
    pub hold_until: i64,
    pub forgotten_before: i64,
    pub merged_at: i64,
    pub is_whole: bool,
    pub is_repeated: bool,
    pub has_owed: bool,
    pub has_missing: bool,
    pub resend: bool,
    pub is_merging: bool,
    pub pushed_from: Option<i64>,
    pub pushed_to: Option<i64>,
    /// JSON.
    pub inherited: Option<String>,
    /// JSON.
    pub usage: Option<String>,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::user::Entity>,
    #[sea_orm(belongs_to, from = "token_id", to = "id")]
    pub token: BelongsTo<super::api_token::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
