//! Whom an issuer's tokens are about.

use sea_orm::entity::prelude::*;

/// A row of `identities`: the user behind a subject of an issuer. A user may have several.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identities")]
pub struct Model {
    /// The `iss` of the tokens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub issuer: String,
    /// Their `sub`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// Who that is here.
    pub user_id: Uuid,
    /// Microseconds since 1970.
    pub created_at: i64,
}

/// Relations are written out where they are joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
