//! Indexes of the few frames longer than a day. Only these overlap a day without a start on it or
//! on the day before.

use sea_orm_migration::prelude::*;

/// Creates the indexes `frames_user_long` and `frames_project_long`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // 24 hours in microseconds. A query must contain exactly this condition to use the index.
        for index in [
            "CREATE INDEX frames_user_long ON frames (user_id, start_at) WHERE end_at - start_at > 86400000000",
            "CREATE INDEX frames_project_long ON frames (project_id, start_at) WHERE end_at - start_at > 86400000000",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["frames_project_long", "frames_user_long"] {
            manager
                .drop_index(Index::drop().name(index).table("frames").to_owned())
                .await?;
        }
        Ok(())
    }
}
