//! A browser's session on the dashboard.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "web_sessions")]
pub struct Model {
    /// SHA-256 of the cookie's secret.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
    pub user_id: Uuid,
    /// The token that began it; `None` for a sign-in with an issuer.
    pub token_id: Option<Uuid>,
    /// The hash of the token at that time. The session ends with the token.
    pub token_hash: Option<Vec<u8>>,
    /// The name of the time zone of its pages.
    pub zone: String,
    pub created_at: i64,
    pub last_used_at: i64,
    pub expires_at: i64,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::user::Entity>,
    #[sea_orm(belongs_to, from = "token_id", to = "id")]
    pub token: BelongsTo<Option<super::api_token::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
