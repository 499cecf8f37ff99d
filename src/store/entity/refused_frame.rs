//! A frame that a device pushed and that cannot be stored.

use sea_orm::entity::prelude::*;

/// A row of `refused_frames`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refused_frames")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The device's token; the nil UUID for somebody who signed in without one.
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
    /// Microseconds since 1970.
    pub refused_at: i64,
}

/// Relations are written out where they are joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
