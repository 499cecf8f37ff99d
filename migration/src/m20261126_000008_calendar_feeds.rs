//! Calendar feeds: what a calendar program may read by an address that is a secret, of which the hash is kept.

use sea_orm_migration::prelude::*;

/// Creates `calendar_feeds`. A feed ends with its owner, with the token by which it was made, and a team's with the team.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(calendar_feeds()).await?;
        // A user's list, and the foreign keys' own checks.
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
        // JSON lists of texts, which are read and written as they are.
        .col(ColumnDef::new("projects").text().not_null())
        .col(ColumnDef::new("tags").text().not_null())
        .col(ColumnDef::new("team_id").uuid())
        .col(ColumnDef::new("days_back").integer().not_null())
        .col(ColumnDef::new("token_id").uuid())
        // The token as it was: its row stays when the token of a device is replaced.
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
