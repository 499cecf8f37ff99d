//! Pushed frames that cannot be stored.

use sea_orm_migration::prelude::*;

/// Creates `refused_frames`, which show a user what to fix on a device.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(refused_frames()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("refused_frames").to_owned();
        manager.drop_table(table).await
    }
}

fn refused_frames() -> TableCreateStatement {
    Table::create()
        .table("refused_frames")
        .col(ColumnDef::new("user_id").uuid().not_null())
        // The nil UUID without a device. No foreign key, because the row of a token is deleted only
        // with its user.
        .col(ColumnDef::new("token_id").uuid().not_null())
        // As sent, because it may not be a UUID; empty without one.
        .col(ColumnDef::new("frame").text().not_null())
        .col(ColumnDef::new("description").text().not_null())
        .col(ColumnDef::new("reason").text().not_null())
        .col(ColumnDef::new("refused_at").big_integer().not_null())
        .primary_key(
            Index::create()
                .col("user_id")
                .col("token_id")
                .col("frame")
                .col("description"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("refused_frames_user")
                .from("refused_frames", "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
