//! The check of the frames that were there before `frames_user_project`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Validates the constraint, while frames are read and written as ever: a step of its own, because the one before locks
/// the table until it is done.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        manager
            .get_connection()
            .execute_unprepared("ALTER TABLE frames VALIDATE CONSTRAINT frames_user_project")
            .await?;
        Ok(())
    }

    /// A constraint that has been checked stays so.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
