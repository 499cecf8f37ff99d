//! Identities of an issuer, scopes of tokens, and an index to find users by a prefix of their
//! login.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Creates `identities`, adds `users.avatar_url` and `api_tokens.scopes`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table("users")
                    .add_column(ColumnDef::new("avatar_url").text())
                    .to_owned(),
            )
            .await?;
        // The rights of tokens before there were scopes, which older programs still assume.
        manager
            .alter_table(
                Table::alter()
                    .table("api_tokens")
                    .add_column(
                        ColumnDef::new("scopes")
                            .text()
                            .not_null()
                            .default("sync read"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("identities")
                    .col(ColumnDef::new("issuer").text().not_null())
                    .col(ColumnDef::new("subject").text().not_null())
                    .col(ColumnDef::new("user_id").uuid().not_null())
                    .col(ColumnDef::new("created_at").big_integer().not_null())
                    .primary_key(Index::create().col("issuer").col("subject"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("identities_user")
                            .from("identities", "user_id")
                            .to("users", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("identities_user")
                    .table("identities")
                    .col("user_id")
                    .to_owned(),
            )
            .await?;
        // PostgreSQL needs this operator class to find prefixes; SQLite serves few users.
        let index = match manager.get_database_backend() {
            DbBackend::Postgres => {
                "CREATE INDEX users_login_prefix ON users (lower(login) text_pattern_ops)"
            }
            _ => "CREATE INDEX users_login_prefix ON users (lower(login))",
        };
        manager
            .get_connection()
            .execute_unprepared(index)
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Without scopes every token may sync, so tokens with other scopes must not remain.
        manager
            .get_connection()
            .execute_unprepared(
                "UPDATE api_tokens SET revoked_at = created_at WHERE scopes <> 'sync read' AND revoked_at IS NULL",
            )
            .await?;
        manager
            .drop_index(
                Index::drop()
                    .name("users_login_prefix")
                    .table("users")
                    .to_owned(),
            )
            .await?;
        manager
            .drop_table(Table::drop().table("identities").to_owned())
            .await?;
        for (table, column) in [("api_tokens", "scopes"), ("users", "avatar_url")] {
            manager
                .alter_table(Table::alter().table(table).drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
