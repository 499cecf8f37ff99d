//! A team.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "teams")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    /// Unique among the owner's teams.
    pub name: String,
    pub created_at: i64,
    #[sea_orm(belongs_to, from = "owner_id", to = "id")]
    pub owner: BelongsTo<super::user::Entity>,
    #[sea_orm(has_many)]
    pub projects: HasMany<super::team_project::Entity>,
    #[sea_orm(has_many)]
    pub members: HasMany<super::team_member::Entity>,
    #[sea_orm(has_many)]
    pub shares: HasMany<super::team_share::Entity>,
    #[sea_orm(has_many)]
    pub invitations: HasMany<super::team_invitation::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
