//! How far each Watson installation has synced.

use sea_orm_migration::prelude::*;

/// Creates `sync_cursors`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("sync_cursors")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("token_id").uuid().not_null())
                    .col(ColumnDef::new("writer").uuid().not_null())
                    .col(ColumnDef::new("last_sync").big_integer().not_null())
                    .col(ColumnDef::new("from_seq").big_integer().not_null())
                    .col(ColumnDef::new("upto_seq").big_integer().not_null())
                    .col(ColumnDef::new("pulls").integer().not_null())
                    .col(ColumnDef::new("pulled_at").big_integer().not_null())
                    .col(ColumnDef::new("pushed_at").big_integer())
                    .col(ColumnDef::new("clock_offset").big_integer())
                    .foreign_key(
                        ForeignKey::create()
                            .name("sync_cursors_token")
                            .from("sync_cursors", "token_id")
                            .to("api_tokens", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("sync_cursors_token")
                    .table("sync_cursors")
                    .col("token_id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("sync_cursors").to_owned())
            .await
    }
}
