//! The sequence that numbers the writes of a user's frames.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "frame_sequences")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The newest number. Writers hold the row's lock until they commit, so that numbers become visible
    /// in their order.
    pub seq: i64,
    /// When the database was restored from a backup; 0 if it was not, or if all devices were merged.
    pub restored_at: i64,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
