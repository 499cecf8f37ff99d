//! A token. A revoked one keeps its row, so that a new token for the same device keeps its place in
//! the sequence of frames.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub struct Model {
    /// Stays the same when the token of a device is replaced.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    /// The device's name, unique for one user.
    pub device: String,
    /// SHA-256 of the token. The token has 256 random bits, so a plain hash cannot be searched.
    pub hash: Vec<u8>,
    pub created_at: i64,
    /// To the minute.
    pub last_used_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub revoked_at: Option<i64>,
    /// The names of the scopes, separated by blanks.
    pub scopes: String,
    /// Whether several devices use it.
    pub is_shared: bool,
    /// When that was found out, unless the token was created as a shared one.
    pub found_shared_at: Option<i64>,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::user::Entity>,
    #[sea_orm(has_many)]
    pub cursors: HasMany<super::sync_cursor::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
