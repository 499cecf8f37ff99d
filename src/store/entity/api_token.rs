//! The token of one device.

use sea_orm::entity::prelude::*;

/// A row of `api_tokens`. A revoked token keeps its row, so that a new token for the same device keeps its place in the
/// sequence of frames.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub struct Model {
    /// Stays the same when the token of a device is replaced.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// The device's name, unique for one user.
    pub device: String,
    /// SHA-256 of the token. The token has 256 random bits, so a plain hash cannot be searched.
    pub hash: Vec<u8>,
    /// Microseconds since 1970, as all that follow.
    pub created_at: i64,
    /// To the minute; none when never used.
    pub last_used_at: Option<i64>,
    /// None: never.
    pub expires_at: Option<i64>,
    /// None: it is valid.
    pub revoked_at: Option<i64>,
    /// The names of what it allows, with blanks between them.
    pub scopes: String,
    /// Whether several devices use it.
    pub is_shared: bool,
    /// When that was found out, if it was not said when the token was created.
    pub found_shared_at: Option<i64>,
}

/// Relations are written out where they are joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
