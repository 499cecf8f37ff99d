//! An earlier sync of a token that belongs to one device.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "past_syncs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub last_sync: i64,
    pub number: i64,
    pub told: i64,
    pub wrote: i64,
    /// JSON: ranges of sequence numbers.
    pub pushed: String,
    pub noted_at: i64,
    #[sea_orm(belongs_to, from = "token_id", to = "id")]
    pub token: BelongsTo<super::api_token::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
