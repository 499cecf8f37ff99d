//! Teams, their members and project names, and the names that each member shares.

use sea_orm_migration::prelude::*;

/// Creates `teams`, `team_projects`, `team_members`, `team_shares` and `team_invitations`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            teams(),
            team_projects(),
            team_members(),
            team_shares(),
            team_invitations(),
        ] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("teams_owner_name", "teams", ["owner_id", "name"]),
            (
                "team_invitations_team_user",
                "team_invitations",
                ["team_id", "user_id"],
            ),
        ] {
            let [first, second] = columns;
            manager
                .create_index(
                    Index::create()
                        .name(name)
                        .table(table)
                        .col(first)
                        .col(second)
                        .unique()
                        .to_owned(),
                )
                .await?;
        }
        // For the teams and invitations of a user, and for the foreign keys.
        for table in ["team_members", "team_shares", "team_invitations"] {
            manager
                .create_index(
                    Index::create()
                        .name(format!("{table}_user"))
                        .table(table)
                        .col("user_id")
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "team_invitations",
            "team_shares",
            "team_members",
            "team_projects",
            "teams",
        ] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn teams() -> TableCreateStatement {
    Table::create()
        .table("teams")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("owner_id").uuid().not_null())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(&mut refers("teams", "owner_id", "users"))
        .to_owned()
}

fn team_projects() -> TableCreateStatement {
    Table::create()
        .table("team_projects")
        .col(ColumnDef::new("team_id").uuid().not_null())
        .col(ColumnDef::new("project").text().not_null())
        .col(ColumnDef::new("position").integer().not_null())
        .primary_key(Index::create().col("team_id").col("project"))
        .foreign_key(&mut refers("team_projects", "team_id", "teams"))
        .to_owned()
}

fn team_members() -> TableCreateStatement {
    Table::create()
        .table("team_members")
        .col(ColumnDef::new("team_id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("joined_at").big_integer().not_null())
        .primary_key(Index::create().col("team_id").col("user_id"))
        .foreign_key(&mut refers("team_members", "team_id", "teams"))
        .foreign_key(&mut refers("team_members", "user_id", "users"))
        .to_owned()
}

fn team_shares() -> TableCreateStatement {
    Table::create()
        .table("team_shares")
        .col(ColumnDef::new("team_id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("project").text().not_null())
        .primary_key(Index::create().col("team_id").col("user_id").col("project"))
        .foreign_key(&mut refers("team_shares", "team_id", "teams"))
        .foreign_key(&mut refers("team_shares", "user_id", "users"))
        .to_owned()
}

fn team_invitations() -> TableCreateStatement {
    Table::create()
        .table("team_invitations")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("team_id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(&mut refers("team_invitations", "team_id", "teams"))
        .foreign_key(&mut refers("team_invitations", "user_id", "users"))
        .to_owned()
}

fn refers(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{column}"))
        .from(table, column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
