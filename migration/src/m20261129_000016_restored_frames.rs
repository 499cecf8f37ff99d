//! The frames in the backup from which the database was restored.

use sea_orm_migration::prelude::*;

/// Creates `restored_frames`: a copy of the frames of each user whose devices must be merged with
/// the restored database.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("restored_frames")
            .col(ColumnDef::new("user_id").uuid().not_null())
            .col(ColumnDef::new("id").uuid().not_null())
            .col(ColumnDef::new("project").text().not_null())
            .col(ColumnDef::new("start_at").big_integer().not_null())
            .col(ColumnDef::new("end_at").big_integer().not_null())
            .col(ColumnDef::new("tags").json_binary().not_null())
            .col(ColumnDef::new("seq").big_integer().not_null())
            .col(ColumnDef::new("written_by").uuid())
            .primary_key(Index::create().col("user_id").col("id"))
            .foreign_key(
                ForeignKey::create()
                    .name("restored_frames_user")
                    .from("restored_frames", "user_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("restored_frames").to_owned();
        manager.drop_table(table).await
    }
}
