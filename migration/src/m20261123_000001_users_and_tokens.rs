//! Users, and the tokens of their devices.

use sea_orm_migration::prelude::*;

/// Creates `schema_compatibility`, `users` and `api_tokens`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("schema_compatibility")
                    .col(ColumnDef::new("step").string().not_null().primary_key())
                    .col(ColumnDef::new("oldest_level").integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("users")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("login").text().not_null().unique_key())
                    .col(ColumnDef::new("seq").big_integer().not_null().default(0))
                    .col(ColumnDef::new("created_at").big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("api_tokens")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("user_id").uuid().not_null())
                    .col(ColumnDef::new("device").text().not_null())
                    .col(ColumnDef::new("hash").binary().not_null().unique_key())
                    .col(ColumnDef::new("created_at").big_integer().not_null())
                    .col(ColumnDef::new("last_used_at").big_integer())
                    .col(ColumnDef::new("expires_at").big_integer())
                    .col(ColumnDef::new("revoked_at").big_integer())
                    .foreign_key(
                        ForeignKey::create()
                            .name("api_tokens_user")
                            .from("api_tokens", "user_id")
                            .to("users", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("api_tokens_user_device")
                    .table("api_tokens")
                    .col("user_id")
                    .col("device")
                    .unique()
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["api_tokens", "users", "schema_compatibility"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
