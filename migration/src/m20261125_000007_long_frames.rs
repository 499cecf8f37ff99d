//! Frames that are longer than a day: few, and the only ones that overlap a day without having begun on it or on the day
//! before.

use sea_orm_migration::prelude::*;

/// Creates the index `frames_user_long`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // 24 hours in microseconds. A query uses the index if it has the same condition, in the same words.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE INDEX frames_user_long ON frames (user_id, start_at) WHERE end_at - start_at > 86400000000",
            )
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("frames_user_long")
                    .table("frames")
                    .to_owned(),
            )
            .await
    }
}
