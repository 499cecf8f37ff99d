//! A frame that a device is sent although it wrote it.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "owed_frames")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_id: Uuid,
    /// The number of the sync that sends it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sync: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub frame_id: Uuid,
    /// It is no longer owed when the frame has another number.
    pub seq: i64,
    #[sea_orm(belongs_to, from = "(user_id, frame_id)", to = "(user_id, id)")]
    pub frame: BelongsTo<super::frame::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
