//! The index that the foreign key of the next step refers to.

use sea_orm_migration::prelude::*;

/// Creates the unique index `projects_user_id`. A separate step, because pushes wait while the
/// index is built.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::create()
            .name("projects_user_id")
            .table("projects")
            .col("user_id")
            .col("id")
            .unique()
            .to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop()
            .name("projects_user_id")
            .table("projects")
            .to_owned();
        manager.drop_index(index).await
    }
}
