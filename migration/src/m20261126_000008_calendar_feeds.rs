//! Calendar feeds: data for a calendar program, at a secret address whose hash is stored.

use sea_orm_migration::prelude::*;

/// Creates `calendar_feeds`. A feed is deleted with its owner, its token or its team.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(calendar_feeds()).await?;
        // For the feeds of a user, and for the foreign keys.
        for (name, column) in [
            ("calendar_feeds_user", "user_id"),
            ("calendar_feeds_team", "team_id"),
            ("calendar_feeds_token", "token_id"),
        ] {
            let index = Index::create()
                .name(name)
                .table("calendar_feeds")
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("calendar_feeds").to_owned();
        manager.drop_table(table).await
    }
}

fn calendar_feeds() -> TableCreateStatement {
    Table::create()
        .table("calendar_feeds")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("hash").binary().not_null().unique_key())
        .col(ColumnDef::new("name").text().not_null())
        // JSON lists of strings.
        .col(ColumnDef::new("projects").text().not_null())
        .col(ColumnDef::new("tags").text().not_null())
        .col(ColumnDef::new("team_id").uuid())
        .col(ColumnDef::new("days_back").integer().not_null())
        .col(ColumnDef::new("token_id").uuid())
        // Identifies the token itself: its row stays when a device gets a new token.
        .col(ColumnDef::new("token_hash").binary())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("last_used_at").big_integer())
        .col(ColumnDef::new("expires_at").big_integer())
        .foreign_key(&mut refers("user_id", "users"))
        .foreign_key(&mut refers("team_id", "teams"))
        .foreign_key(&mut refers("token_id", "api_tokens"))
        .to_owned()
}

fn refers(column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("calendar_feeds_{column}"))
        .from("calendar_feeds", column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
