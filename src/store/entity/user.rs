//! A user.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name that people type and see.
    #[sea_orm(unique)]
    pub login: String,
    /// The newest sequence number, for programs that do not know `frame_sequences`.
    pub seq: i64,
    pub created_at: i64,
    pub avatar_url: Option<String>,
    #[sea_orm(has_many)]
    pub tokens: HasMany<super::api_token::Entity>,
    #[sea_orm(has_many)]
    pub identities: HasMany<super::identity::Entity>,
    #[sea_orm(has_many)]
    pub sessions: HasMany<super::web_session::Entity>,
    #[sea_orm(has_many)]
    pub feeds: HasMany<super::calendar_feed::Entity>,
    #[sea_orm(has_many)]
    pub projects: HasMany<super::project::Entity>,
    #[sea_orm(has_many)]
    pub frames: HasMany<super::frame::Entity>,
    #[sea_orm(has_many)]
    pub invitations: HasMany<super::team_invitation::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
