//! People who sign in with an issuer's tokens, what a device's token may do, and finding people by the beginning of
//! their login.

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
        // What every token could do before there were scopes, and what programs of that time still mean.
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
        // PostgreSQL compares prefixes by an index only with this operator class; SQLite serves few people.
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
        // Without scopes a token may sync. One that may not, or may more, is not to become one that does.
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
