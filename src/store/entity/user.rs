//! A person.

use sea_orm::entity::prelude::*;

/// A row of `users`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Chosen by the server.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name a person is known by, unique.
    #[sea_orm(unique)]
    pub login: String,
    /// The newest sequence number given to a frame of theirs. Whoever takes the next one holds this row's lock until
    /// the frame that carries it is committed, so that a reader who sees a number sees all frames up to it.
    pub seq: i64,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// A picture of them; none when nobody told.
    pub avatar_url: Option<String>,
}

/// Relations are written out where they are joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
