//! A calendar feed.

use std::fmt;
use std::str::FromStr;

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_feeds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    /// SHA-256 of the secret in its address.
    pub hash: Vec<u8>,
    pub name: String,
    pub projects: TextList,
    pub tags: TextList,
    pub team_id: Option<Uuid>,
    pub days_back: i32,
    /// The token that created it; `None` for a sign-in with an issuer.
    pub token_id: Option<Uuid>,
    /// The hash of the token at that time. The feed ends with the token.
    pub token_hash: Option<Vec<u8>>,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
    pub expires_at: Option<i64>,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::user::Entity>,
    #[sea_orm(belongs_to, from = "team_id", to = "id")]
    pub team: BelongsTo<Option<super::team::Entity>>,
    #[sea_orm(belongs_to, from = "token_id", to = "id")]
    pub token: BelongsTo<Option<super::api_token::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Texts as a JSON list in a text column.
#[derive(Clone, Debug, PartialEq, Eq, DeriveValueType)]
#[sea_orm(value_type = "String")]
pub struct TextList(pub Vec<String>);

impl fmt::Display for TextList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&json)
    }
}

impl FromStr for TextList {
    type Err = serde_json::Error;

    fn from_str(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).map(Self)
    }
}
