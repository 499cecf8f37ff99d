//! Projects, frames, and the tombstones of removed frames.

use sea_orm_migration::prelude::*;

/// Creates `projects`, `frames` and `tombstones` with indexes for a million frames.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(projects()).await?;
        manager
            .create_index(
                index("projects_user_name", "projects", &["user_id", "name"])
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager.create_table(frames()).await?;
        // For the delta of a sync. Unique, so that a wrong sequence number is an error, not a lost
        // frame.
        manager
            .create_index(
                index("frames_user_seq", "frames", &["user_id", "seq"])
                    .unique()
                    .to_owned(),
            )
            .await?;
        // For pages and reports by time.
        manager
            .create_index(index(
                "frames_user_start",
                "frames",
                &["user_id", "start_at", "id"],
            ))
            .await?;
        // For the frames of a project, and for its foreign key.
        manager
            .create_index(index(
                "frames_project_start",
                "frames",
                &["project_id", "start_at"],
            ))
            .await?;
        manager.create_table(tombstones()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["tombstones", "frames", "projects"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn projects() -> TableCreateStatement {
    Table::create()
        .table("projects")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(&mut belongs_to_user("projects"))
        .to_owned()
}

fn frames() -> TableCreateStatement {
    Table::create()
        .table("frames")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("project_id").uuid().not_null())
        .col(ColumnDef::new("start_at").big_integer().not_null())
        .col(ColumnDef::new("end_at").big_integer().not_null())
        .col(ColumnDef::new("tags").json_binary().not_null())
        .col(ColumnDef::new("seq").big_integer().not_null())
        .col(ColumnDef::new("written_by").uuid())
        .col(ColumnDef::new("updated_at").big_integer().not_null())
        .primary_key(Index::create().col("user_id").col("id"))
        .foreign_key(&mut belongs_to_user("frames"))
        .foreign_key(
            ForeignKey::create()
                .name("frames_project")
                .from("frames", "project_id")
                .to("projects", "id"),
        )
        .to_owned()
}

fn tombstones() -> TableCreateStatement {
    Table::create()
        .table("tombstones")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("frame_id").uuid().not_null())
        .col(ColumnDef::new("project").text().not_null())
        .col(ColumnDef::new("start_at").big_integer().not_null())
        .col(ColumnDef::new("end_at").big_integer().not_null())
        .col(ColumnDef::new("tags").json_binary().not_null())
        .col(ColumnDef::new("deleted_at").big_integer().not_null())
        .primary_key(Index::create().col("user_id").col("frame_id"))
        .foreign_key(&mut belongs_to_user("tombstones"))
        .to_owned()
}

fn belongs_to_user(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_user"))
        .from(table, "user_id")
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn index(name: &str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}
