//! Sessions of the dashboard.

use sea_orm_migration::prelude::*;

/// Creates `web_sessions`. A session is deleted with its user or its token.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(web_sessions()).await?;
        // For the foreign keys, and for the expired sessions of a user.
        for (name, column) in [
            ("web_sessions_user", "user_id"),
            ("web_sessions_token", "token_id"),
        ] {
            let index = Index::create()
                .name(name)
                .table("web_sessions")
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("web_sessions").to_owned();
        manager.drop_table(table).await
    }
}

fn web_sessions() -> TableCreateStatement {
    Table::create()
        .table("web_sessions")
        .col(ColumnDef::new("hash").binary().not_null().primary_key())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("token_id").uuid())
        // Identifies the token itself: its row stays when a device gets a new token.
        .col(ColumnDef::new("token_hash").binary())
        .col(ColumnDef::new("zone").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("last_used_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .foreign_key(&mut refers("user_id", "users"))
        .foreign_key(&mut refers("token_id", "api_tokens"))
        .to_owned()
}

fn refers(column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("web_sessions_{column}"))
        .from("web_sessions", column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
