//! A frame that was pushed and cannot be stored.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refused_frames")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The nil UUID for a user who signed in without a token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_id: Uuid,
    /// The frame's id as Watson shows it, or as it was sent; empty without one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub frame: String,
    /// What the frame is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub description: String,
    /// Why it cannot be stored.
    pub reason: String,
    pub refused_at: i64,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
